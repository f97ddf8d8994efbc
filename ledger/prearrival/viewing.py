"""Who sees a shipment in which of its streams: all who are in the same ones see the same row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, or_, select

from ledger.catalogue.facts import CUSTODY
from ledger.catalogue.visibility import is_good
from ledger.prearrival.stories import Story
from ledger.storage.catalogue_tables import catalogue_joins, catalogue_members, catalogue_streams
from ledger.storage.rows import chunks

View = frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Viewers:
    """Who sees a shipment now.

    Args:
        by_view: By tags of streams, the URIs of the organisations that are in just these.
        until: When this changes by itself: a grant begins, or is over; POSIX seconds, None when none does.
    """

    by_view: Mapping[View, frozenset[str]]
    until: int | None


def view_id(view: View) -> bytes:
    """Return what a view is called: SHA-256 over its tags in their order, 32 bytes."""
    return sha256(b"".join(sorted(view))).digest()


def viewers_of(connection: Connection, story: Story, consignments: Sequence[str], now: int) -> Viewers:
    """Return who sees a shipment.

    Args:
        connection: The snapshot that the story was read from.
        story: The shipment's.
        consignments: URIs of those in which it is shown already: their members do not see it by itself.
        now: POSIX seconds.
    """
    carriers = _custody_of(connection, consignments)
    tags = [*story.tags.values(), *carriers]
    member, joined = catalogue_members.c, catalogue_joins.c
    members: dict[bytes, set[str]] = {tag: set() for tag in tags}
    for tag, uri in connection.execute(
        select(member.tag, member.organisation).where(member.tag.in_(tags), is_good(now))
    ):
        members[tag].add(uri)
    for tag, uri in connection.execute(select(joined.tag, joined.organisation).where(joined.tag.in_(tags))):
        members[tag].add(uri)
    own = story.tags[story.uri]
    elsewhere = {uri for tag in carriers for uri in members[tag]}
    by_view: dict[View, set[str]] = {}
    for uri in members[own] - elsewhere:
        view = frozenset(tag for tag in story.tags.values() if uri in members[tag])
        by_view.setdefault(view, set()).add(uri)
    return Viewers({view: frozenset(uris) for view, uris in by_view.items()}, _changes(connection, tags, now))


def _custody_of(connection: Connection, uris: Sequence[str]) -> list[bytes]:
    stream = catalogue_streams.c
    found: list[bytes] = []
    for part in chunks(uris):
        query = select(stream.tag).where(stream.subject.in_(part), stream.name == CUSTODY)
        found += connection.execute(query).scalars()
    return found


def _changes(connection: Connection, tags: list[bytes], now: int) -> int | None:
    member = catalogue_members.c
    timed = or_(member.since > now, member.until > now)
    query = select(member.since, member.until).where(member.tag.in_(tags), member.ended.is_(None), timed)
    moments = [
        moment
        for since, until in connection.execute(query)
        for moment in (since, until)
        if moment is not None and moment > now
    ]
    return min(moments, default=None)
