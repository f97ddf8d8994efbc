"""A pretended ledger that takes sealed bytes, too, and keeps what it got where another process can look."""

import json
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pyrage

from ledger.domain.cid import cid_of
from ledger.domain.fields import b64url
from ledger.domain.key_use import USE_STATEMENTS
from ledger.domain.statement import Statement, StatementFile
from ledger.domain.wrapped import Batch
from ledger.verification.sealed import unwrap_secret
from tests.builders import EXPORTER, Author, a_signer
from tests.catalogue.office import a_thing
from tests.client.door import Door
from tests.client.pretend import Pretend, problem

OWNER = pyrage.x25519.Identity.from_str(
    "AGE-SECRET-KEY-1NF278WX6S4JKXZQLAEUJEJQYLZX9WAK5C5LMCZKAXVUNZVQ0DTGQVEGUVC"
)
"""Opens what is wrapped for the organisation itself."""


@dataclass
class Ledger(Pretend):
    """A ledger in memory with uploads.

    Args:
        folder: Keeps what it took beyond the end of the process; None to keep nothing.
        refuse_kind: Kind of statement that is refused for good.
        no_entry: Code with which logins are refused, None to let everybody in.
        stored: Sealed bytes by CID.
        offered: Fingerprints that it was shown.
        matches: What it answers to them.
        files: The statements that it took, by id.
        keys: For which keys the drop's organisation reads; none when it has not said.
        left: Wrapped secrets that were left with it, by CID.
        erased: CIDs of items of which it keeps nothing any more.
    """

    folder: Path | None = None
    no_entry: str | None = None
    refuse_kind: str | None = None
    stored: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, StatementFile] = field(default_factory=dict)
    offered: list[dict[str, str]] = field(default_factory=list)
    matches: list[dict[str, str]] = field(default_factory=list)
    uploads: dict[str, tuple[str, int, bytes]] = field(default_factory=dict)
    keys: tuple[str, ...] = (str(OWNER.to_public()),)
    left: dict[str, bytes] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        Door(self)
        if self.folder is not None:
            self.folder.mkdir(exist_ok=True)
            for path in sorted(self.folder.glob("*.statement"), key=lambda one: one.stat().st_mtime_ns):
                file = StatementFile.parse(path.read_bytes())
                self._keep(file)
                self.log.append(path.stem)
            for path in self.folder.glob("*.sealed"):
                self.stored[path.stem] = path.read_bytes()
            for path in self.folder.glob("*.left"):
                self.left[path.stem] = path.read_bytes()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        path = request.url.path
        if self.no_entry is not None and path == "/v1/sessions" and not self.down:
            return problem(401, self.no_entry, "this key opens nothing")
        if path.startswith("/v1/uploads") and not self.down:
            return self._upload(request, path)
        if path.startswith(("/v1/organisations/", "/v1/evidence/secrets")) and not self.down:
            return self._kept(request, path)
        if path == "/v1/fingerprints" and not self.down:
            self.offered.append(json.loads(request.content))
            return httpx.Response(200, json={"matches": self.matches})
        if path == "/v1/statements" and not self.down:
            said = Statement.parse(StatementFile.parse(request.content).statement)
            if said.kind == self.refuse_kind:
                return problem(403, "kind-not-allowed", "not this kind")
        before = len(self.log)
        try:
            return super().__call__(request)
        finally:
            if len(self.log) > before:
                self._keep(StatementFile.parse(request.content))
                if self.folder is not None:
                    (self.folder / f"{self.log[-1]}.statement").write_bytes(request.content)

    def opened_by_owner(self) -> set[str]:
        """Return the CIDs of items whose secrets the organisation itself can open."""
        return {cid for cid, wrapped in self.left.items() if unwrap_secret(wrapped, [OWNER])}

    def _kept(self, request: httpx.Request, path: str) -> httpx.Response:
        if path == "/v1/evidence/secrets":
            return self._leave(Batch.parse(json.loads(request.content)))
        key = {"cose_key": b64url(a_signer(EXPORTER).key.encoded), "use": USE_STATEMENTS}
        if not path.endswith("/encryption-key"):
            return httpx.Response(200, json={"uri": EXPORTER, "keys": [key]})
        if not self.keys:
            return problem(404, "no-encryption-key", "it has not said")
        author = Author(EXPORTER, a_signer(EXPORTER), self.genesis.audience)
        about = a_thing("organisation", "EXPORTER", iss=EXPORTER)
        signed = author.says("encryption-key", about, {"recipients": [*self.keys]})
        return httpx.Response(200, content=StatementFile(signed.raw, signed.disclosures).encode())

    def _leave(self, batch: Batch) -> httpx.Response:
        self.asked.append(("POST", "/v1/evidence/secrets"))
        assert (batch.for_, batch.record) == (EXPORTER, None)
        cids = {one.cid for one in batch.secrets}
        if cids & self.erased:
            return problem(410, "erased", "it was erased")
        if not cids <= set(self.stored):
            return problem(403, "item-of-another", "not yours")
        for one in batch.secrets:
            self.left[one.cid] = one.wrapped
            if self.folder is not None:
                (self.folder / f"{one.cid}.left").write_bytes(one.wrapped)
        return httpx.Response(200, json={"stored": len(batch.secrets), "waiting": 0})

    @property
    def claims(self) -> list[Statement]:
        """What was claimed, in the order of the log."""
        return [one for one in self._statements() if one.kind != "reading"]

    @property
    def readings(self) -> list[Statement]:
        """What was read, in the order of the log."""
        return [one for one in self._statements() if one.kind == "reading"]

    def body(self, statement: Statement) -> dict[str, object]:
        """Return the revealed body of a statement."""
        return dict(statement.reveal(self.files[statement.id.hex()].disclosures))

    def _statements(self) -> list[Statement]:
        return [Statement.parse(self.files[name].statement) for name in self.log]

    def _keep(self, file: StatementFile) -> None:
        self.files[Statement.parse(file.statement).id.hex()] = file

    def _upload(self, request: httpx.Request, path: str) -> httpx.Response:
        self.asked.append((request.method, path))
        if request.method == "POST":
            cid = b64decode(request.headers["upload-metadata"].removeprefix("cid ")).decode()
            where = f"/v1/uploads/{len(self.uploads)}"
            self.uploads[where] = (cid, int(request.headers["upload-length"]), b"")
            return httpx.Response(201, headers={"Location": where})
        if path not in self.uploads:
            return problem(404, "no-upload", "none")
        cid, length, data = self.uploads[path]
        if request.method == "PATCH":
            data += request.content
            self.uploads[path] = (cid, length, data)
            if len(data) == length:
                assert cid_of([data]) == cid
                self.stored[cid] = data
                if self.folder is not None:
                    (self.folder / f"{cid}.sealed").write_bytes(data)
        return httpx.Response(204, headers={"Upload-Offset": str(len(data))})
