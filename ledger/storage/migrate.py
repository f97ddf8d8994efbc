"""Bringing a database to the newest tables, by the migrations that travel inside this package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from ledger.domain.errors import ConflictError
from ledger.storage.engine import take_turns, write_transaction

_SCRIPTS = Path(__file__).with_name("migrations")


def migrate(engine: Engine) -> None:
    """Make the tables, or bring those of an older version up to date, in one transaction.

    Processes that start at once take turns, and all but the first find the work done.

    Raises:
        ConflictError: The database was written by a newer version of this program.
        UnavailableError: The database cannot be written now.
    """
    config = Config()
    # A percent sign would be read as an interpolation.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with write_transaction(engine) as connection:
        take_turns(connection)
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise ConflictError(
                "database-newer",
                f"the database has tables of a newer version ({current}); update this program",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
