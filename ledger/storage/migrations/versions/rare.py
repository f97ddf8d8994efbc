"""What is rare is found beside other things: the tables of arrivals are made again from the log.

Revision ID: rare
Revises: oidc
"""

import sqlalchemy as sa
from alembic import op

revision = "rare"
down_revision = "oidc"
branch_labels = None
depends_on = None

_FROM_THE_LOG = ("arrival_index", "arrival_needs", "arrivals", "arrival_parts", "arrival_work")


def upgrade() -> None:
    """Empty them; nothing that happened up to now is told again."""
    for table in _FROM_THE_LOG:
        op.execute(sa.delete(sa.table(table)))
    op.execute("UPDATE arrival_state SET size = 0, quiet = COALESCE((SELECT size FROM log WHERE id = 1), 0)")


def downgrade() -> None:
    """Leave them: they have all that was in them before."""
