"""Which sealed bytes may be fetched by whom: those of items that a statement shows to the reader."""

from sqlalchemy import Engine

from ledger.catalogue.views import Views
from ledger.catalogue.visibility import sees_entry
from ledger.domain import evidence
from ledger.domain.clock import Clock
from ledger.domain.errors import MalformedError
from ledger.domain.statement import Statement
from ledger.log.store import StoredStatement, select_statements, stored_statement
from ledger.storage.engine import read_transaction
from ledger.storage.evidence_tables import evidence_claims
from ledger.storage.tables import statements


class ShownClaims:
    """Tells which claims of evidence an organisation is shown.

    Args:
        engine: The database, with a catalogue that is kept up with the log.
        views: Says what an organisation is shown.
        clock: Tells who is a member now.
    """

    def __init__(self, engine: Engine, views: Views, clock: Clock) -> None:
        self._engine = engine
        self._views = views
        self._clock = clock

    def shows(self, cid: str, organisation: str) -> bool:
        """Return whether an organisation is shown a statement that claims the item of a CID.

        Args:
            cid: Of the item.
            organisation: URI of the reader.
        """
        claim = evidence_claims.c
        query = (
            select_statements()
            .join(evidence_claims, claim.idx == statements.c.idx)
            .where(claim.cid == cid, sees_entry(claim.idx, organisation, self._clock()))
            .order_by(claim.idx)
        )
        with read_transaction(self._engine) as connection:
            found = [stored_statement(row) for row in connection.execute(query)]
        view = self._views(organisation)
        return any(_claims(view.redacted(one), cid) for one in found)


def _claims(stored: StoredStatement, cid: str) -> bool:
    try:
        body = Statement.parse(stored.statement).reveal(stored.disclosures)
        return any(one.cid == cid for one in evidence.items(body))
    except MalformedError:
        return False
