"""Filling the catalogue's tables from the log: in log order, each entry once, whichever process does it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, select, update

from ledger.catalogue import admission, keeping
from ledger.catalogue.facts import Facts, facts_of
from ledger.domain import strict_json
from ledger.domain.subject import SUBJECT_OPENED, Subject
from ledger.evidence.records import claim
from ledger.log.writer import LOG_ID
from ledger.storage.catalogue_tables import (
    catalogue_about,
    catalogue_hand_overs,
    catalogue_members,
    catalogue_state,
    catalogue_streams,
    catalogue_subjects,
)
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.erasure_tables import erased_items, erasures, legal_holds
from ledger.storage.evidence_tables import evidence_claims
from ledger.storage.faults import Fault, no_fault
from ledger.storage.rows import insert_or_ignore, insert_rows
from ledger.storage.secret_tables import evidence_commitments
from ledger.storage.sharing_tables import sharing_answers, sharing_requests
from ledger.storage.tables import log, statements

BATCH = 500
_MAX_DISCLOSURES = 1 << 22
_STATE_ID = 1
_FROM_THE_LOG = (
    # First: whoever writes the others has moved it before.
    catalogue_state,
    catalogue_subjects,
    catalogue_streams,
    catalogue_members,
    catalogue_about,
    catalogue_hand_overs,
    sharing_requests,
    sharing_answers,
    evidence_claims,
    evidence_commitments,
    erasures,
    erased_items,
    legal_holds,
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
        query = select(columns.idx, columns.statement, columns.disclosures, columns.received_at)
        wanted = query.where(columns.idx >= start, columns.idx < size).order_by(columns.idx).limit(BATCH)
        rows = connection.execute(wanted).all() if start < size else []
    stop = rows[-1].idx + 1 if len(rows) == BATCH else size
    return (
        start,
        stop,
        [facts_of(row.idx, row.statement, _texts(row.disclosures), row.received_at) for row in rows],
    )


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
        admission.apply(connection, facts)
        claim(connection, facts.index, sorted({item.cid for item in facts.evidence}))
        items += _item_rows(facts)
        if facts.claim is not None:
            claims.append(_claim_row(facts))
        if facts.keeping is not None:
            # Whose the items are, and what they are about, may have been said in this very batch.
            _flush(connection, catalogue_about, about)
            _flush(connection, evidence_commitments, items)
            keeping.note(connection, facts)
    _flush(connection, catalogue_about, about)
    _flush(connection, evidence_commitments, items)
    insert_rows(connection, catalogue_hand_overs, claims)


def _flush(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    insert_rows(connection, table, rows)
    rows.clear()


def _open(connection: Connection, facts: Facts, name: str) -> None:
    statement = facts.statement
    (tag,) = statement.streams
    if statement.kind == SUBJECT_OPENED:
        subject = Subject.parse(statement.sub)
        row = (facts.index, subject.uri, subject.type, subject.key, statement.iss, statement.iat)
        insert_rows(connection, catalogue_subjects, [row])
    insert_rows(connection, catalogue_streams, [(tag, statement.sub, name, facts.index)])
    admission.opener(connection, tag, facts)


def _item_rows(facts: Facts) -> list[tuple[Any, ...]]:
    # Of two entries for one item in one statement, the first counts.
    items = {(one.commitment, one.cid): one for one in reversed(facts.evidence)}
    iss = facts.statement.iss
    return [(name, facts.index, cid, iss, one.category) for (name, cid), one in items.items()]


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
