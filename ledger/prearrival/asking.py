"""Questions for arrivals: each reads one stretch of the index, however much there is beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, exists, select, tuple_

from ledger.catalogue.visibility import is_member
from ledger.log.lru import Lru
from ledger.prearrival.rows import AWAITED, BESIDE_RARE, EVERY, GRACE, RARE, UNKNOWN, rare_term, term
from ledger.storage.prearrival_tables import arrival_index, arrival_names, arrival_work, arrivals
from ledger.storage.rows import chunks

SCANNED: Final = 1000
"""How many shipments one question looks at, at most: a page may have fewer items than were asked for."""
_NAMES_KEPT: Final = 65_536
_TAG_SIZE: Final = 32
_BY_TIME: Final = ("eta_from", "eta_to", "overdue")
Place = tuple[int, int]
"""Behind what a page begins: a time, and a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which shipments are wanted: all that is given must hold. Letters count alike in both sizes.

    Those of which there are fewest come first.

    Args:
        container: ISO 6346 number.
        bill_of_lading: With the carrier's code before it, or without.
        voyage: Its number.
        vessel: IMO number, or name.
        terminal: At the port.
        port: UN/LOCODE.
        delivery: `blocked`, `free` or `none`.
        outcome: `clear`, `missing` or `contradicted`.
        ready: `true` or `false`.
        party: URI of an organisation that said something of it.
        country: ISO 3166-1, two letters, of the port.
        eta_from: Not before, POSIX seconds.
        eta_to: Before, POSIX seconds.
        overdue: Whether its ETA is more than a day ago, and nobody says that it arrived.
    """

    container: str | None = None
    bill_of_lading: str | None = None
    voyage: str | None = None
    vessel: str | None = None
    terminal: str | None = None
    port: str | None = None
    delivery: str | None = None
    outcome: str | None = None
    ready: str | None = None
    party: str | None = None
    country: str | None = None
    eta_from: int | None = None
    eta_to: int | None = None
    overdue: bool | None = None

    @property
    def terms(self) -> list[str]:
        """The terms under which all that is wanted is found."""
        given = self._given
        if not self.overdue:
            return given or [EVERY]
        # Of what was to come by now, little did not: but of one container there is even less.
        place = sum(1 for one in (self.container, self.bill_of_lading) if one is not None)
        return [*given[:place], AWAITED, *given[place:]]

    @property
    def _given(self) -> list[str]:
        given = [(name, value) for name in _NAMES if (value := getattr(self, name)) is not None]
        # Few shipments are held or contradicted: fewer than come to one port.
        given.sort(key=lambda pair: _BEHIND if pair in RARE else _NAMES.index(pair[0]))
        beside = next((pair for pair in given[1:] if pair[0] in BESIDE_RARE), None)
        if beside is None or given[0] not in RARE:
            return [term(*pair) for pair in given]
        rest = [term(*pair) for pair in given[1:] if pair != beside]
        return [rare_term(given[0], *beside), *rest]

    def window(self, now: int) -> tuple[int, int]:
        """Return the first and the last second; who asks for no time finds shipments without an ETA, too.

        Args:
            now: POSIX seconds.
        """
        first = -UNKNOWN if self.eta_from is None else self.eta_from
        last = UNKNOWN if self.eta_to is None else self.eta_to - 1
        if self.eta_from is not None:
            last = min(last, UNKNOWN - 1)
        return first, min(last, now - GRACE) if self.overdue else last


_NAMES: Final = tuple(one.name for one in fields(Filter) if one.name not in _BY_TIME)
_BEHIND: Final = _NAMES.index("vessel")
"""Behind which name the rare ones stand."""


class Names:
    """The numbers of names, as far as they have one; they never change. Safe between threads."""

    def __init__(self) -> None:
        self._known: Lru[str, int] = Lru(_NAMES_KEPT)

    def of(self, connection: Connection, names: Sequence[str]) -> dict[str, int]:
        """Return the numbers of those of some names that have one."""
        known = self._known.get(names)
        # No name has what PostgreSQL takes in no text.
        asked = [one for one in names if one not in known and "\0" not in one]
        for part in chunks(asked):
            query = select(arrival_names.c.name, arrival_names.c.id).where(arrival_names.c.name.in_(part))
            found = {row.name: row.id for row in connection.execute(query)}
            self._known.keep(found)
            known |= found
        return known


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found.

    Args:
        rows: Of `arrivals`, each with `at` and `thing` of the index.
        after: Behind what the next page begins; None on the last one.
    """

    rows: Sequence[Row[Any]]
    after: Place | None


def find(
    connection: Connection,
    names: Names,
    organisation: str,
    wanted: Filter,
    *,
    after: Place | None,
    limit: int,
    now: int,
) -> Found:
    """Return a page of the arrivals that an organisation may see, by their ETA.

    Args:
        connection: A snapshot.
        names: Of this database.
        organisation: URI of the reader.
        wanted: Which shipments.
        after: `after` of the page before.
        limit: How many at most.
        now: POSIX seconds.
    """
    terms = wanted.terms
    known = names.of(connection, [organisation, *terms])
    if len(known) <= len(terms):
        return Found((), None)
    first, last = wanted.window(now)
    values = {
        "reader": known[organisation],
        "term": known[terms[0]],
        **{f"term_{place}": known[one] for place, one in enumerate(terms[1:])},
        "first": first,
        "last": last,
        "after_at": first if after is None else after[0],
        "after_thing": -1 if after is None else after[1],
        "looks": limit + 1,
        "now": now,
    }
    # What is found under one term is read as it stands; of several, so many of the first are looked at.
    end = _end(connection, values) if len(terms) > 1 else None
    bound = {} if end is None else {"end_at": end[0], "end_thing": end[1]}
    question = _question(len(terms) - 1, is_bounded=end is not None)
    rows = connection.execute(question, values | bound).all()
    more = end
    if len(rows) > limit:
        rows = rows[:limit]
        more = (rows[-1].at, rows[-1].thing)
    seen = [row for row in rows if may_see(connection, row, organisation, now)]
    if wanted.overdue is not None:
        seen = [row for row in seen if is_overdue(row, now) is wanted.overdue]
    return Found(seen, more)


def shipments_under(
    connection: Connection, names: Names, organisation: str, term_: str, now: int
) -> Sequence[str]:
    """Return the URIs of shipments that an organisation may see and finds under a term, not all of very many.

    Args:
        connection: A snapshot.
        names: Of this database.
        organisation: URI of the reader.
        term_: See `rows.term`.
        now: POSIX seconds.
    """
    known = names.of(connection, [organisation, term_])
    if len(known) < 2:
        return ()
    found = stretch(known[organisation], known[term_], Filter().window(now), None).limit(SCANNED).subquery()
    query = select(arrivals.c.uri, arrivals.c.tags, is_touched(now).label("touched")).join(
        found, found.c.thing == arrivals.c.id
    )
    return [row.uri for row in connection.execute(query) if may_see(connection, row, organisation, now)]


def stretch(reader: int, term_: int, window: tuple[int, int], after: Place | None) -> Select[Any]:
    """Return the query for a stretch of the index, in its order."""
    index = arrival_index.c
    query = select(index.at, index.thing).where(
        index.reader == reader, index.term == term_, index.at >= window[0], index.at <= window[1]
    )
    if after is not None:
        query = query.where(tuple_(index.at, index.thing) > after)
    return query.order_by(index.at, index.thing)


def _end(connection: Connection, values: Mapping[str, int]) -> Place | None:
    row = connection.execute(_lead().offset(SCANNED - 1).limit(1), values).first()
    return None if row is None else (row.at, row.thing)


@cache
def _lead() -> Select[Any]:
    """Return the query for what is found under the first term, with parameters."""
    index = arrival_index.c
    after = tuple_(bindparam("after_at"), bindparam("after_thing"))
    return (
        select(index.at, index.thing)
        .where(
            index.reader == bindparam("reader"),
            index.term == bindparam("term"),
            index.at >= bindparam("first"),
            index.at <= bindparam("last"),
            tuple_(index.at, index.thing) > after,
        )
        .order_by(index.at, index.thing)
    )


@cache
def _question(others: int, *, is_bounded: bool) -> Select[Any]:
    """Return the query for a page, with parameters; it is made once and its text is kept with it."""
    index, shown = arrival_index.c, arrivals.c
    lead = _lead().where(*(_has(f"term_{place}") for place in range(others)))
    if is_bounded:
        end = tuple_(bindparam("end_at"), bindparam("end_thing"))
        lead = lead.where(tuple_(index.at, index.thing) <= end)
    found = lead.limit(bindparam("looks")).subquery()
    return (
        select(
            found.c.at,
            found.c.thing,
            shown.tags,
            shown.item,
            shown.decisions,
            shown.overdue_at,
            is_touched(bindparam("now")).label("touched"),
        )
        .join(found, found.c.thing == shown.id)
        .order_by(found.c.at, found.c.thing)
    )


def is_touched(now: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a row of `arrivals` may be out of date at a time, POSIX seconds."""
    work = arrival_work.c
    return exists().where(work.shipment == arrivals.c.shipment, work.at <= now).correlate(arrivals)


def is_overdue(row: Row[Any], now: int) -> bool:
    """Return whether a row of `arrivals` is overdue at a time, POSIX seconds: stored rows know no now."""
    return row.overdue_at is not None and bool(row.overdue_at <= now)


def may_see(connection: Connection, row: Row[Any], organisation: str, now: int) -> bool:
    """Return whether an organisation that was a reader of a row is one still.

    Nothing was said in its streams since it was written, and no grant has run out, unless it is `touched`:
    then the members of the streams are asked.
    """
    if not row.touched:
        return True
    tags = [row.tags[start : start + _TAG_SIZE] for start in range(0, len(row.tags), _TAG_SIZE)]
    members = and_(*(is_member(tag, organisation, now) for tag in tags))
    return bool(connection.execute(select(members)).scalar())


def _has(term_: str) -> ColumnElement[bool]:
    index, other = arrival_index.c, arrival_index.alias().c
    return exists().where(
        other.reader == bindparam("reader"),
        other.term == bindparam(term_),
        other.at == index.at,
        other.thing == index.thing,
    )
