"""Links between subjects: which consignment is in which trip, which booking, on which voyage (formats, 13).

Links are added and ended by signed statements, many to many. What stands is worked out from all that was
said, ordered by when it happened: the order in which statements arrive changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.moment import happened_at
from ledger.domain.statement import Statement
from ledger.domain.subject import Subject

LINK: Final = "link"
LINK_ENDED: Final = "link-ended"
STUFFING: Final = "stuffing"
STRIPPING: Final = "stripping"
BEGINNING: Final = frozenset((LINK, STUFFING))
ENDING: Final = frozenset((LINK_ENDED, STRIPPING))

STUFFED_IN: Final = "stuffed-in"
BOOKED_AS: Final = "booked-as"
CARRIED_IN: Final = "carried-in"
CARRIED_ON: Final = "carried-on"
REPLACES: Final = "replaces"
ENDS: Final[Mapping[str, frozenset[tuple[str, str]]]] = {
    STUFFED_IN: frozenset({("consignment", "trip")}),
    BOOKED_AS: frozenset({("consignment", "booking")}),
    CARRIED_IN: frozenset({("booking", "trip")}),
    CARRIED_ON: frozenset({("trip", "voyage"), ("booking", "voyage")}),
    REPLACES: frozenset({("trip", "trip"), ("voyage", "voyage")}),
}
"""For each relation, the types of subjects that it leads from and to. The new one `replaces` the old one."""
MAX_LINKS = 64


class Said(Protocol):
    """A logged statement as a reader sees it; see `custody.Said`."""

    @property
    def index(self) -> int:
        """Its place in the log."""

    @property
    def statement(self) -> Statement:
        """As signed."""

    @property
    def body(self) -> Mapping[str, Any]:
        """As revealed to this reader."""


@dataclass(frozen=True, slots=True)
class Link:
    """That one subject has to do with another.

    Args:
        rel: How, a key of `ENDS`.
        from_: URI of the subject that it leads from.
        to: URI of the subject that it leads to.
    """

    rel: str
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class Span:
    """A link and when it stood, as claimed.

    Args:
        link: The link.
        since: POSIX seconds.
        until: POSIX seconds, None while it stands; at this moment it stands no more.
        by: URI of the organisation that made it.
        statement: Id of the statement that made it, 32 bytes.
    """

    link: Link
    since: float
    until: float | None
    by: str
    statement: bytes


def links_of(statement: Statement, body: Mapping[str, Any]) -> tuple[Link, ...]:
    """Return the links that a statement begins or ends, none for a statement of another kind.

    Args:
        statement: As signed.
        body: As revealed.

    Raises:
        MalformedError: `links` is not as the format says, or is missing where the subjects do not tell.
    """
    if statement.kind not in BEGINNING | ENDING:
        return ()
    if "links" in body:
        found = [
            _link(value, statement, f"body.links.{place}")
            for place, value in enumerate(fields.array(body["links"], "body.links"))
        ]
        if not 1 <= len(found) <= MAX_LINKS or len(set(found)) != len(found):
            message = f"body.links must be 1 to {MAX_LINKS} different links"
            raise MalformedError("malformed-field", message, field="body.links")
        return tuple(found)
    if statement.kind in (STUFFING, STRIPPING):
        return _of_subjects(statement.subjects)
    if "_sd" in statement.body:
        return ()
    raise MalformedError("missing-field", f"a {statement.kind} must say its links", field="body.links")


def _link(value: object, statement: Statement, where: str) -> Link:
    members = fields.exactly_at(value, ("rel", "from", "to"), where)
    allowed = ENDS.get(members["rel"]) if isinstance(members["rel"], str) else None
    if allowed is None:
        message = f"{where}.rel must be one of {', '.join(ENDS)}"
        raise MalformedError("malformed-field", message, field=f"{where}.rel")
    link = Link(
        members["rel"], *(Subject.parse(members[end], f"{where}.{end}").uri for end in ("from", "to"))
    )
    for end, uri in (("from", link.from_), ("to", link.to)):
        if uri not in statement.subjects:
            message = f"{where}.{end} must be among the statement's subjects"
            raise MalformedError("malformed-field", message, field=f"{where}.{end}")
    types = Subject.parse(link.from_).type, Subject.parse(link.to).type
    if types not in allowed or link.from_ == link.to:
        shown = " or ".join(f"from a {from_} to another {to}" for from_, to in sorted(allowed))
        raise MalformedError("malformed-field", f"{where}: {link.rel} leads {shown}", field=where)
    return link


def _of_subjects(subjects: Sequence[str]) -> tuple[Link, ...]:
    """Return what a stuffing says by its subjects alone: one consignment, one trip, and nothing to choose."""
    by_type: dict[str, list[str]] = {"consignment": [], "trip": []}
    for uri in subjects:
        by_type.setdefault(Subject.parse(uri).type, []).append(uri)
    if len(by_type["consignment"]) == len(by_type["trip"]) == 1:
        return (Link(STUFFED_IN, by_type["consignment"][0], by_type["trip"][0]),)
    return ()


@dataclass(frozen=True, slots=True)
class LinkSet:
    """All links that were made and when they stood.

    A link is ended by whoever may say so by the corridor's profile, not only by the organisation that made
    it: who strips a container is seldom who stuffed it, and it is on record who did. What is said to end at
    a time ends the link that began at or before it, so that an end may arrive before its beginning; an end
    without one says nothing. At one moment links begin before they end. A link that is made again after its
    end has two spans. What another statement of the same organisation `corrects` was never said.

    Args:
        spans: In the order of their beginnings.
    """

    spans: tuple[Span, ...]

    @classmethod
    def of(cls, said: Iterable[Said]) -> Self:
        """Work out the links from what was said, in whatever order it comes.

        Statements whose links cannot be read say nothing about links.
        """
        events = sorted(_events(list(said)), key=_order)
        open_: dict[Link, Span] = {}
        closed: list[Span] = []
        for event in events:
            for link in event.links:
                if event.one.statement.kind in BEGINNING:
                    signed = event.one.statement
                    open_.setdefault(link, Span(link, event.at, None, signed.iss, signed.id))
                elif link in open_:
                    span = open_.pop(link)
                    closed.append(Span(link, span.since, event.at, span.by, span.statement))
        spans = sorted(
            [*closed, *open_.values()], key=lambda one: (one.since, one.link.rel, one.link.from_, one.link.to)
        )
        return cls(tuple(spans))


@dataclass(frozen=True, slots=True)
class _Event:
    at: float
    one: Said
    links: tuple[Link, ...]


def _events(said: Sequence[Said]) -> list[_Event]:
    by_id = {one.statement.id: one.statement for one in said}
    taken_back = {
        one.statement.corrects
        for one in said
        if one.statement.corrects in by_id and by_id[one.statement.corrects].iss == one.statement.iss
    }
    events = []
    for one in {one.statement.id: one for one in said}.values():
        if one.statement.id in taken_back:
            continue
        try:
            links = links_of(one.statement, one.body)
        except MalformedError:
            continue
        if links:
            events.append(_Event(happened_at(one.statement, one.body), one, links))
    return events


def _order(event: _Event) -> tuple[float, bool, bytes]:
    """Return what events are ordered by: nothing in it depends on which of them was logged first."""
    return event.at, event.one.statement.kind in ENDING, event.one.statement.id
