"""What everybody in a shipment's streams may know of it: what was said there, without what was concealed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, not_, or_, select

from ledger.catalogue.facts import CUSTODY
from ledger.catalogue.visibility import is_by_a_party
from ledger.domain.custody import Said
from ledger.domain.errors import MalformedError
from ledger.domain.links import (
    BEGINNING,
    BOOKED_AS,
    CARRIED_IN,
    CARRIED_ON,
    ENDING,
    REPLACES,
    STUFFED_IN,
    Link,
    links_of,
)
from ledger.domain.statement import Statement
from ledger.domain.subject import Subject
from ledger.log.lru import Lru
from ledger.storage.catalogue_tables import catalogue_about, catalogue_streams
from ledger.storage.rows import chunks
from ledger.storage.tables import statements, stream_entries

_KEPT = 8192
MAX_PARTS = 256
"""Subjects that one shipment is followed to at most."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A statement as everybody in its stream may know it.

    Args:
        said: Without what was concealed.
        received_at: When the log took it, POSIX seconds.
    """

    said: Said
    received_at: int


@dataclass(frozen=True, slots=True)
class Story:
    """What was said of one shipment, part by part.

    Args:
        uri: The shipment.
        tags: Tags of the custody streams of the shipment and of what it is linked to, by their URIs.
        heard: What was said of each of these in its own custody stream, in the order of the log.
    """

    uri: str
    tags: Mapping[str, bytes]
    heard: Mapping[str, Sequence[Heard]]

    def in_view(self, view: Collection[bytes]) -> list[Heard]:
        """Return what was said in some of the streams, each once, in the order of the log."""
        parts = [self.heard[uri] for uri, tag in self.tags.items() if tag in view]
        found = {one.said.index: one for part in parts for one in part}
        return [found[index] for index in sorted(found)]


class Stories:
    """Reads what was said of shipments; remembers the statements read last. Safe between threads."""

    def __init__(self) -> None:
        self._known: Lru[int, Heard] = Lru(_KEPT)

    def of(self, connection: Connection, uri: str) -> Story:
        """Return what was said of a shipment.

        It is followed to the trips that its goods were ever in and what these replaced, to their bookings
        and their voyages; a link counts when its signer is a party of both ends.

        Args:
            connection: A snapshot, with a catalogue that is kept up with the log.
            uri: A consignment or a trip.
        """
        tags: dict[str, bytes] = {}
        heard: dict[str, Sequence[Heard]] = {}
        ahead = [uri]
        while ahead and len(tags) < MAX_PARTS:
            here = ahead.pop(0)
            tag = None if here in tags else _custody(connection, here)
            if tag is None:
                continue
            tags[here] = tag
            heard[here] = self._about(connection, here, tag)
            linked = [
                (link, one.said.index)
                for one in heard[here]
                for link in _links(one.said)
                if here in (link.from_, link.to)
            ]
            good = _said_by_parties(connection, here, linked)
            ahead += [there for link in good if (there := _onward(link, here)) is not None]
        return Story(uri, tags, heard)

    def _about(self, connection: Connection, uri: str, tag: bytes) -> list[Heard]:
        about, filed, said = catalogue_about.c, stream_entries.c, statements.c
        query = (
            select(about.idx)
            .join(stream_entries, and_(filed.idx == about.idx, filed.tag == tag))
            .where(about.subject == uri, is_by_a_party())
            .order_by(about.idx)
        )
        if Subject.parse(uri).type == "voyage":
            # Thousands of containers are linked to a voyage; of them their own statements tell.
            bare = or_(said.kind.not_in(BEGINNING | ENDING), said.sub.like("urn:corridor:voyage:%"))
            query = query.join(statements, said.idx == about.idx).where(bare, not_(said.kind == "grant"))
        indices = list(connection.execute(query).scalars())
        known = self._known.get(indices)
        read: dict[int, Heard] = {}
        for part in chunks(index for index in indices if index not in known):
            wanted = select(said.idx, said.statement, said.received_at).where(said.idx.in_(part))
            for index, raw, received_at in connection.execute(wanted):
                statement = Statement.parse(raw)
                read[index] = Heard(Said(index, statement, statement.reveal(())), received_at)
        self._known.keep(read)
        return [known.get(index) or read[index] for index in indices]


def _custody(connection: Connection, uri: str) -> bytes | None:
    stream = catalogue_streams.c
    query = select(stream.tag).where(stream.subject == uri, stream.name == CUSTODY)
    found: bytes | None = connection.execute(query).scalar()
    return found


def _links(said: Said) -> Iterator[Link]:
    try:
        yield from links_of(said.statement, said.body)
    except MalformedError:
        return


def _onward(link: Link, here: str) -> str | None:
    """Return where a link leads from one end, None where the other end is not a part of what is here."""
    if link.from_ == here and link.rel in (STUFFED_IN, BOOKED_AS, CARRIED_ON, REPLACES):
        return link.to
    if link.to == here and link.rel == CARRIED_IN:
        return link.from_
    if link.to == here and link.rel == REPLACES and Subject.parse(here).type == "voyage":
        return link.from_
    return None


def _said_by_parties(connection: Connection, here: str, linked: Iterable[tuple[Link, int]]) -> list[Link]:
    """Return the links whose statements are by parties of the other end, too."""
    about = catalogue_about.c
    by_end: dict[str, list[tuple[Link, int]]] = {}
    for link, index in linked:
        by_end.setdefault(link.to if link.from_ == here else link.from_, []).append((link, index))
    good: list[Link] = []
    for end, its in by_end.items():
        for part in chunks(its):
            indices = [index for _, index in part]
            query = select(about.idx).where(about.subject == end, about.idx.in_(indices), is_by_a_party())
            by_parties = set(connection.execute(query).scalars())
            good += [link for link, index in part if index in by_parties]
    return good
