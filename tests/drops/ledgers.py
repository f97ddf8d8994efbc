"""A pretended ledger that takes sealed bytes, too, and keeps what it got where another process can look."""

import json
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ledger.domain.cid import cid_of
from ledger.domain.statement import Statement, StatementFile
from tests.client.door import Door
from tests.client.pretend import Pretend, problem


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
    """

    folder: Path | None = None
    no_entry: str | None = None
    refuse_kind: str | None = None
    stored: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, StatementFile] = field(default_factory=dict)
    offered: list[dict[str, str]] = field(default_factory=list)
    matches: list[dict[str, str]] = field(default_factory=list)
    uploads: dict[str, tuple[str, int, bytes]] = field(default_factory=dict)

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

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        path = request.url.path
        if self.no_entry is not None and path == "/v1/sessions" and not self.down:
            return problem(401, self.no_entry, "this key opens nothing")
        if path.startswith("/v1/uploads") and not self.down:
            return self._upload(request, path)
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
