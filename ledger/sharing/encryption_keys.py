"""For which keys evidence is wrapped when an organisation is given some: its newest word on that."""

from sqlalchemy import Engine

from ledger.catalogue.catalogue import Catalogue
from ledger.domain.encryption_key import ENCRYPTION_KEY, EncryptionKey
from ledger.domain.errors import MalformedError, NotFoundError
from ledger.domain.statement import Statement
from ledger.log.store import StoredStatement, select_statements, stored_statement
from ledger.storage.catalogue_tables import catalogue_about, catalogue_subjects
from ledger.storage.engine import read_transaction
from ledger.storage.tables import statements

_LOOKED_AT = 16


class EncryptionKeys:
    """Finds the statements of kind `encryption-key`, which every participant may read.

    Args:
        engine: The ledger's database.
        catalogue: Keeps its tables up with the log.
    """

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine = engine
        self._catalogue = catalogue

    def newest(self, organisation: str) -> StoredStatement:
        """Return an organisation's newest statement, about its own subject, of what its keys are.

        All of it has to be in the clear: everybody gets it as it is.

        Args:
            organisation: Its URI.

        Raises:
            NotFoundError: It has not said so yet.
        """
        self._catalogue.catch_up()
        about, subject = catalogue_about.c, catalogue_subjects.c
        query = (
            select_statements()
            .join(about.idx.table, about.idx == statements.c.idx)
            .join(subject.uri.table, subject.uri == about.subject)
            .where(
                statements.c.kind == ENCRYPTION_KEY,
                statements.c.sub == subject.uri,
                about.iss == organisation,
                subject.opened_by == organisation,
                subject.type == "organisation",
            )
            .order_by(statements.c.idx.desc())
            .limit(_LOOKED_AT)
        )
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query).all()
        for stored in map(stored_statement, rows):
            if not stored.disclosures and _is_said(stored):
                return stored
        raise NotFoundError(
            "no-encryption-key",
            f"{organisation} has not said for which keys evidence is wrapped for it: ask it for a statement "
            f"{ENCRYPTION_KEY}",
        )


def _is_said(stored: StoredStatement) -> bool:
    try:
        EncryptionKey.parse(Statement.parse(stored.statement).body)
    except MalformedError:
        return False
    return True
