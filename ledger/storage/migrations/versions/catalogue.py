"""The tables of the catalogue.

Revision ID: catalogue
Revises: foundation
"""

import sqlalchemy as sa
from alembic import op

revision = "catalogue"
down_revision = "foundation"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table and index."""
    op.create_table(
        "catalogue_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_state"),
    )
    op.create_table(
        "catalogue_subjects",
        sa.Column("idx", _LONG, autoincrement=False, nullable=False),
        sa.Column("uri", sa.String(length=400), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("opened_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("idx", name="pk_catalogue_subjects"),
        sa.UniqueConstraint("uri", name="uq_catalogue_subjects_uri"),
    )
    op.create_index("ix_catalogue_subjects_key", "catalogue_subjects", ["key"])
    op.create_table(
        "catalogue_streams",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("idx", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("tag", name="pk_catalogue_streams"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_catalogue_streams_subject", "catalogue_streams", ["subject"])
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
    op.create_table(
        "catalogue_joins",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("size", _LONG, nullable=False),
        sa.Column("joined_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("tag", "organisation", name="pk_catalogue_joins"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_catalogue_joins_organisation", "catalogue_joins", ["organisation"])
    op.create_table(
        "catalogue_about",
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("idx", _LONG, autoincrement=False, nullable=False),
        sa.Column("iss", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("subject", "idx", name="pk_catalogue_about"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "catalogue_hand_overs",
        sa.Column("idx", _LONG, autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("iss", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("giver", sa.String(length=200)),
        sa.Column("taker", sa.String(length=200)),
        sa.Column("corrects", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("idx", name="pk_catalogue_hand_overs"),
    )
    for column in ("terms", "giver", "taker", "corrects"):
        op.create_index(f"ix_catalogue_hand_overs_{column}", "catalogue_hand_overs", [column])


def downgrade() -> None:
    """Drop them; but for who proved a secret, all of it can be made again from the log."""
    for table in ("hand_overs", "about", "joins", "members", "streams", "subjects", "state"):
        op.drop_table(f"catalogue_{table}")
