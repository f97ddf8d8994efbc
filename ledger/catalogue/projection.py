"""Filling the catalogue's tables from the log: in log order, each entry once, whichever process does it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, delete, literal, select, union_all, update

from ledger.catalogue.facts import CUSTODY, Facts, facts_of
from ledger.domain import strict_json
from ledger.domain.subject import SUBJECT_OPENED, Subject
from ledger.evidence.records import claim
from ledger.log.writer import LOG_ID
from ledger.storage.catalogue_tables import (
    catalogue_about,
    catalogue_hand_overs,
    catalogue_joins,
    catalogue_members,
    catalogue_state,
    catalogue_streams,
    catalogue_subjects,
)
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.evidence_tables import evidence_claims
from ledger.storage.faults import Fault, no_fault
from ledger.storage.rows import insert_or_ignore, insert_rows
from ledger.storage.secret_tables import evidence_commitments
from ledger.storage.tables import log, statements

BATCH = 500
_MAX_DISCLOSURES = 1 << 22
_STATE_ID = 1
_FROM_THE_LOG = (
    catalogue_subjects,
    catalogue_streams,
    catalogue_members,
    catalogue_about,
    catalogue_hand_overs,
    evidence_claims,
    evidence_commitments,
    catalogue_state,
)


def catch_up(engine: Engine, *, fault: Fault = no_fault) -> int:
    """Bring the tables up to the log, batch by batch, and return how many entries they cover.

    Args:
        engine: The database.
        fault: Reaches `read`, `moved` and `commit` in each batch, and `committed` after it.
    """
    while True:
        # (1) What is new is read and taken apart before anything is locked.
        start, stop, new = _unread(engine)
        if start >= stop:
            return start
        fault("read")
        # (2) Whoever moves the mark first writes; the others find it moved, and look again.
        with write_transaction(engine) as connection:
            if _move(connection, start, stop):
                fault("moved")
                _apply(connection, new)
                fault("commit")
        fault("committed")


def empty(engine: Engine) -> None:
    """Empty all that comes from the log, so that the next `catch_up` makes it again."""
    with write_transaction(engine) as connection:
        for table in _FROM_THE_LOG:
            connection.execute(delete(table))


def _unread(engine: Engine) -> tuple[int, int, list[Facts]]:
    columns = statements.c
    with read_transaction(engine) as connection:
        start = _covered(connection)
        size = int(connection.execute(select(log.c.size).where(log.c.id == LOG_ID)).scalar() or 0)
        query = select(columns.idx, columns.statement, columns.disclosures)
        wanted = query.where(columns.idx >= start, columns.idx < size).order_by(columns.idx).limit(BATCH)
        rows = connection.execute(wanted).all() if start < size else []
    stop = rows[-1].idx + 1 if len(rows) == BATCH else size
    return start, stop, [facts_of(row.idx, row.statement, _texts(row.disclosures)) for row in rows]


def _texts(stored: bytes) -> Sequence[str]:
    return strict_json.loads(stored, max_bytes=_MAX_DISCLOSURES) if stored != b"[]" else ()


def _covered(connection: Connection) -> int:
    query = select(catalogue_state.c.size).where(catalogue_state.c.id == _STATE_ID)
    return int(connection.execute(query).scalar() or 0)


def _move(connection: Connection, start: int, stop: int) -> bool:
    insert_or_ignore(connection, catalogue_state, [{"id": _STATE_ID, "size": 0}])
    mark = catalogue_state.c
    moving = update(catalogue_state).where(mark.id == _STATE_ID, mark.size == start).values(size=stop)
    return connection.execute(moving).rowcount == 1


def _apply(connection: Connection, new: Sequence[Facts]) -> None:
    about: list[tuple[Any, ...]] = []
    items: list[tuple[Any, ...]] = []
    claims: list[tuple[Any, ...]] = []
    for facts in new:
        statement = facts.statement
        about += [(uri, facts.index, statement.iss) for uri in statement.subjects]
        if facts.opens is not None:
            _open(connection, facts, facts.opens)
        for tag in _admitting(connection, facts) if facts.admits else ():
            _admit(connection, tag, facts.admits, "granted" if facts.claim is None else "hand-over", facts)
        claim(connection, facts.index, sorted({item.cid for item in facts.evidence}))
        items += _item_rows(facts)
        if facts.claim is not None:
            claims.append(_claim_row(facts))
    insert_rows(connection, catalogue_about, about)
    insert_rows(connection, evidence_commitments, items)
    insert_rows(connection, catalogue_hand_overs, claims)


def _open(connection: Connection, facts: Facts, name: str) -> None:
    statement = facts.statement
    (tag,) = statement.streams
    if statement.kind == SUBJECT_OPENED:
        subject = Subject.parse(statement.sub)
        row = (facts.index, subject.uri, subject.type, subject.key, statement.iss, statement.iat)
        insert_rows(connection, catalogue_subjects, [row])
    insert_rows(connection, catalogue_streams, [(tag, statement.sub, name, facts.index)])
    _admit(connection, tag, (statement.iss,), "opened", facts)


def _admit(
    connection: Connection, tag: bytes, organisations: Sequence[str], reason: str, facts: Facts
) -> None:
    rows = [{"tag": tag, "organisation": uri, "reason": reason, "idx": facts.index} for uri in organisations]
    insert_or_ignore(connection, catalogue_members, rows)


def _admitting(connection: Connection, facts: Facts) -> list[bytes]:
    """Return the streams into which a statement lets others: of those that it names, its signer's own.

    Naming a tag shows nothing, for the log shows every tag. A secret that was proven later than this entry
    does not count for it, so that the order of the log alone decides.
    """
    statement, member, joined = facts.statement, catalogue_members.c, catalogue_joins.c
    its = union_all(
        select(member.tag).where(member.tag.in_(statement.streams), member.organisation == statement.iss),
        select(joined.tag).where(
            joined.tag.in_(statement.streams),
            joined.organisation == statement.iss,
            joined.size <= literal(facts.index),
        ),
    )
    tags = set(connection.execute(its).scalars())
    if facts.admits_to is not None:
        streams = catalogue_streams.c
        shared = select(streams.tag).where(
            streams.tag.in_(tags), streams.name == CUSTODY, streams.subject.in_(facts.admits_to)
        )
        tags = set(connection.execute(shared).scalars())
    return sorted(tags)


def _item_rows(facts: Facts) -> list[tuple[Any, ...]]:
    # Of two items of one commitment in one statement, the first counts.
    items = {one.commitment: one for one in reversed(facts.evidence)}
    iss = facts.statement.iss
    return [(name, facts.index, iss, one.cid, one.category) for name, one in items.items()]


def _claim_row(facts: Facts) -> tuple[Any, ...]:
    statement, claim = facts.statement, facts.claim
    assert claim is not None
    parties: dict[str, str | None] = {"giver": None, "taker": None, claim.role.value: statement.iss}
    if claim.terms is not None:
        parties = {"giver": claim.terms.giver, "taker": claim.terms.taker}
    return (
        facts.index,
        statement.id,
        claim.terms_hash,
        statement.iss,
        claim.role.value,
        claim.result.value,
        parties["giver"],
        parties["taker"],
        statement.corrects,
    )
