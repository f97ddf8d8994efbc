"""Questions about hand-overs: which of them an organisation has a part in, and which wait for an answer."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, and_, case, distinct, exists, func, not_, or_, select
from sqlalchemy.sql.selectable import NamedFromClause

from ledger.catalogue.facts import facts_of
from ledger.catalogue.records import HandOverRecord, HandOverSaid
from ledger.catalogue.views import View
from ledger.catalogue.visibility import sees_entry
from ledger.domain.hand_over import Result, Role
from ledger.domain.statement import Statement
from ledger.log.store import StoredStatement, select_statements, stored_statement
from ledger.storage.catalogue_tables import catalogue_hand_overs
from ledger.storage.tables import statements

Found = tuple[HandOverRecord, StoredStatement | None]
"""A hand-over without its terms, and the statement that discloses them; for `shown`."""


def hand_overs(  # noqa: PLR0917 - they are those of the question
    connection: Connection, organisation: str, now: int, open_only: bool, after: int | None, limit: int
) -> Sequence[Found]:
    """Return a page of hand-overs; see `Catalogue.hand_overs`."""
    claim = catalogue_hand_overs.c
    own = select(claim.terms).where(
        or_(claim.giver == organisation, claim.taker == organisation),
        _counts(),
        sees_entry(claim.idx, organisation, now),
    )
    first = func.min(claim.idx)
    query = (
        select(claim.terms, first)
        .where(claim.terms.in_(own), _counts(), sees_entry(claim.idx, organisation, now))
        .group_by(claim.terms)
        .order_by(first)
        .limit(limit)
    )
    if after is not None:
        query = query.having(first > after)
    if open_only:
        refused = func.max(case((claim.result == Result.REFUSED.value, claim.idx), else_=-1))
        query = query.having(func.count(distinct(claim.role)) == 1, refused < func.max(claim.idx))
    return [_record(connection, terms, organisation, now) for terms, _ in connection.execute(query).all()]


def shown(record: HandOverRecord, disclosing: StoredStatement | None, view: View) -> HandOverRecord:
    """Return a hand-over as a reader is shown it: with its terms, or with what was signed of its sides."""
    if disclosing is not None:
        statement = Statement.parse(disclosing.statement)
        disclosures = view.visible(statement, disclosing.disclosures)
        claim = facts_of(disclosing.index, disclosing.statement, disclosures).claim
        if claim is not None and claim.terms is not None:
            return replace(record, terms=claim.terms)
    signed = {one.role: one.organisation for one in reversed(record.said)}
    return replace(record, giver=signed.get(Role.GIVER), taker=signed.get(Role.TAKER))


def _counts() -> ColumnElement[bool]:
    """Return the condition that a claim was not corrected, and is by a party as far as is known."""
    claim, other = catalogue_hand_overs.c, catalogue_hand_overs.alias("other")
    corrected = exists().where(other.c.corrects == claim.id, other.c.iss == claim.iss)
    return and_(not_(corrected), not_(_is_not_party(catalogue_hand_overs.alias("known"))))


def _is_not_party(known: NamedFromClause) -> ColumnElement[bool]:
    claim = catalogue_hand_overs.c
    giver, taker = known.c.giver, known.c.taker
    return exists().where(
        known.c.terms == claim.terms,
        giver.is_not(None),
        taker.is_not(None),
        or_(
            and_(claim.role == Role.GIVER.value, giver != claim.iss),
            and_(claim.role == Role.TAKER.value, taker != claim.iss),
        ),
    )


def _record(connection: Connection, terms_hash: bytes, organisation: str, now: int) -> Found:
    claim = catalogue_hand_overs.c
    query = (
        select(catalogue_hand_overs)
        .where(claim.terms == terms_hash, _counts(), sees_entry(claim.idx, organisation, now))
        .order_by(claim.idx)
    )
    rows = connection.execute(query).all()
    said = tuple(HandOverSaid(row.idx, row.id, row.iss, row.role, row.result) for row in rows)
    disclosed = next((row.idx for row in rows if row.giver and row.taker), None)
    giver = next((row.giver for row in rows if row.giver), None)
    taker = next((row.taker for row in rows if row.taker), None)
    one_side = len({one.role for one in said}) == 1
    record = HandOverRecord(
        index=said[0].index,
        terms_hash=terms_hash,
        terms=None,
        giver=giver,
        taker=taker,
        is_open=one_side and said[-1].result != Result.REFUSED,
        said=said,
    )
    return record, None if disclosed is None else _stored(connection, disclosed)


def _stored(connection: Connection, index: int) -> StoredStatement:
    return stored_statement(connection.execute(select_statements().where(statements.c.idx == index)).one())
