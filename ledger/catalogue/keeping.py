"""Erasures and legal holds: which may be said, and which of those in the log have effect.

What counts is the order of the log: an erasure that comes after a hold on one of its items has no effect on
it, whichever of two processes took which of them in, and a hold that comes after an erasure comes too late.
So every process that reads the log comes to the same.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select, update

from ledger.catalogue.facts import Facts
from ledger.catalogue.findings import Finding, Weight
from ledger.domain.erasure import ERASURE, Erased, Erasure
from ledger.domain.errors import ConflictError, PolicyError
from ledger.domain.evidence import COMMITMENT_SIZE
from ledger.domain.legal_hold import LEGAL_HOLD, LEGAL_HOLD_ENDED, Hold, Lift, lifted
from ledger.domain.statement import Statement
from ledger.storage.catalogue_tables import catalogue_about, catalogue_streams
from ledger.storage.erasure_tables import erased_items, erasures, legal_holds
from ledger.storage.rows import insert_new, insert_or_ignore
from ledger.storage.secret_tables import evidence_commitments
from ledger.storage.tables import stream_entries

KINDS: Final = frozenset({ERASURE, LEGAL_HOLD, LEGAL_HOLD_ENDED})
"""Kinds of the statements that say what is kept and what is not."""


def said_by(statement: Statement, body: Mapping[str, Any]) -> Erasure | Hold | Lift:
    """Return what a statement of one of `KINDS` says.

    Raises:
        MalformedError: It is concealed from the log, which has to act upon it, or not in the format.
    """
    if statement.kind == ERASURE:
        return Erasure.parse(body)
    return Hold.parse(body) if statement.kind == LEGAL_HOLD else lifted(statement)


def check(connection: Connection, statement: Statement, said: Erasure | Hold | Lift) -> list[Finding]:
    """Return what is to be told of a statement that may be said.

    Args:
        connection: A transaction, with the catalogue up to the log.
        statement: As signed; its signer is a member of its streams.
        said: What its body says.

    Raises:
        PolicyError: `not-yours` and `other-stream`: an erasure of what its signer does not claim there;
            `not-your-hold`: a lift of a hold that its signer did not place; `other-stream`: a hold on a
            subject that its stream does not belong to.
        ConflictError: `legal-hold`: an item may not be erased; `already-lifted`.
    """
    if isinstance(said, Erasure):
        for place, item in enumerate(said.items):
            _check_item(connection, statement, item, f"body.items.{place}")
        return []
    if isinstance(said, Lift):
        _check_lift(connection, statement, said)
        return []
    strange = set(statement.subjects) - _held_subjects(connection, statement)
    if strange:
        raise PolicyError(
            "other-stream",
            f"no stream that this hold is filed in is one of {min(strange)}: file a hold in a stream of each "
            "of its subjects",
            field="subjects",
        )
    return _late(connection, said)


def note(connection: Connection, facts: Facts) -> None:
    """Note what a logged statement does to the keeping of evidence.

    Args:
        connection: The transaction that writes the entry's other rows; all entries before it are noted.
        facts: Of the entry.
    """
    statement, said = facts.statement, facts.keeping
    if isinstance(said, Erasure):
        for item in said.items:
            _note_item(connection, facts, said, item)
    elif isinstance(said, Hold):
        named = None if said.items is None else b"".join(sorted(said.items))
        rows = [
            {"idx": facts.index, "subject": uri, "id": statement.id, "iss": statement.iss, "named": named}
            for uri in sorted(_held_subjects(connection, statement))
        ]
        insert_or_ignore(connection, legal_holds, rows)
    elif said is not None:
        hold = legal_holds.c
        its = (hold.id == said.hold, hold.iss == statement.iss, hold.ended.is_(None))
        connection.execute(update(legal_holds).where(*its).values(ended=facts.index))


def _note_item(connection: Connection, facts: Facts, said: Erasure, item: Erased) -> None:
    statement = facts.statement
    if not _claimed_there(connection, statement, item):
        return
    held = _hold_on(connection, item.cid)
    row = {"cid": item.cid, "idx": facts.index, "organisation": statement.iss, "at": facts.at}
    insert_or_ignore(connection, erasures, [row | {"because": said.because, "held": held}])
    if held is None and not _claimants_left(connection, item.cid):
        insert_new(connection, erased_items, {"cid": item.cid, "idx": facts.index, "at": facts.at})


def _check_item(connection: Connection, statement: Statement, item: Erased, field: str) -> None:
    if not connection.execute(select(evidence_commitments.c.idx).where(*_claim_of(statement, item))).first():
        raise PolicyError(
            "not-yours",
            f"no statement of {statement.iss} that this log can read claims {item.cid}: only what an "
            "organisation claims it can erase",
            field=field,
        )
    if not _claimed_there(connection, statement, item):
        raise PolicyError(
            "other-stream",
            f"{item.cid} is claimed in another stream: file its erasure where the claim is, so that whoever "
            "reads the one reads the other",
            field=field,
        )
    if _hold_on(connection, item.cid) is not None:
        # Not whose it is, nor why: a hold may be in a stream that others do not know of.
        raise ConflictError(
            "legal-hold",
            f"an authority forbids the erasure of {item.cid}; erase it when the hold is lifted",
            field=field,
        )


def _check_lift(connection: Connection, statement: Statement, lift: Lift) -> None:
    hold = legal_holds.c
    its = select(hold.ended).where(hold.id == lift.hold, hold.iss == statement.iss)
    found = connection.execute(its).first()
    if found is None:
        raise PolicyError(
            "not-your-hold",
            f"{statement.iss} placed no hold with the id {lift.hold.hex()}: whoever placed one lifts it",
            field="references",
        )
    if found.ended is not None:
        raise ConflictError("already-lifted", f"hold {lift.hold.hex()} was lifted before", field="references")


def _late(connection: Connection, hold: Hold) -> list[Finding]:
    """Return a warning for each item that a hold names too late."""
    claims, gone = evidence_commitments.c, erased_items.c
    found = []
    for commitment in sorted(hold.items or ()):
        erased = select(gone.cid).join(evidence_commitments, claims.cid == gone.cid)
        if connection.execute(erased.where(claims.commitment == commitment)).first() is not None:
            message = f"the item {commitment.hex()} was erased before: what is gone cannot be held"
            found.append(Finding("already-erased", message, "body.items", Weight.WARNING))
    return found


def _claim_of(statement: Statement, item: Erased) -> tuple[ColumnElement[bool], ...]:
    claims = evidence_commitments.c
    return (claims.commitment == item.commitment, claims.cid == item.cid, claims.iss == statement.iss)


def _claimed_there(connection: Connection, statement: Statement, item: Erased) -> bool:
    """Return whether a statement's signer claims an item in a stream that the statement is filed in."""
    claims, filed = evidence_commitments.c, stream_entries.c
    query = select(claims.idx).join(stream_entries, filed.idx == claims.idx)
    there = query.where(*_claim_of(statement, item), filed.tag.in_(statement.streams))
    return connection.execute(there).first() is not None


def _held_subjects(connection: Connection, statement: Statement) -> set[str]:
    """Return the subjects of a hold that its streams belong to: of others its author is no party."""
    streams = catalogue_streams.c
    query = select(streams.subject).where(streams.tag.in_(statement.streams))
    return set(connection.execute(query).scalars()) & set(statement.subjects)


def _hold_on(connection: Connection, cid: str) -> int | None:
    """Return the log index of the oldest hold in force on sealed bytes, None when there is none.

    A hold names a commitment. Whoever claims the same bytes under another one does not get round it.
    """
    claims, about, hold = evidence_commitments.c, catalogue_about.c, legal_holds.c
    subjects = (
        select(about.subject)
        .join(evidence_commitments, claims.idx == about.idx)
        .where(claims.cid == cid)
        .distinct()
    )
    standing = select(hold.idx, hold.named).where(hold.subject.in_(subjects), hold.ended.is_(None))
    rows = connection.execute(standing.order_by(hold.idx)).all()
    if not rows:
        return None
    its = select(claims.commitment).where(claims.cid == cid).distinct()
    commitments = set(connection.execute(its).scalars())
    for row in rows:
        if row.named is None or not commitments.isdisjoint(_taken_apart(row.named)):
            return int(row.idx)
    return None


def _taken_apart(named: bytes) -> list[bytes]:
    return [named[at : at + COMMITMENT_SIZE] for at in range(0, len(named), COMMITMENT_SIZE)]


def _claimants_left(connection: Connection, cid: str) -> bool:
    """Return whether somebody who claims sealed bytes has not erased them."""
    claims, gone = evidence_commitments.c, erasures.c
    erased = select(gone.organisation).where(gone.cid == cid, gone.held.is_(None))
    left = select(claims.idx).where(claims.cid == cid, claims.iss.not_in(erased))
    return connection.execute(left).first() is not None
