"""Tables of subscriptions to events, and of their delivery.

Revision ID: notices
Revises: prearrival
"""

import sqlalchemy as sa
from alembic import op

revision = "notices"
down_revision = "prearrival"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "notice_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_state"),
    )
    op.create_table(
        "notice_subscriptions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("after", _LONG, nullable=False),
        sa.Column("created_at", _LONG, nullable=False),
        sa.Column("secret_number", sa.Integer(), nullable=False),
        sa.Column("secret_since", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_subscriptions"),
    )
    op.create_index("ix_notice_subscriptions_organisation", "notice_subscriptions", ["organisation"])
    op.create_table(
        "notice_deliveries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("subscription", sa.String(length=32), nullable=False),
        sa.Column("seq", _LONG, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("happened_at", _LONG, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", _LONG, nullable=False),
        sa.Column("claimed_until", _LONG, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("problem", sa.String(length=64)),
        sa.Column("ended_at", _LONG),
        sa.PrimaryKeyConstraint("id", name="pk_notice_deliveries"),
    )
    op.create_index("ix_notice_deliveries_event", "notice_deliveries", ["subscription", "seq"], unique=True)
    op.create_index("ix_notice_deliveries_due", "notice_deliveries", ["state", "next_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("notice_deliveries")
    op.drop_table("notice_subscriptions")
    op.drop_table("notice_state")
