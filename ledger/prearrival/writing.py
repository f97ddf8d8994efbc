"""Writing how shipments stand, with what is found under which term and what is to be told, all at once."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from ledger.domain import strict_json
from ledger.prearrival.events import Before, events_of
from ledger.prearrival.rows import UNKNOWN, ArrivalRow, owed_term
from ledger.storage.arrival_work import STATE_ID, touch
from ledger.storage.catalogue_tables import catalogue_subjects
from ledger.storage.prearrival_tables import (
    arrival_events,
    arrival_index,
    arrival_names,
    arrival_needs,
    arrival_parts,
    arrival_state,
    arrivals,
)
from ledger.storage.rows import chunks, insert_new, insert_rows, upsert

Entry = tuple[int, int, int, int]


class Writer:
    """Writes rows in one transaction that holds the state; call `close` before it ends.

    Args:
        connection: The transaction.
        now: POSIX seconds.
    """

    def __init__(self, connection: Connection, now: int) -> None:
        self._connection = connection
        self._now = now
        state = connection.execute(select(arrival_state)).one()
        self._quiet, self._number, self._seq = state.quiet, state.number, state.seq

    def write(self, shipment: int, parts: Collection[str], rows: Sequence[ArrivalRow]) -> None:
        """Put rows of a shipment in the place of those that are there.

        Args:
            shipment: Log index of its opening.
            parts: URIs of the subjects that may touch it.
            rows: One for each view.
        """
        self._write_parts(shipment, parts)
        stored = self._connection.execute(select(arrivals).where(arrivals.c.shipment == shipment)).all()
        old = {row.view: row for row in stored}
        # Who comes into another view is not told again what was told in the one before.
        since = max([self._quiet, *(row.changed + 1 for row in stored)])
        for row in rows:
            there = old.pop(row.view_id, None)
            ready = None if there is None else there.ready
            self._tell(row, Before(since if there is None else max(self._quiet, there.changed + 1), ready))
            self._put(shipment, row, there)
        for gone in old.values():
            self._remove(gone)

    def close(self) -> None:
        """Store which numbers were given."""
        numbers = {"number": self._number, "seq": self._seq}
        self._connection.execute(update(arrival_state).where(arrival_state.c.id == STATE_ID).values(numbers))

    def _write_parts(self, shipment: int, parts: Collection[str]) -> None:
        part = arrival_parts.c
        query = select(part.subject).where(part.shipment == shipment)
        known = set(self._connection.execute(query).scalars())
        gone, new = known - set(parts), set(parts) - known
        for subjects in chunks(sorted(gone)):
            leaving = delete(arrival_parts).where(part.shipment == shipment, part.subject.in_(subjects))
            self._connection.execute(leaving)
        insert_rows(self._connection, arrival_parts, [(uri, shipment) for uri in sorted(new)])
        # A trip is not shown by itself to those who see it in a consignment.
        subject = catalogue_subjects.c
        for uris in chunks(sorted(uri for uri in gone | new if uri.startswith("urn:corridor:trip:"))):
            trips = select(subject.idx).where(subject.uri.in_(uris), subject.idx != shipment)
            touch(self._connection, list(self._connection.execute(trips).scalars()))

    def _tell(self, row: ArrivalRow, before: Before) -> None:
        for event in events_of(row, before, self._now):
            told = {
                "seq": self._seq + 1,
                "key": event.key(row),
                "kind": event.kind,
                "shipment": row.uri,
                "view": row.view_id,
                "at": self._now,
                "data": strict_json.dumps(event.data).decode(),
            }
            if insert_new(self._connection, arrival_events, told):
                self._seq += 1

    def _put(self, shipment: int, row: ArrivalRow, there: Row[Any] | None) -> None:
        number = self._next() if there is None else there.id
        needs = self._put_needs(number, row)
        names = self._numbers([*row.readers, *row.terms, *(name for name, _, _ in needs)])
        readers = sorted(names[uri] for uri in row.readers)
        terms = [(names[term], row.eta, number) for term in row.terms]
        terms += [(names[name], at, thing) for name, at, thing in needs]
        values = {
            "id": number,
            "shipment": shipment,
            "uri": row.uri,
            "view": row.view_id,
            "tags": b"".join(sorted(row.view)),
            "eta": row.eta,
            "changed": row.changed,
            "ready": None if row.ready is None else row.ready.index,
            "decisions": "" if row.in_force is None else str(row.in_force),
            "item": row.text,
            "readers": json.dumps(readers),
            "terms": json.dumps(terms),
            "overdue_at": row.overdue_at,
        }
        old = set() if there is None else _entries(there.readers, there.terms)
        self._move(old, {(reader, *term) for reader in readers for term in terms})
        if there is None or any(values[name] != getattr(there, name) for name in values):
            upsert(self._connection, arrivals, [values])

    def _put_needs(self, number: int, row: ArrivalRow) -> list[tuple[str, int, int]]:
        """Store what is required, and return the terms under which it is found, with their times."""
        need = arrival_needs.c
        stored = self._connection.execute(select(arrival_needs).where(need.arrival == number)).all()
        old = {(one.need, one.trip): one for one in stored}
        found: list[tuple[str, int, int]] = []
        values = []
        for one in row.needs:
            there = old.pop((one.need, one.trip), None)
            thing = self._next() if there is None else there.id
            if there is None or (there.due, there.done) != (one.due, one.done):
                values.append(
                    {"id": thing, "arrival": number, "need": one.need, "trip": one.trip}
                    | {"due": one.due, "done": one.done}
                )
            at = UNKNOWN if one.due is None else one.due
            found += [(owed_term(role, done=one.done is not None), at, thing) for role in one.owed_by]
        upsert(self._connection, arrival_needs, values)
        for things in chunks(one.id for one in old.values()):
            self._connection.execute(delete(arrival_needs).where(need.id.in_(things)))
        return found

    def _remove(self, gone: Row[Any]) -> None:
        self._move(_entries(gone.readers, gone.terms), set())
        self._connection.execute(delete(arrival_needs).where(arrival_needs.c.arrival == gone.id))
        self._connection.execute(delete(arrivals).where(arrivals.c.id == gone.id))

    def _move(self, old: set[Entry], new: set[Entry]) -> None:
        columns = [column.name for column in arrival_index.columns]
        gone = [dict(zip(columns, entry, strict=True)) for entry in sorted(old - new)]
        if gone:
            named = [column == bindparam(f"of_{column.name}") for column in arrival_index.columns]
            wanted = [{f"of_{name}": value for name, value in one.items()} for one in gone]
            self._connection.execute(delete(arrival_index).where(*named), wanted)
        insert_rows(self._connection, arrival_index, sorted(new - old))

    def _numbers(self, names: Sequence[str]) -> dict[str, int]:
        """Return the numbers of names, giving one to each that has none."""
        known: dict[str, int] = {}
        name = arrival_names.c
        for part in chunks(dict.fromkeys(names)):
            query = select(name.name, name.id).where(name.name.in_(part))
            known |= {row.name: row.id for row in self._connection.execute(query)}
        new = {text: self._next() for text in dict.fromkeys(names) if text not in known}
        if new:
            rows = [{"id": number, "name": text} for text, number in new.items()]
            self._connection.execute(insert(arrival_names), rows)
        return known | new

    def _next(self) -> int:
        self._number += 1
        return int(self._number)


def _entries(readers: str, terms: str) -> set[Entry]:
    return {(reader, *term) for reader in json.loads(readers) for term in json.loads(terms)}
