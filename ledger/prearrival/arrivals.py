"""Arrivals: what is on its way and how it stands, kept up with the log, as each organisation may see it."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.decided import Decided
from ledger.catalogue.views import Views
from ledger.corridors.profile import Profile
from ledger.domain import strict_json
from ledger.domain.clock import Clock
from ledger.domain.custody import Said
from ledger.domain.decisions import decisions_of
from ledger.domain.statement import Statement
from ledger.log.lru import Lru
from ledger.log.store import LogStore, StoredStatement, select_statements, stored_statement
from ledger.prearrival import todo
from ledger.prearrival.asking import Filter, Names, Place, find, is_overdue, is_touched, may_see
from ledger.prearrival.assessing import Assessor, RolesOf
from ledger.prearrival.detail import Detail
from ledger.prearrival.looking import empty, is_done, kin_of, look_through
from ledger.prearrival.stories import Stories
from ledger.prearrival.working import work
from ledger.storage.catalogue_tables import catalogue_subjects
from ledger.storage.engine import read_transaction
from ledger.storage.faults import Fault, no_fault, within
from ledger.storage.prearrival_tables import arrivals
from ledger.storage.rows import chunks
from ledger.storage.tables import statements

PATIENCE: Final = 0.25
"""Seconds that one question works on what is due, at most, before it answers with what there is."""
_DECISIONS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Page:
    """A page of arrivals.

    Args:
        items: As lists show them, JSON texts.
        after: Behind what the next page begins; None on the last one.
    """

    items: Sequence[str]
    after: Place | None


class Arrivals:
    """What is on its way; safe between threads, and between processes on one database.

    Every question first looks through what is new in the log, and draws up again what that touches; when
    that is much, such as a new ETA of a large vessel, the rest follows by `tick`.

    Args:
        store: The log.
        catalogue: Of the log.
        views: Says what a reader is shown of what it may read.
        profile: The corridor's rules.
        roles_of: Asks the registry for the roles that an organisation has now: what it owes.
        roles_ever: Asks it for those that it has or had: what its word counts for.
        decided: Knows what was decided, and whose decisions bind who delivers.
        clock: Tells which grants are good, and what is due.
        fault: Lets a test fail the work at a step.
        monotonic: Seconds on a clock that only goes forward.
    """

    def __init__(
        self,
        store: LogStore,
        catalogue: Catalogue,
        *,
        views: Views,
        profile: Profile,
        roles_of: RolesOf,
        roles_ever: RolesOf,
        decided: Decided,
        clock: Clock,
        fault: Fault = no_fault,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = store.engine
        self._catalogue = catalogue
        self._views = views
        self._profile = profile
        self._roles_of = roles_of
        self._clock = clock
        self._fault = within("arrivals", fault)
        self._monotonic = monotonic
        self._stories = Stories()
        self._assessor = Assessor(profile, roles_ever, decided.binds)
        self._names = Names()
        self._detail = Detail(
            store.engine, catalogue, decided, self._assessor, names=self._names, clock=clock
        )
        self._decisions: Lru[tuple[int, tuple[str, ...]], dict[str, Any]] = Lru(_DECISIONS_KEPT)
        self._working = Lock()

    def catch_up(self) -> None:
        """Bring the tables up to the log, for a quarter of a second at most.

        Raises:
            UnavailableError: The database or the registry cannot be asked now.
        """
        self._work(self._monotonic() + PATIENCE)

    def tick(self) -> None:
        """Do all that is due: what the log touched, grants that begin and end, notices of what is missing.

        Raises:
            UnavailableError: As `catch_up`.
        """
        self._work(None)

    def rebuild(self) -> None:
        """Make the tables again from the log; nothing that happened up to now is told again."""
        with self._working:
            empty(self._engine)
        self.tick()

    def query(
        self, organisation: str, wanted: Filter, *, after: Place | None = None, limit: int = 50
    ) -> Page:
        """Return a page of the arrivals that an organisation may see, by their ETA; unknown ones come last.

        Args:
            organisation: URI of the reader.
            wanted: Which shipments.
            after: `after` of the page before.
            limit: How many at most; a page may have fewer and still be followed by others.

        Raises:
            UnavailableError: The database or the registry cannot be asked now.
        """
        with self._up_to_date() as connection:
            return self._page(connection, organisation, wanted, after, limit)

    def at_hand(
        self, organisation: str, wanted: Filter, *, after: Place | None = None, limit: int = 50
    ) -> Page | None:
        """Return the same as `query` if nothing has to be drawn up before, None if something has."""
        with read_transaction(self._engine) as connection:
            if not is_done(connection, self._clock()):
                return None
            return self._page(connection, organisation, wanted, after, limit)

    def shown(self, shipment: str, organisation: str, view: bytes | None = None) -> dict[str, Any] | None:
        """Return a shipment as lists show it to an organisation, None when it may not see it.

        Args:
            shipment: Its URI.
            organisation: URI of the reader.
            view: Only if it sees the shipment in this view, as events name it.
        """
        subject, now = catalogue_subjects.c, self._clock()
        query = (
            select(arrivals, is_touched(now).label("touched"))
            .join(catalogue_subjects, subject.idx == arrivals.c.shipment)
            .where(subject.uri == shipment)
        )
        if view is not None:
            query = query.where(arrivals.c.view == view)
        with self._up_to_date() as connection:
            number = self._names.of(connection, [organisation]).get(organisation)
            rows = [
                row
                for row in connection.execute(query)
                if number in strict_json.loads(row.readers.encode(), max_bytes=1 << 22)
                and may_see(connection, row, organisation, now)
            ]
            if not rows:
                return None
            (text,) = self._shown(connection, rows[:1], organisation, now)
        item: dict[str, Any] = strict_json.loads(text.encode(), max_bytes=1 << 22)
        return item

    def todo(
        self,
        organisation: str,
        *,
        state: str = todo.OWED,
        language: str = "en",
        after: Place | None = None,
        limit: int = 50,
    ) -> todo.Found:
        """Return a page of what an organisation owes in its shipments, by deadline; see `todo.find`.

        Raises:
            UnavailableError: The database or the registry cannot be asked now.
        """
        asked, now = todo.Asked(organisation, self._roles_of(organisation), state, language), self._clock()
        with self._up_to_date() as connection:
            return todo.find(connection, self._names, self._profile, asked, after=after, limit=limit, now=now)

    def assessment(self, uri: str, organisation: str, language: str = "en") -> dict[str, Any]:
        """Return how a shipment stands, with all findings, from what an organisation may see of it.

        Args:
            uri: A consignment or a trip.
            organisation: URI of the reader.
            language: Of the sentences: `en`, `es` or `fr`.

        Raises:
            NotFoundError: There is no such shipment, or it is not for this organisation to see.
            UnavailableError: The database or the registry cannot be asked now.
        """
        # For the numbers of papers that other shipments use; of this one, what lists show can wait.
        self._work(self._monotonic() + PATIENCE, but=uri)
        return self._detail.of(uri, organisation, language)

    def _page(
        self, connection: Connection, organisation: str, wanted: Filter, after: Place | None, limit: int
    ) -> Page:
        now = self._clock()
        found = find(connection, self._names, organisation, wanted, after=after, limit=limit, now=now)
        return Page(self._shown(connection, found.rows, organisation, now), found.after)

    @contextmanager
    def _up_to_date(self) -> Iterator[Connection]:
        """Give a snapshot that holds what was registered before, as far as there was time to draw it up."""
        with read_transaction(self._engine) as connection:
            if is_done(connection, self._clock()):
                yield connection
                return
        self._work(self._monotonic() + PATIENCE)
        with read_transaction(self._engine) as connection:
            yield connection

    def _work(self, until: float | None, *, but: str | None = None) -> None:
        with self._working:
            with read_transaction(self._engine) as connection:
                if is_done(connection, self._clock()):
                    return
            self._catalogue.catch_up()
            look_through(self._engine)
            kin = self._kin_of(but)
            while self._work_on(kin):
                if until is not None and self._monotonic() >= until:
                    return

    def _kin_of(self, uri: str | None) -> Collection[int]:
        if uri is None:
            return ()
        with read_transaction(self._engine) as connection:
            return kin_of(connection, uri)

    def _work_on(self, but: Collection[int]) -> int:
        now = self._clock()
        return work(self._engine, self._stories, self._assessor, now, fault=self._fault, but=but)

    def _shown(
        self, connection: Connection, rows: Sequence[Row[Any]], organisation: str, now: int
    ) -> list[str]:
        """Return items with whether they are overdue, and what the reader is shown of decisions in force."""
        decided = [_decided(row.decisions) for row in rows]
        indices = sorted({index for of_row in decided for index in of_row})
        told = self._told(connection, indices, organisation) if indices else {}
        return [
            _with(row.item, [told[index] for index in of_row], overdue=is_overdue(row, now))
            for row, of_row in zip(rows, decided, strict=True)
        ]

    def _told(
        self, connection: Connection, indices: Sequence[int], organisation: str
    ) -> Mapping[int, dict[str, Any]]:
        view = self._views(organisation)
        stored: list[StoredStatement] = []
        for part in chunks(indices):
            query = select_statements().where(statements.c.idx.in_(part))
            stored += [view.redacted(stored_statement(row)) for row in connection.execute(query)]
        keys = {one.index: (one.index, one.disclosures) for one in stored}
        known = self._decisions.get(keys.values())
        new = {keys[one.index]: _decision(one) for one in stored if keys[one.index] not in known}
        self._decisions.keep(new)
        known |= new
        return {index: known[key] for index, key in keys.items()}


def _decided(indices: str) -> Sequence[int]:
    """Return the log indices of the decisions that are in force, as a row of `arrivals` has them."""
    return [int(one) for one in indices.split()] if indices else ()


def _decision(stored: StoredStatement) -> dict[str, Any]:
    statement = Statement.parse(stored.statement)
    said = Said(stored.index, statement, statement.reveal(stored.disclosures))
    (decision,) = decisions_of([said]).history
    return decision.to_json()


def _with(item: str, decisions: Sequence[dict[str, Any]], *, overdue: bool) -> str:
    told = strict_json.dumps(decisions[0]).decode() if decisions else "null"
    return f'{item[:-1]},"overdue":{str(overdue).lower()},"decision":{told}}}'
