"""The tables of sessions and of requests that may be repeated.

Revision ID: access
Revises: evidence
"""

import sqlalchemy as sa
from alembic import op

revision = "access"
down_revision = "evidence"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table and index."""
    op.create_table(
        "used_challenges",
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("challenge", name="pk_used_challenges"),
    )
    op.create_index("ix_used_challenges_expires_at", "used_challenges", ["expires_at"])
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
    op.create_table(
        "repeatable_requests",
        sa.Column("scope", sa.String(length=240), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", _LONG, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_repeatable_requests"),
    )
    op.create_index("ix_repeatable_requests_begun_at", "repeatable_requests", ["begun_at"])


def downgrade() -> None:
    """Drop them: everybody logs in again."""
    for name in ("repeatable_requests", "sessions", "used_challenges"):
        op.drop_table(name)
