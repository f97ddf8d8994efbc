"""From when on shipments are overdue: the tables of arrivals are made again from the log.

Revision ID: overdue
Revises: rare
"""

import sqlalchemy as sa
from alembic import op

revision = "overdue"
down_revision = "rare"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FROM_THE_LOG = ("arrival_index", "arrival_needs", "arrivals", "arrival_parts", "arrival_work")


def upgrade() -> None:
    """Add the column and empty the tables; nothing that happened up to now is told again."""
    op.add_column("arrivals", sa.Column("overdue_at", _LONG))
    for table in _FROM_THE_LOG:
        op.execute(sa.delete(sa.table(table)))
    op.execute("UPDATE arrival_state SET size = 0, quiet = COALESCE((SELECT size FROM log WHERE id = 1), 0)")


def downgrade() -> None:
    """Drop the column: the tables have all else that was in them before."""
    op.drop_column("arrivals", "overdue_at")
