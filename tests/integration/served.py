"""A `corridor up` in a process of its own, and organisations that speak to it by commands and over HTTP."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyrage

from ledger.domain.clock import system_clock
from ledger.domain.evidence import EvidenceItem
from ledger.domain.fields import from_b64url
from ledger.domain.genesis import Genesis
from ledger.domain.login import TYP, sign_login
from ledger.keys.files import KeyFile, KeyKind
from ledger.verification.sealed import unwrap_secret
from tests.builders import ORIGIN_PORT, a_signer
from tests.cli.users import Users
from tests.integration.stage import ROLES
from tests.integration.up import PASSPHRASE, Up, enrol_from_outside, genesis_of, prepare
from tests.integration.waiting import wait_until

SETTINGS = """
checkpoint_seconds = 0.2
anchor_seconds = 0.2
finality_depth = 1
"""
OPERATOR = ORIGIN_PORT
"""The organisation that runs the ledger, and signs what its readers find."""


@dataclass(frozen=True)
class Taken:
    """An item that was sent in the clear.

    Args:
        item: What a statement says of it.
        secret: Opens it.
    """

    item: EvidenceItem
    secret: str


class Served(Users):
    """A ledger that is served, and who speaks to it.

    Args:
        folder: Where everybody's files lie.
        data: The ledger's data folder.
        up: Its process.
        http: Asks it.
    """

    def __init__(self, folder: Path, data: Path, up: Up, http: httpx.Client) -> None:
        super().__init__(folder)
        # Files of an earlier run stay as they are.
        self.made = len(list(folder.iterdir()))
        self.data = data
        self.up = up
        self.http = http
        self.genesis: Genesis = genesis_of(data)
        self.identity = folder / "reader.age"
        if not self.identity.exists():
            self.settle(self.genesis.document)
            self.identity.write_text(f"{pyrage.x25519.Identity.generate()}\n")
        self.reader = pyrage.x25519.Identity.from_str(self.identity.read_text().strip())

    @property
    def url(self) -> str:
        """Where the ledger is."""
        return str(self.http.base_url)

    @property
    def recipient(self) -> str:
        """Who can open everything."""
        return str(self.reader.to_public())

    def knows(self, uri: str) -> bool:
        """Return whether the ledger lets an organisation in by now."""
        return self._login(uri).status_code == 201

    def session(self, uri: str) -> dict[str, str]:
        """Open a session of an organisation, and return the headers that show it."""
        opened = self._login(uri)
        assert opened.status_code == 201, opened.text
        return {"Authorization": f"Bearer {opened.json()['token']}"}

    def _login(self, uri: str) -> httpx.Response:
        challenge = self.http.post("/v1/challenges").json()["challenge"]
        message = sign_login(
            a_signer(uri),
            iss=uri,
            aud=self.genesis.audience,
            iat=system_clock(),
            challenge=from_b64url(challenge, "challenge"),
        )
        return self.http.post("/v1/sessions", content=message, headers={"Content-Type": TYP})

    def post(self, data: bytes, headers: Mapping[str, str], **label: str) -> httpx.Response:
        """Send an item in the clear."""
        sent = {"Content-Type": "application/octet-stream", "Corridor-Recipients": self.recipient}
        return self.http.post("/v1/evidence", content=data, params=label, headers=sent | dict(headers))

    def took(self, data: bytes, headers: Mapping[str, str], **label: str) -> Taken:
        """Send an item in the clear that is taken."""
        answer = self.post(data, headers, **label)
        assert answer.status_code == 201, answer.text
        received = answer.json()
        secret = unwrap_secret(b64decode(received["secrets"]), [self.reader])
        assert secret is not None
        return Taken(EvidenceItem.parse(received["item"]), secret.decode())

    def read(self, headers: Mapping[str, str], taken: Taken, claim: str, **changes: Any) -> httpx.Response:
        """Ask for the operator's reading of an item."""
        asked = {"secret": taken.secret, "statement": claim, "recipients": [self.recipient]} | changes
        return self.http.post(f"/v1/evidence/{taken.item.cid}/readings", json=asked, headers=dict(headers))


@contextmanager
def served(folder: Path, settings: str = SETTINGS, **options: Any) -> Iterator[Served]:
    """Run a ledger with organisations in its registry while a block runs; once more, if it ran there before.

    Args:
        folder: For everything.
        settings: Of the ledger.
        options: Of `Up`.
    """
    data, users = folder / "data", folder / "users"
    is_new = not data.exists()
    if is_new:
        users.mkdir()
        prepare(data, settings, "log.corridor.example/served")
        key = KeyFile(KeyKind.STATEMENT, OPERATOR, a_signer(OPERATOR).private_key)
        key.save(data / "keys" / "reader.key", PASSPHRASE, rounds=1)
    with Up(data, ("--port", 0), **options) as up, httpx.Client(base_url=up.url, timeout=60) as http:
        if is_new:
            enrol_from_outside(data)
        there = Served(users, data, up, http)
        wait_until(lambda: all(there.knows(uri) for uri in ROLES))
        yield there
