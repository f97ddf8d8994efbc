"""Logs, statements and witnesses for the tests of the log."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from ledger.domain.checkpoint import cosign, open_checkpoint
from ledger.domain.clock import Clock
from ledger.domain.errors import UnavailableError, VerificationError
from ledger.domain.genesis import Genesis
from ledger.domain.merkle import verify_consistency
from ledger.domain.note import COSIGNATURE_V1, VerifierKey
from ledger.domain.statement import Seen
from ledger.log.append import Appended, Submission
from ledger.log.publisher import LogSigner
from ledger.log.store import LogStore
from ledger.log.witness_client import WitnessConflict
from ledger.storage.engine import open_database
from ledger.storage.faults import Fault, no_fault
from ledger.storage.migrate import migrate
from tests.builders import EXPORTER, NOON, Trip, a_genesis, a_signer, a_trip, an_author, an_ed25519_key
from tests.databases import database_url

PROFILE = b""
DATABASE = "ledger.db"


def noon() -> int:
    """Return the time at which the tests live."""
    return NOON


class Hands:
    """A clock that is set by hand."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def a_database(folder: Path, *, busy_timeout_ms: int = 30_000) -> Engine:
    """Return the ledger database in a folder, made when it is not there."""
    engine = open_database(database_url(folder, DATABASE), create=True, busy_timeout_ms=busy_timeout_ms)
    migrate(engine)
    return engine


@contextmanager
def a_log(folder: Path, *, fault: Fault = no_fault, clock: Clock = noon) -> Iterator[LogStore]:
    """Open the log in a folder, made when it is not there, and close its database afterwards."""
    engine = a_database(folder)
    try:
        store = LogStore(engine, clock, fault=fault)
        store.create(a_genesis().document, PROFILE)
        yield store
    finally:
        engine.dispose()


def log_signer(genesis: Genesis | None = None) -> LogSigner:
    """Return the key that the genesis documents of the tests name."""
    genesis = genesis or a_genesis()
    return LogSigner(VerifierKey.parse(genesis.log_key), an_ed25519_key().sign)


def opening(trip: Trip, *, seen: Seen | None = None) -> Submission:
    """Return the submission that opens a trip."""
    return Submission(an_author().opens(trip, seen=seen).statement, key=a_signer(EXPORTER).key)


def said(
    trip: Trip, number: int, *, seen: Seen | None = None, streams: Sequence[bytes] | None = None
) -> Submission:
    """Return a submission in a trip's custody stream; another number makes another statement."""
    signed = an_author().says("seal-check", trip, {"number": number}, seen=seen, streams=streams)
    return Submission(signed.statement, key=a_signer(EXPORTER).key)


def history(trips: int, each: int, *, seed: object = "history") -> list[Submission]:
    """Return openings of so many trips, and then so many statements in each, round by round."""
    made = [a_trip(seed=(seed, number)) for number in range(trips)]
    rounds = [said(trip, number) for number in range(each) for trip in made]
    return [opening(trip) for trip in made] + rounds


def appended(store: LogStore, batch: Sequence[Submission]) -> list[Appended]:
    """Append a batch that the log must take as a whole."""
    outcomes = store.append(batch)
    for outcome in outcomes:
        if not isinstance(outcome, Appended):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Appended)]


class FakeWitness:
    """A witness in memory: checks what a witness must check, and remembers every root that it cosigned.

    Args:
        name: Its key name.
        clock: When it cosigns.
        record: File to which it adds a line for every checkpoint before it answers, and from which it starts.
    """

    def __init__(
        self, name: str = "witness.example/one", clock: Clock = noon, record: Path | None = None
    ) -> None:
        self._private = an_ed25519_key(("witness", name))
        public = self._private.public_key().public_bytes_raw()
        self.key = VerifierKey(name, COSIGNATURE_V1, public)
        self.name = name
        self.vkey = self.key.encode()
        self.clock = clock
        self.down = False
        self.requests: list[int] = []
        self.cosigned: list[tuple[int, bytes]] = []
        self._record = record
        if record is not None and record.exists():
            lines = [line.split() for line in record.read_text().splitlines()]
            self.cosigned = [(int(size), bytes.fromhex(root)) for size, root in lines]

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
        """Cosign a checkpoint that goes on from the last one."""
        self.requests.append(old_size)
        if self.down:
            raise UnavailableError("witness-down", f"{self.name} cannot be reached")
        checkpoint = open_checkpoint(note, [log_signer().key]).checkpoint
        size, root = self.cosigned[-1] if self.cosigned else (0, b"")
        if old_size != size:
            raise WitnessConflict("witness-conflict", f"{self.name} stands at {size}", size)
        if checkpoint.size == size and checkpoint.root != root:
            raise WitnessConflict("witness-other-root", f"{self.name} has another root of {size}", size)
        if size:
            verify_consistency(size, checkpoint.size, proof, root, checkpoint.root)
        elif proof:
            raise VerificationError("proof", "a first checkpoint needs no proof")
        self.cosigned.append((checkpoint.size, checkpoint.root))
        if self._record is not None:
            with self._record.open("a") as record:
                record.write(f"{checkpoint.size} {checkpoint.root.hex()}\n")
        return cosign(checkpoint, self.key, self.clock(), self._private.sign).line().encode()
