"""The catalogue of one log: subjects, streams, members and hand-overs, kept up with the log."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, literal, select

from ledger.catalogue import hand_overs, projection, subjects
from ledger.catalogue.admission import HAND_OVER, OFFERED
from ledger.catalogue.facts import CUSTODY
from ledger.catalogue.records import HandOverRecord, MemberRecord, StreamRecord, SubjectRecord
from ledger.catalogue.views import Views, nothing_shown
from ledger.catalogue.visibility import is_good, is_member, is_member_for_good
from ledger.domain.clock import Clock
from ledger.domain.custody import Said
from ledger.domain.errors import NotFoundError, UnavailableError
from ledger.domain.links import STUFFED_IN, LinkSet
from ledger.domain.statement import Statement
from ledger.domain.subject import Subject, stream_tag
from ledger.log.lru import Lru
from ledger.log.store import LogStore, StoredStatement
from ledger.log.writer import read_head
from ledger.storage.arrival_work import hold_arrivals, touch_custody
from ledger.storage.catalogue_tables import catalogue_joins, catalogue_members, catalogue_streams
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.faults import Fault, no_fault, within
from ledger.storage.rows import insert_or_ignore

DEFAULT_LIMIT = 50
_MAX_REMEMBERED = 262_144
_SAID_KEPT = 2048


class Catalogue:
    """What the log says, sorted for reading; safe between threads, and between processes on one database.

    Every question first brings the tables up to the log, so that an answer holds all that was registered
    before it was asked. To every reader, what it may not see and what is not there look alike.

    Args:
        store: The log.
        clock: Gives the times at which secrets are proven, and tells which grants are good.
        views: Says what a reader is shown of what it may read; nothing that was concealed if not given.
        fault: Lets a test fail a projection at a step.
    """

    def __init__(
        self, store: LogStore, clock: Clock, views: Views = nothing_shown, *, fault: Fault = no_fault
    ) -> None:
        self._engine = store.engine
        self._clock = clock
        self._views = views
        self._fault = within("catalogue", fault)
        # Members for good only: a grant may be ended, and who is no member now may be one in a moment.
        self._members: set[tuple[bytes, str]] = set()
        # By what the reader is shown of it, too.
        self._said: Lru[tuple[int, tuple[str, ...]], Said] = Lru(_SAID_KEPT)

    def catch_up(self) -> None:
        """Bring the tables up to the log.

        Raises:
            UnavailableError: The database cannot be read or written now.
        """
        projection.catch_up(self._engine, fault=self._fault)

    def rebuild(self) -> None:
        """Make the tables again from the log; who proved a secret stays a member."""
        projection.empty(self._engine)
        projection.catch_up(self._engine, fault=self._fault)

    def is_member(self, tag: bytes, organisation: str) -> bool:
        """Return whether an organisation may read and file in a stream.

        Args:
            tag: 32 bytes; a stream that nobody opened has no members.
            organisation: Its URI.
        """
        if (tag, organisation) in self._members:
            return True
        self.catch_up()
        with read_transaction(self._engine) as connection:
            known = select(is_member(literal(tag), organisation, self._clock()))
            found = bool(connection.execute(known).scalar())
            for_good = select(is_member_for_good(literal(tag), organisation))
            if found and connection.execute(for_good).scalar():
                self.remember(tag, organisation)
        return found

    def remember(self, tag: bytes, organisation: str) -> None:
        """Take note that an organisation is a member for good, as whoever has just opened a stream is."""
        if len(self._members) >= _MAX_REMEMBERED:
            self._members.clear()
        self._members.add((tag, organisation))

    def join(self, secret: bytes, organisation: str) -> bytes:
        """Make an organisation a member of the stream whose secret it shows, and return the stream's tag.

        Args:
            secret: 16 bytes.
            organisation: Its URI.

        Raises:
            MalformedError: The secret has another size.
            NotFoundError: Nobody has opened such a stream.
        """
        tag = stream_tag(secret)
        self.catch_up()
        with write_transaction(self._engine) as connection:
            # Else whoever writes arrivals could wait for this, and this for them.
            hold_arrivals(connection)
            # What is appended from now on stands at this size or above it; see `projection`.
            size = read_head(connection)
            opened = select(catalogue_streams.c.tag).where(catalogue_streams.c.tag == tag)
            if connection.execute(opened).scalar() is None:
                raise NotFoundError(
                    "stream-unknown",
                    "this log has no stream with that secret: is it whole, and is this the log it is for?",
                    field="secret",
                )
            row = {"tag": tag, "organisation": organisation, "size": size, "joined_at": self._clock()}
            insert_or_ignore(connection, catalogue_joins, [row])
            # The log does not tell of it.
            touch_custody(connection, [tag], CUSTODY)
        return tag

    def stream(self, tag: bytes, organisation: str) -> StreamRecord:
        """Return a stream of which an organisation is a member.

        Raises:
            NotFoundError: There is no such stream, or it is no member.
        """
        self.catch_up()
        self._refuse_strangers(tag, organisation)
        with read_transaction(self._engine) as connection:
            return subjects.stream(connection, tag)

    def members(self, tag: bytes, organisation: str | None = None) -> Sequence[MemberRecord]:
        """Return the members of a stream, in the order in which they became it.

        Args:
            tag: 32 bytes.
            organisation: URI of the reader; None asks for the service itself.

        Raises:
            NotFoundError: There is no such stream, or the reader is no member.
        """
        self.catch_up()
        if organisation is not None:
            self._refuse_strangers(tag, organisation)
        member, joined = catalogue_members.c, catalogue_joins.c
        with read_transaction(self._engine) as connection:
            rows = [
                *connection.execute(
                    select(member.organisation, member.reason, member.idx).where(
                        member.tag == tag, is_good(self._clock())
                    )
                ),
                *(
                    (uri, "secret", size)
                    for uri, size in connection.execute(
                        select(joined.organisation, joined.size).where(joined.tag == tag)
                    )
                ),
            ]
        if not rows:
            raise _no_stream()
        first: dict[str, MemberRecord] = {}
        for uri, reason, index in sorted(rows, key=lambda row: row[2]):
            record = MemberRecord(uri, HAND_OVER if reason == OFFERED else reason, index)
            first.setdefault(record.organisation, record)
        return list(first.values())

    def subjects(
        self,
        organisation: str,
        *,
        type: str | None = None,  # noqa: A002 - the name that it has in the interface
        key: str | None = None,
        after: int | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Sequence[SubjectRecord]:
        """Return the subjects of which an organisation may read a stream, in the order of their openings.

        Args:
            organisation: URI of the reader.
            type: Only subjects of this type.
            key: Only subjects with this key, such as a container number.
            after: Only what was opened after the subject with this `index`.
            limit: How many at most.
        """
        self.catch_up()
        with read_transaction(self._engine) as connection:
            return subjects.subjects(
                connection, organisation, self._clock(), type_=type, key=key, after=after, limit=limit
            )

    def subject(self, uri: str, organisation: str) -> SubjectRecord:
        """Return a subject.

        Raises:
            NotFoundError: There is none of this name, or the reader is a member of none of its streams.
        """
        self.catch_up()
        with read_transaction(self._engine) as connection:
            return subjects.subject(connection, uri, organisation, self._clock())

    def statements(
        self,
        uri: str,
        organisation: str,
        *,
        after: int | None = None,
        limit: int = DEFAULT_LIMIT,
        kind: str | None = None,
        stream: bytes | None = None,
    ) -> Sequence[StoredStatement]:
        """Return the statements about a subject that an organisation may see, in the order of the log.

        Each comes with the disclosures that the organisation may see.

        Args:
            uri: The subject.
            organisation: URI of the reader.
            after: Only statements above this log index.
            limit: How many at most.
            kind: Only statements of this kind.
            stream: Only statements filed in the stream with this tag.

        Raises:
            NotFoundError: The reader is a member of no stream of such a subject.
        """
        self.catch_up()
        with read_transaction(self._engine) as connection:
            found = subjects.statements(
                connection,
                uri,
                organisation,
                self._clock(),
                after=after,
                limit=limit,
                kind=kind,
                stream_=stream,
            )
        view = self._views(organisation)
        return [view.redacted(one) for one in found]

    def said(self, uri: str, organisation: str, *, most: int | None = None) -> list[Said]:
        """Return what the rules of custody need to know of a subject, as far as an organisation may see it.

        That is every statement about it, and about the trips that the goods of a consignment were ever in.

        Args:
            uri: The subject.
            organisation: URI of the reader.
            most: Give up when there are more statements; None never gives up.

        Raises:
            NotFoundError: The reader is a member of no stream of such a subject.
            UnavailableError: Code `too-much-said`: there are more than `most`.
        """
        said = self._all_said(uri, organisation, most)
        if Subject.parse(uri).type == "consignment":
            trips = {span.link.to for span in LinkSet.of(said).spans if span.link.rel == STUFFED_IN}
            for trip in sorted(trips):
                with suppress(NotFoundError):
                    said += self._all_said(trip, organisation, None if most is None else most - len(said))
        return sorted({one.index: one for one in said}.values(), key=lambda one: one.index)

    def _all_said(self, uri: str, organisation: str, most: int | None) -> list[Said]:
        stored = self.statements(uri, organisation, limit=-1 if most is None else most + 1)
        if most is not None and len(stored) > most:
            raise UnavailableError("too-much-said", f"more than {most} statements are about {uri}")
        shown = [(one.index, one.disclosures) for one in stored]
        kept = self._said.get(shown)
        read = {key: _read(one) for key, one in zip(shown, stored, strict=True) if key not in kept}
        self._said.keep(read)
        return [kept.get(key) or read[key] for key in shown]

    def may_see(self, index: int, organisation: str) -> bool:
        """Return whether an organisation may read a log entry.

        It may when it is a member of a stream in which the entry is filed, when it said it itself, and when
        it is a request to it or an answer to a request of it.
        """
        self.catch_up()
        with read_transaction(self._engine) as connection:
            return subjects.may_see(connection, index, organisation, self._clock())

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give the tables, brought up to the log, to whoever decides by them what may be said."""
        self.catch_up()
        with read_transaction(self._engine) as connection:
            yield connection

    def hand_overs(
        self,
        organisation: str,
        *,
        open_only: bool = False,
        after: int | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Sequence[HandOverRecord]:
        """Return the hand-overs in which an organisation is giver or taker, in the order of the log.

        Args:
            organisation: Its URI.
            open_only: Whether only those that one side has signed and the other is to answer are wanted.
            after: Only those after the one with this `index`.
            limit: How many at most.
        """
        self.catch_up()
        with read_transaction(self._engine) as connection:
            found = hand_overs.hand_overs(connection, organisation, self._clock(), open_only, after, limit)
        view = self._views(organisation)
        return [hand_overs.shown(record, disclosing, view) for record, disclosing in found]

    def _refuse_strangers(self, tag: bytes, organisation: str) -> None:
        if not self.is_member(tag, organisation):
            raise _no_stream()


def _read(stored: StoredStatement) -> Said:
    statement = Statement.parse(stored.statement)
    return Said(stored.index, statement, statement.reveal(stored.disclosures))


def _no_stream() -> NotFoundError:
    return NotFoundError("stream-unknown", "there is no such stream, or you are not a member of it")
