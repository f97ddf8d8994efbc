"""Alembic's entry point; `ledger.storage.migrate` hands the connection over, with its transaction begun."""

from alembic import context

from ledger.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can undo table changes too; Alembic's default would commit in between.
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
