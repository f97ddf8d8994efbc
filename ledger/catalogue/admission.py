"""Who is let into which stream by what the log says, and put out again: applied entry by entry, in log order.

What an entry gives depends on the entries before it, on the time at which the log took it, and on nothing
else: the tables can be emptied and made again.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, or_, select, update

from ledger.catalogue.facts import CUSTODY, Facts
from ledger.domain.sharing import Grant
from ledger.storage.catalogue_tables import catalogue_joins, catalogue_members, catalogue_streams
from ledger.storage.rows import insert_new, insert_rows
from ledger.storage.sharing_tables import sharing_answers, sharing_requests
from ledger.storage.tables import statements

OPENED = "opened"
GRANTED = "granted"
HAND_OVER = "hand-over"
OFFERED = "offered"
"""By a hand-over whose giver is in by a grant itself: it ends with that, or no grant could be ended."""
ENDING = (GRANTED, OFFERED)
"""Reasons that hold only as long as whoever let somebody in is in."""


def opener(connection: Connection, tag: bytes, facts: Facts) -> None:
    """Make whoever opens a stream its first member."""
    _admit(connection, facts, {tag: None}, Grant((facts.statement.iss,)), lambda _tag: OPENED)


def apply(connection: Connection, facts: Facts) -> None:
    """Note whom an entry lets in, whom it puts out, what it asks for, and what it answers."""
    if facts.asks is not None:
        _ask(connection, facts, facts.asks.to)
    if facts.ends is not None:
        _end(connection, facts, facts.ends)
    if facts.answers is not None and not _is_answered_by(connection, facts, facts.answers):
        return
    if facts.admits is not None:
        tags, for_good = _admitting(connection, facts)

        def reason(tag: bytes) -> str:
            if facts.claim is None:
                return GRANTED
            return HAND_OVER if tag in for_good else OFFERED

        _admit(connection, facts, tags, facts.admits, reason)


def _ask(connection: Connection, facts: Facts, addressee: str) -> None:
    row = (facts.index, facts.statement.id, facts.statement.iss, addressee)
    insert_rows(connection, sharing_requests, [row])


def _is_answered_by(connection: Connection, facts: Facts, request: bytes) -> bool:
    """Return whether an entry is the first answer to a request, by the one who was asked."""
    asked = sharing_requests.c
    query = select(asked.idx).where(
        asked.id == request, asked.addressee == facts.statement.iss, asked.iss == facts.asked_by
    )
    index = connection.execute(query).scalar()
    if index is None:
        return False
    return insert_new(connection, sharing_answers, {"request": index, "idx": facts.index})


def _admit(
    connection: Connection,
    facts: Facts,
    tags: Mapping[bytes, int | None],
    grant: Grant,
    reason: Callable[[bytes], str],
) -> None:
    """Make organisations members of streams, of each at most as long as it says beside the tag."""
    categories = " ".join(sorted(grant.categories))
    rows: list[tuple[Any, ...]] = []
    for tag, longest in sorted(tags.items()):
        until = min((one for one in (grant.until, longest) if one is not None), default=None)
        rows += [
            (tag, uri, facts.index, reason(tag), facts.statement.iss, categories, grant.since, until, None)
            for uri in grant.to
        ]
    insert_rows(connection, catalogue_members, rows)


def _admitting(connection: Connection, facts: Facts) -> tuple[dict[bytes, int | None], frozenset[bytes]]:
    """Return the streams into which a statement lets others: of those that it names, its signer's own.

    Naming a tag shows nothing, for the log shows every tag. A secret that was proven later than this entry
    does not count for it, so that the order of the log alone decides. Beside each stream it says until when
    the signer itself is a member, None without an end: nobody lets others in for longer. The second result
    are those in which the signer is for good: who takes over from it there is so, too.
    """
    statement, member, joined = facts.statement, catalogue_members.c, catalogue_joins.c
    its = select(member.tag, member.until, member.reason).where(
        member.tag.in_(statement.streams),
        member.organisation == statement.iss,
        member.ended.is_(None),
        member.since <= facts.received_at,
        or_(member.until.is_(None), member.until > facts.received_at),
    )
    longest: dict[bytes, int | None] = {}
    for_good: set[bytes] = set()
    for tag, until, reason in connection.execute(its):
        known = longest.get(tag, until)
        longest[tag] = None if until is None or known is None else max(until, known)
        if reason not in ENDING:
            for_good.add(tag)
    shown = select(joined.tag).where(
        joined.tag.in_(statement.streams),
        joined.organisation == statement.iss,
        joined.size <= facts.index,
    )
    for_good.update(connection.execute(shown).scalars())
    longest |= dict.fromkeys(for_good)
    if facts.claim is not None:
        shared = _custody(connection, longest, facts.admits_to or ())
        longest = {tag: longest[tag] for tag in shared}
    return longest, frozenset(for_good)


def _custody(connection: Connection, tags: Iterable[bytes], subjects: Iterable[str]) -> list[bytes]:
    streams = catalogue_streams.c
    shared = select(streams.tag).where(
        streams.tag.in_(list(tags)), streams.name == CUSTODY, streams.subject.in_(list(subjects))
    )
    return list(connection.execute(shared).scalars())


def _end(connection: Connection, facts: Facts, granted: bytes) -> None:
    """End what an earlier statement of the same organisation granted."""
    member = catalogue_members.c
    by = select(statements.c.idx).where(statements.c.id == granted, statements.c.idx < facts.index)
    index = connection.execute(by).scalar()
    ending = (member.idx == index, member.by == facts.statement.iss, member.reason == GRANTED)
    tags = list(connection.execute(select(member.tag).where(*ending).distinct()).scalars())
    connection.execute(
        update(catalogue_members).where(*ending, member.ended.is_(None)).values(ended=facts.index)
    )
    for tag in sorted(tags):
        _end_unfounded(connection, tag, facts.index)


def _end_unfounded(connection: Connection, tag: bytes, index: int) -> None:
    """End the grants in a stream by those who are no members any more, and so on.

    A grant holds as long as its giver does. Who opened the stream, proved the secret, or took a shipment over
    from one who holds by itself, holds by itself; others hold by a chain that begins there, never by a
    circle of them.
    """
    member, joined = catalogue_members.c, catalogue_joins.c
    query = select(member.organisation, member.idx, member.by, member.reason).where(
        member.tag == tag, member.ended.is_(None)
    )
    rows = connection.execute(query).all()
    holding = {row.organisation for row in rows if row.reason not in ENDING}
    proven = select(joined.organisation).where(joined.tag == tag, joined.size <= index)
    holding |= set(connection.execute(proven).scalars())
    ahead = [row for row in rows if row.reason in ENDING]
    while ahead:
        founded = [row for row in ahead if row.by in holding]
        if not founded:
            break
        holding |= {row.organisation for row in founded}
        ahead = [row for row in ahead if row.by not in holding]
    for row in ahead:
        connection.execute(
            update(catalogue_members)
            .where(member.tag == tag, member.organisation == row.organisation, member.idx == row.idx)
            .values(ended=index)
        )
