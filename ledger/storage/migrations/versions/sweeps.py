"""The table of evidence that is being swept away.

Revision ID: sweeps
Revises: erasures
"""

import sqlalchemy as sa
from alembic import op

revision = "sweeps"
down_revision = "erasures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "evidence_sweeps",
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("cid", name="pk_evidence_sweeps"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("evidence_sweeps")
