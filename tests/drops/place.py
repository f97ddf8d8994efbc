"""A drop in a folder, its clock, its reader and its ledger, as tests need them."""

import json
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from ledger.client.author import Author
from ledger.domain.evidence import EvidenceItem, Label, items
from ledger.domain.statement import Seen
from ledger.drops.drop import Drop, Round
from ledger.drops.own_key import OwnKey
from ledger.drops.settings import DropConfig
from ledger.drops.settings_file import load
from ledger.drops.taking import Desk
from ledger.readers.reading import Complaint, Fingerprint, Reading, Rendition
from ledger.readers.registry import Expectations
from ledger.storage.faults import Fault, no_fault
from ledger.verification.sealed import open_sealed, unwrap_secret
from tests.builders import EXPORTER, NOON, Trip, a_signer, a_trip
from tests.drops.ledgers import Ledger

READER = pyrage.x25519.Identity.from_str(
    "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33"
)
TRIP = a_trip("MSKU1234565")
OTHER = a_trip("TGHU1234567", seed=1)
UNKNOWN = b"?"
"""How files begin that the reader of these tests does not understand."""

SETTINGS = """
folder = "in"
state = "state"
quarantine = "quarantine"
taken = "taken"
key = "gate.key"
passphrase_file = "passphrase"
url = "http://127.0.0.1:8700"
genesis = "genesis.json"
recipients = ["RECIPIENT"]
trips = "trips.json"
place = "Gate 3"
quiet_seconds = 5

[[rules]]
pattern = "*.n42"
kind = "radiation"
category = "radiation"
media_type = "application/xml"

[[rules]]
pattern = "*.txt"
kind = "scan"
category = "scan"
media_type = "text/plain"
subject = ["sidecar"]
read = "no"
"""


def read(file: BinaryIO, label: Label, _expectations: Expectations) -> Reading:
    """Read a made-up format: a line of JSON with what is found."""
    data = file.read()
    if data.startswith(UNKNOWN):
        return Reading("none", "0", None, complaints=(Complaint("not-understood", "no reader"),))
    found = {"counts": len(data), "text": data[:200].decode("latin-1")}
    for number in (TRIP.subject.key, OTHER.subject.key):
        if number.encode() in data:
            found["container"] = number
    picture = Rendition("spectrum", "image/png", b"a picture of " + data[:50])
    prints = (Fingerprint("spectrum", sha256(data).digest()),)
    return Reading("made-up/1", "1", label.category, found, renditions=(picture,), fingerprints=prints)


@dataclass
class Place:
    """A drop on disk.

    Args:
        root: Everything lies here.
        ledger: Where it sends.
        now: The clock that only goes forward.
        fault: Fails or ends a step.
        changes: Settings that differ.
    """

    root: Path
    ledger: Ledger = field(default_factory=Ledger)
    now: float = 0.0
    fault: Fault = no_fault
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("in",):
            (self.root / name).mkdir(exist_ok=True)
        if not self.settings.exists():
            self.settings.write_text(SETTINGS.replace("RECIPIENT", str(READER.to_public())))
            self.trips(TRIP, OTHER)

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.root / "drop.toml"

    @property
    def incoming(self) -> Path:
        """Where files come in."""
        return self.root / "in"

    @property
    def config(self) -> DropConfig:
        """The settings."""
        return replace(load(self.settings), **self.changes)

    def trips(self, *trips: Trip) -> None:
        """Say which trips containers are on."""
        known = {one.subject.key: {"subject": one.uri, "stream": one.custody_tag.hex()} for one in trips}
        (self.root / "trips.json").write_text(json.dumps(known))

    def put(self, name: str, data: bytes | str = b"counts", sidecar: dict[str, Any] | None = None) -> Path:
        """Put a file into the folder."""
        path = self.incoming / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        if sidecar is not None:
            path.with_name(f"{name}.drop.json").write_text(json.dumps(sidecar))
        return path

    def drop(self) -> Drop:
        """Return the drop as a new process opens it; it has begun."""
        author = Author(a_signer(EXPORTER), EXPORTER, self.ledger.genesis.audience, lambda: NOON)
        seen = Seen(0, self.ledger.genesis.hash)
        desk = Desk(self.config, author, OwnKey.of(READER), lambda: seen, read, self.fault)
        drop = Drop(desk, self.ledger.service, lambda: self.now)
        drop.begin()
        return drop

    def run(self, rounds: int = 3, drop: Drop | None = None) -> Round:
        """Go round until files have rested and were taken, and return the last round."""
        drop = drop or self.drop()
        for _ in range(rounds):
            done = drop.round()
            self.now += 10
        return done

    def left(self) -> list[str]:
        """Return the names in the folder where files come in."""
        return sorted(path.name for path in self.incoming.iterdir())

    def taken(self) -> list[str]:
        """Return the names of files that were moved away."""
        return sorted(path.name for path in (self.root / "taken").glob("*"))

    def aside(self) -> dict[str, str]:
        """Return why files are in quarantine, by name."""
        reasons = [json.loads(path.read_bytes()) for path in (self.root / "quarantine").glob("*/reason.json")]
        return {one["name"]: one["code"] for one in reasons}

    def opened(self, number: int = 0) -> bytes:
        """Return the plaintext of a claimed item, as its reader opens it."""
        (item,) = self.items(number)
        return self.plaintext(item)

    def plaintext(self, item: EvidenceItem) -> bytes:
        """Return the plaintext of an item, as its reader opens it."""
        secret = unwrap_secret(
            (self.root / "state/secrets" / f"{item.cid}.secret.age").read_bytes(), [READER]
        )
        assert secret is not None
        out: list[bytes] = []
        open_sealed(item, secret, [self.ledger.stored[item.cid]], out.append)
        return b"".join(out)

    def items(self, number: int) -> tuple[EvidenceItem, ...]:
        """Return the items that a claim names."""
        return items(self.ledger.body(self.ledger.claims[number]))
