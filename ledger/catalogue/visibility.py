"""Who sees what, as conditions of queries: the one place where reading is allowed or not.

A statement is seen by the members of a stream that it is filed in. Whoever is no member of any stream of a
subject does not learn that there is one. Members by a grant are so for the time that it names, and until it
is ended.
"""

from sqlalchemy import ColumnElement, CompoundSelect, Table, and_, exists, or_, select, union

from ledger.storage.catalogue_tables import (
    catalogue_about,
    catalogue_joins,
    catalogue_members,
    catalogue_streams,
)
from ledger.storage.sharing_tables import sharing_answers, sharing_requests
from ledger.storage.tables import statements, stream_entries

Tag = ColumnElement[bytes] | bytes


def is_good(now: int) -> ColumnElement[bool]:
    """Return the condition that a row of `catalogue_members` is good at a time, POSIX seconds."""
    member = catalogue_members.c
    return and_(member.ended.is_(None), member.since <= now, or_(member.until.is_(None), member.until > now))


def is_member(tag: Tag, organisation: ColumnElement[str] | str, now: int) -> ColumnElement[bool]:
    """Return the condition that an organisation is a member of a stream at a time, POSIX seconds."""
    member, joined = catalogue_members.c, catalogue_joins.c
    return or_(
        _exists_in(catalogue_members, member.tag == tag, member.organisation == organisation, is_good(now)),
        _exists_in(catalogue_joins, joined.tag == tag, joined.organisation == organisation),
    )


def is_member_for_good(tag: Tag, organisation: str) -> ColumnElement[bool]:
    """Return the condition that an organisation is a member of a stream, and nobody can end that."""
    member, joined = catalogue_members.c, catalogue_joins.c
    return or_(
        _exists_in(
            catalogue_members,
            member.tag == tag,
            member.organisation == organisation,
            member.reason.not_in(("granted", "offered")),
        ),
        _exists_in(catalogue_joins, joined.tag == tag, joined.organisation == organisation),
    )


def tags_of(organisation: str, now: int) -> CompoundSelect[tuple[bytes]]:
    """Return the query for the tags of all streams that an organisation is a member of."""
    member, joined = catalogue_members.c, catalogue_joins.c
    return union(
        select(member.tag).where(member.organisation == organisation, is_good(now)),
        select(joined.tag).where(joined.organisation == organisation),
    )


def sees_entry(
    index: ColumnElement[int], organisation: str, now: int, stream: bytes | None = None
) -> ColumnElement[bool]:
    """Return the condition that an organisation is a member of a stream in which an entry is filed.

    Args:
        index: Of the entry.
        organisation: URI of the reader.
        now: POSIX seconds.
        stream: The only tag to look at, if one is asked for.
    """
    filed = stream_entries.c
    asked = () if stream is None else (filed.tag == stream,)
    return _exists_in(stream_entries, filed.idx == index, is_member(filed.tag, organisation, now), *asked)


def is_addressed(index: int, organisation: str) -> ColumnElement[bool]:
    """Return the condition that an entry is an organisation's own, or a request to it, or an answer to it.

    Who has said something can ask for the receipt of it, also when it is no member any more.
    """
    said, asked, answer = catalogue_about.c, sharing_requests.c, sharing_answers.c
    return or_(
        _exists_in(catalogue_about, said.idx == index, said.iss == organisation),
        _exists_in(sharing_requests, asked.idx == index, asked.addressee == organisation),
        exists().where(answer.idx == index, answer.request == asked.idx, asked.iss == organisation),
    )


def is_by_a_party() -> ColumnElement[bool]:
    """Return the condition that a row of `catalogue_about` is by a member of a stream of its subject.

    Anybody can name a subject in a stream of its own and let others into that stream. It does not count.
    What a member said counts for ever; what it says when its time is over does not.
    """
    stream, about = catalogue_streams.c, catalogue_about.c
    member, joined = catalogue_members.c, catalogue_joins.c
    then = or_(
        _exists_in(
            catalogue_members,
            member.tag == stream.tag,
            member.organisation == about.iss,
            or_(member.ended.is_(None), member.ended > about.idx),
            or_(
                member.until.is_(None),
                _exists_in(
                    statements,
                    statements.c.idx == about.idx,
                    statements.c.received_at < member.until,
                ),
            ),
        ),
        _exists_in(catalogue_joins, joined.tag == stream.tag, joined.organisation == about.iss),
    )
    return _exists_in(catalogue_streams, stream.subject == about.subject, then)


def _exists_in(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    # Of itself, a subquery two levels down would take a table of the outermost query for one of its own.
    return exists().where(*conditions).correlate_except(table)
