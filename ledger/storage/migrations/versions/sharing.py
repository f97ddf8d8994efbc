"""The tables of requests and their answers; members with the time for which they are members.

Revision ID: sharing
Revises: stores
"""

import sqlalchemy as sa
from alembic import op

revision = "sharing"
down_revision = "stores"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FROM_THE_LOG = (
    "catalogue_subjects",
    "catalogue_streams",
    "catalogue_about",
    "catalogue_hand_overs",
    "evidence_claims",
    "catalogue_state",
)


def upgrade() -> None:
    """Make every table and index; the catalogue is made again from the log by whoever asks first."""
    op.drop_table("catalogue_members")
    op.create_table(
        "catalogue_members",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("idx", _LONG, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("since", _LONG, nullable=False),
        sa.Column("until", _LONG),
        sa.Column("ended", _LONG),
        sa.PrimaryKeyConstraint("tag", "organisation", "idx", name="pk_catalogue_members"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_catalogue_members_organisation", "catalogue_members", ["organisation"])
    op.create_index("ix_catalogue_members_idx", "catalogue_members", ["idx"])
    op.create_table(
        "sharing_requests",
        sa.Column("idx", _LONG, autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("iss", sa.String(length=200), nullable=False),
        sa.Column("addressee", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("idx", name="pk_sharing_requests"),
        sa.UniqueConstraint("id", name="uq_sharing_requests_id"),
    )
    op.create_index("ix_sharing_requests_iss", "sharing_requests", ["iss"])
    op.create_index("ix_sharing_requests_addressee", "sharing_requests", ["addressee"])
    op.create_table(
        "sharing_answers",
        sa.Column("request", _LONG, autoincrement=False, nullable=False),
        sa.Column("idx", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("request", name="pk_sharing_answers"),
        sa.UniqueConstraint("idx", name="uq_sharing_answers_idx"),
    )
    _forget()


def downgrade() -> None:
    """Drop them; all of it can be made again from the log."""
    op.drop_table("sharing_answers")
    op.drop_table("sharing_requests")
    op.drop_table("catalogue_members")
    op.create_table(
        "catalogue_members",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("idx", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("tag", "organisation", name="pk_catalogue_members"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_catalogue_members_organisation", "catalogue_members", ["organisation"])
    _forget()


def _forget() -> None:
    for table in _FROM_THE_LOG:
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - all names are our own
