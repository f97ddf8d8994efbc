"""The tables of the enrolments.

Revision ID: enrolments
Revises: access
"""

import sqlalchemy as sa
from alembic import op

revision = "enrolments"
down_revision = "access"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table and index."""
    op.create_table(
        "enrolments",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("uri", sa.String(length=200), nullable=False),
        sa.Column("application", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", _LONG, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_at", _LONG),
        sa.Column("decided_by", sa.String(length=200)),
        sa.Column("reason", sa.String(length=500)),
        sa.PrimaryKeyConstraint("id", name="pk_enrolments"),
    )
    op.create_index("ix_enrolments_uri", "enrolments", ["uri"])
    op.create_index("ix_enrolments_received_at", "enrolments", ["received_at"])


def downgrade() -> None:
    """Drop it: whoever waits has to apply again."""
    op.drop_table("enrolments")
