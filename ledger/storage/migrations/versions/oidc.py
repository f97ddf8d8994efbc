"""Sessions of officers beside those of keys.

Revision ID: oidc
Revises: notices
"""

import sqlalchemy as sa
from alembic import op

revision = "oidc"
down_revision = "notices"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table anew: everybody logs in again."""
    op.drop_table("sessions")
    op.create_table(
        "sessions",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("holder", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.String(length=200)),
        sa.Column("issuer", sa.String(length=512)),
        sa.Column("opened_at", _LONG, nullable=False),
        sa.Column("expires_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_sessions"),
    )
    op.create_index("ix_sessions_holder", "sessions", ["holder"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def downgrade() -> None:
    """Make the table of before: everybody logs in again."""
    op.drop_table("sessions")
    op.create_table(
        "sessions",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", _LONG, nullable=False),
        sa.Column("expires_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_sessions"),
    )
    op.create_index("ix_sessions_kid", "sessions", ["kid"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
