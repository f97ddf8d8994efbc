"""A served ledger in which the exporter has sealed items on record, and what is asked of their secrets."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pyrage

from ledger.domain.evidence import EvidenceItem, Label
from ledger.domain.statement import Reference
from ledger.domain.wrapped import Batch, WrappedSecret
from ledger.evidence.sealing import SealedItem, seal, wrap_secret
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip
from tests.integration.stage import WITNESSES, Stage, a_stage, another_trip, enrol

STRANGER: Final = "https://stranger.example"
TRIP, EMPTY = another_trip("vault"), another_trip("vault, nobody's")
PAPER, PRICES = b"twenty pallets of pineapples", b"what they cost"


@dataclass
class Vault:
    """A trip of the exporter, to which the port and customs are admitted, with two items on record.

    Args:
        stage: The ledger.
        sessions: Headers of those who are signed in.
        keys: Identities of the organisations.
        sealed: The items, by category: all may see the `paper`, the port may not see `commercial`.
    """

    stage: Stage
    sessions: dict[str, dict[str, str]]
    keys: dict[str, pyrage.x25519.Identity]
    sealed: dict[str, SealedItem] = field(default_factory=dict)

    def item(self, category: str) -> EvidenceItem:
        """Return an item."""
        return self.sealed[category].item

    def say(self, who: str, kind: str, body: Mapping[str, Any], trip: Trip = TRIP, **more: Any) -> bytes:
        """Put a statement on record, and return its id."""
        author = self.stage.author(who)
        signed = author.says(
            kind, trip, body, iat=self.stage.clock(), seen=more.pop("seen", self.stage.seen()), **more
        )
        answer = self.stage.post(signed)
        assert answer.status_code == 201, answer.text
        return signed.statement.id

    def store(self, who: str, plain: bytes, category: str) -> SealedItem:
        """Seal bytes, and store them as an organisation."""
        made: list[bytes] = []

        def put(pieces: Any) -> str:
            made.append(b"".join(pieces))
            return self.stage.ledger.room.store.put(made)

        sealed = seal([plain], Label.parse("text/plain", category), put)
        self.stage.ledger.room.records.record(sealed.item.cid, who, len(made[0]))
        return sealed

    def record(self, items: Sequence[EvidenceItem], to: str, who: str = EXPORTER, **more: Any) -> bytes:
        """Put on record that items are made readable for somebody."""
        body = {"to": to, "items": [one.commitment.hex() for one in items]}
        return self.say(who, "disclosure-record", body | more)

    def wrapped(self, category: str, to: str) -> WrappedSecret:
        """Return the secret of an item, wrapped for an organisation."""
        sealed = self.sealed[category]
        recipient = str(self.keys[to].to_public())
        return WrappedSecret(sealed.item.commitment, sealed.item.cid, wrap_secret(sealed.secret, [recipient]))

    def post(self, who: str | None, body: object, **headers: str) -> httpx.Response:
        """Hand over what a body holds."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        shown = (self.sessions[who] if who else {}) | {"Content-Type": "application/json"} | headers
        return self.stage.http.post("/v1/evidence/secrets", content=content, headers=shown)

    def batch(self, to: str, *categories: str, record: bytes | None = None) -> dict[str, Any]:
        """Return the body that hands over secrets."""
        return Batch(to, record, tuple(self.wrapped(one, to) for one in categories)).to_json()

    def give(self, to: str, *categories: str) -> bytes | None:
        """Let the exporter hand over secrets as it should be, and return the record's id."""
        record = None if to == EXPORTER else self.record([self.item(one) for one in categories], to)
        answer = self.post(EXPORTER, self.batch(to, *categories, record=record))
        assert answer.status_code == 200, answer.text
        assert answer.json()["stored"] == len(categories)
        return record

    def get(self, who: str | None, **params: Any) -> httpx.Response:
        """Ask for secrets."""
        headers = self.sessions[who] if who else {}
        return self.stage.http.get("/v1/evidence/secrets", params=params, headers=headers)

    def listed(self, who: str, **params: Any) -> list[dict[str, Any]]:
        """Return the secrets that somebody is given, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.get(who, **params)
            assert answer.status_code == 200, answer.text
            found += answer.json()["items"]
            if answer.json()["next"] is None:
                return found
            params["cursor"] = answer.json()["next"]

    def categories(self, who: str, **params: Any) -> list[str | None]:
        """Return of which categories the items are whose secrets somebody is given."""
        return sorted((one["category"] for one in self.listed(who, **params)), key=str)


def grants(vault: Vault, to: str, trip: Trip = TRIP, **more: Any) -> bytes:
    """Let the exporter grant something."""
    return vault.say(EXPORTER, "grant", {"to": [to]} | more, trip)


def ends(vault: Vault, grant: bytes, trip: Trip = TRIP) -> None:
    """Let the exporter end a grant."""
    vault.say(EXPORTER, "grant-ended", {}, trip, references=[Reference("ends", grant)])


@contextmanager
def a_vault(folder: Path) -> Iterator[Vault]:
    """Serve it while a block runs."""
    with a_stage(folder, witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        parties = (EXPORTER, ORIGIN_PORT, CUSTOMS)
        vault = Vault(
            stage,
            {uri: sign_in(stage, uri) for uri in parties},
            {uri: pyrage.x25519.Identity.generate() for uri in parties},
        )
        vault.say(EXPORTER, "subject-opened", {})
        vault.say(EXPORTER, "subject-opened", {}, EMPTY)
        vault.sealed = {
            "paper": vault.store(EXPORTER, PAPER, "paper"),
            "commercial": vault.store(EXPORTER, PRICES, "commercial"),
        }
        for sealed in vault.sealed.values():
            vault.say(EXPORTER, "document", {"evidence": [sealed.item.to_json()]})
        yield vault
