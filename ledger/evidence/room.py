"""The evidence room: all that takes in, keeps and gives out evidence, put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from ledger.domain.clock import Clock
from ledger.evidence.intake import EvidenceIntake
from ledger.evidence.local_store import LocalStore
from ledger.evidence.records import EvidenceRecords
from ledger.evidence.store import EvidenceStore
from ledger.evidence.stores import IPFS, LOCAL, Stores
from ledger.evidence.uploads import Uploads
from ledger.storage.faults import Fault, no_fault

FOLDER = "evidence"
"""Its folder in the data folder."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may come in, and how long it stays.

    Args:
        max_bytes: Of one item, sealed.
        upload_seconds: How long an upload lives without a new byte.
        unclaimed_seconds: How long an item is kept for the statement that will claim it.
    """

    max_bytes: int
    upload_seconds: int
    unclaimed_seconds: int


@dataclass(frozen=True, slots=True)
class EvidenceRoom:
    """One ledger's evidence.

    Args:
        store: The sealed bytes, wherever they lie.
        stores: The stores by their names.
        records: Whose they are, and which statements claim them.
        intake: Seals what comes in the clear.
        uploads: Takes what was sealed by its sender.
        limits: What may come in.
        local: The store in a folder.
    """

    store: EvidenceStore
    stores: Stores
    records: EvidenceRecords
    intake: EvidenceIntake
    uploads: Uploads
    limits: Limits
    local: LocalStore

    def clean(self) -> None:
        """Remove what writes left behind that a crash ended; nothing else may be at work here."""
        self.local.clean()

    def sweep(self, catch_up: Callable[[], object]) -> list[str]:
        """Remove expired uploads and what no statement claimed in time, and return the CIDs of the latter.

        Args:
            catch_up: Notes the claims of all statements up to the newest one.
        """
        self.uploads.clean()
        return self.records.sweep(self.limits.unclaimed_seconds, catch_up)


def open_room(
    engine: Engine,
    folder: Path,
    clock: Clock,
    limits: Limits,
    *,
    ipfs: EvidenceStore | None = None,
    offered: Sequence[str] = (LOCAL,),
    fault: Fault = no_fault,
) -> EvidenceRoom:
    """Return the evidence room of a ledger; its folder is made when it is not there.

    Args:
        engine: The ledger's database.
        folder: Where evidence is kept.
        clock: Tells the time.
        limits: What may come in.
        ipfs: The store in an IPFS node, if there is one.
        offered: Names of the stores that new items may go to; what lies in the folder is read in any case.
        fault: Called at each step of a write; for tests.
    """
    local = LocalStore(folder, fault=fault)
    stores = Stores({LOCAL: local} | ({} if ipfs is None else {IPFS: ipfs}), offered)
    records = EvidenceRecords(engine, stores.everywhere, clock, fault=fault)
    intake = EvidenceIntake(stores, records, limits.max_bytes)
    uploads = Uploads(
        engine,
        folder / "uploads",
        stores,
        records,
        clock,
        max_bytes=limits.max_bytes,
        lifetime=limits.upload_seconds,
        fault=fault,
    )
    return EvidenceRoom(stores.everywhere, stores, records, intake, uploads, limits, local)
