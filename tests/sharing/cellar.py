"""An office beside an evidence room: items that are claimed, wrapped, held and erased, without a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ledger.catalogue import Registered
from ledger.domain.erasure import ERASURE, Erased, Erasure
from ledger.domain.evidence import EvidenceItem, Label
from ledger.domain.legal_hold import LEGAL_HOLD, LEGAL_HOLD_ENDED, LIFTS
from ledger.domain.statement import Reference
from ledger.evidence.room import EvidenceRoom, open_room
from ledger.evidence.sealing import seal
from ledger.evidence.store import EvidenceStore
from ledger.evidence.tombstones import Tombstones
from ledger.sharing.erasures import Erasures
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.erasure_tables import erasures, erasures_done
from ledger.storage.faults import Fault, no_fault
from ledger.storage.rows import insert_rows
from ledger.storage.secret_tables import wrapped_secrets
from tests.api.evidence_desk import LIMITS
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, a_trip, seeded
from tests.catalogue.office import OCCURRED, POLICE, Office, an_office

MARK = b"WRAPPED-FOR-SOMEBODY"
"""What is in every wrapped secret, and must be nowhere when it is erased."""


@dataclass
class Cellar:
    """An office and what it keeps.

    Args:
        office: Where things are said.
        room: Where sealed bytes are.
        folder: Of all of it.
        trip: That of the exporter, with the port, customs and the police.
        work: Destroys what was erased, as the process that runs now.
    """

    office: Office
    room: EvidenceRoom
    folder: Path
    trip: Trip
    work: Erasures

    def store(self, who: str = EXPORTER, seed: object = 0, category: str = "video") -> EvidenceItem:
        """Seal and store bytes that nothing claims yet."""
        plain = seeded(("plain", seed), 5_000)
        item = seal([plain], Label("video/mp4", category, None), self.room.store.put).item
        self.room.records.record(item.cid, who, self.room.store.size(item.cid))
        return item

    def claim(
        self, item: EvidenceItem, who: str = EXPORTER, trip: Trip | None = None, **more: Any
    ) -> Registered:
        """Put on record that an item is somebody's."""
        body = {"evidence": [item.to_json()], "occurred_at": OCCURRED} | more.pop("body", {})
        return self.office.says(who, "document", trip or self.trip, body, **more)

    def stored(self, seed: object = 0, who: str = EXPORTER, **more: Any) -> EvidenceItem:
        """Store an item and claim it."""
        item = self.store(who, seed)
        self.claim(item, who, **more)
        return item

    def wrap(self, item: EvidenceItem, giver: str = EXPORTER, reader: str = ORIGIN_PORT) -> bytes:
        """Keep a wrapped secret of an item, and return what is kept."""
        wrapped = MARK + seeded(("wrapped", item.cid, giver, reader), 200)
        with write_transaction(self.office.store.engine) as connection:
            row = (reader, item.commitment, giver, item.cid, wrapped, None, self.office.clock())
            insert_rows(connection, wrapped_secrets, [row])
        return wrapped

    def wrapped(self, item: EvidenceItem) -> set[tuple[str, str]]:
        """Return by whom and for whom secrets of an item are kept."""
        column = wrapped_secrets.c
        query = select(column.giver, column.organisation).where(column.cid == item.cid)
        with read_transaction(self.office.store.engine) as connection:
            return {(row.giver, row.organisation) for row in connection.execute(query)}

    def erase(
        self, *items: EvidenceItem, who: str = EXPORTER, trip: Trip | None = None, **more: Any
    ) -> Registered:
        """Put on record that items are erased."""
        said = Erasure(tuple(Erased(one.commitment, one.cid) for one in items), "request")
        body = said.to_json() | {"occurred_at": OCCURRED}
        return self.office.says(who, ERASURE, trip or self.trip, body, **more)

    def hold(
        self, body: dict[str, Any], who: str = CUSTOMS, trip: Trip | None = None, **more: Any
    ) -> Registered:
        """Put a legal hold on record."""
        return self.office.says(who, LEGAL_HOLD, trip or self.trip, body, **more)

    def lift(self, hold: Registered, who: str = CUSTOMS, trip: Trip | None = None) -> Registered:
        """Put on record that a hold is over."""
        references = [Reference(LIFTS, hold.id)]
        return self.office.says(who, LEGAL_HOLD_ENDED, trip or self.trip, {}, references=references)

    def worker(self, fault: Fault = no_fault) -> Erasures:
        """Return what another process destroys with."""
        office = self.office
        return Erasures(office.store.engine, self.room.store, office.catalogue, office.clock, fault=fault)

    def due(self) -> int:
        """Return how many erasures have effect and are not noted as done."""
        self.office.catalogue.catch_up()
        said, done = erasures.c, erasures_done.c
        noted = select(done.cid).where(done.cid == said.cid, done.organisation == said.organisation)
        query = select(said.cid).where(said.held.is_(None), ~noted.exists())
        with read_transaction(self.office.store.engine) as connection:
            return len(connection.execute(query).all())

    def reads(self, item: EvidenceItem, who: str) -> None:
        """Ask for an item as somebody; raises when it is erased for them."""
        self.office.catalogue.catch_up()
        tombstones = Tombstones(self.office.store.engine)
        tombstones.check_readable(item.cid, who, self.office.catalogue.is_member)

    def holds_bytes(self, wanted: bytes) -> list[str]:
        """Return the names of all files that hold some bytes."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return sorted(path.name for path in files if wanted in path.read_bytes())


@contextmanager
def a_cellar(folder: Path, ipfs: EvidenceStore | None = None) -> Iterator[Cellar]:
    """Open it in a folder; what is there stays, as for a process that starts again."""
    folder.mkdir(exist_ok=True)
    with an_office(folder) as office:
        offered = ("local",) if ipfs is None else ("local", "ipfs")
        room = open_room(
            office.store.engine, folder / "evidence", office.clock, LIMITS, ipfs=ipfs, offered=offered
        )
        trip = a_trip()
        if not office.store.size() > 1:
            office.opens(trip)
            office.grants(EXPORTER, trip, ORIGIN_PORT, CUSTOMS, POLICE)
        work = Erasures(office.store.engine, room.store, office.catalogue, office.clock)
        yield Cellar(office, room, folder, trip, work)
