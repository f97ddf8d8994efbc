"""Where evidence lies.

Revision ID: stores
Revises: enrolments
"""

import sqlalchemy as sa
from alembic import op

revision = "stores"
down_revision = "enrolments"
branch_labels = None
depends_on = None

_TABLES = ("evidence_items", "evidence_uploads")


def upgrade() -> None:
    """Note of each item, and of each upload, which stores its owner chose; until now there was one."""
    for table in _TABLES:
        column = sa.Column("stores", sa.String(length=32), nullable=False, server_default="local")
        op.add_column(table, column)


def downgrade() -> None:
    """Forget it."""
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("stores")
