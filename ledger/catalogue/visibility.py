"""Who sees what, as conditions of queries: the one place where reading is allowed or not.

A statement is seen by the members of a stream that it is filed in. Whoever is no member of any stream of a
subject does not learn that there is one.
"""

from sqlalchemy import ColumnElement, CompoundSelect, Table, exists, or_, select, union

from ledger.storage.catalogue_tables import (
    catalogue_about,
    catalogue_joins,
    catalogue_members,
    catalogue_streams,
)
from ledger.storage.tables import stream_entries

Tag = ColumnElement[bytes] | bytes


def is_member(tag: Tag, organisation: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Return the condition that an organisation is a member of a stream."""
    member, joined = catalogue_members.c, catalogue_joins.c
    return or_(
        _exists_in(catalogue_members, member.tag == tag, member.organisation == organisation),
        _exists_in(catalogue_joins, joined.tag == tag, joined.organisation == organisation),
    )


def tags_of(organisation: str) -> CompoundSelect[tuple[bytes]]:
    """Return the query for the tags of all streams that an organisation is a member of."""
    member, joined = catalogue_members.c, catalogue_joins.c
    return union(
        select(member.tag).where(member.organisation == organisation),
        select(joined.tag).where(joined.organisation == organisation),
    )


def sees_entry(
    index: ColumnElement[int], organisation: str, stream: bytes | None = None
) -> ColumnElement[bool]:
    """Return the condition that an organisation is a member of a stream in which an entry is filed.

    Args:
        index: Of the entry.
        organisation: URI of the reader.
        stream: The only tag to look at, if one is asked for.
    """
    filed = stream_entries.c
    asked = () if stream is None else (filed.tag == stream,)
    return _exists_in(stream_entries, filed.idx == index, is_member(filed.tag, organisation), *asked)


def is_by_a_party() -> ColumnElement[bool]:
    """Return the condition that a row of `catalogue_about` is by a member of a stream of its subject.

    Anybody can name a subject in a stream of its own and let others into that stream. It does not count.
    """
    stream, about = catalogue_streams.c, catalogue_about.c
    return _exists_in(catalogue_streams, stream.subject == about.subject, is_member(stream.tag, about.iss))


def _exists_in(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    # Of itself, a subquery two levels down would take a table of the outermost query for one of its own.
    return exists().where(*conditions).correlate_except(table)
