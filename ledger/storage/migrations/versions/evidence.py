"""The tables of the evidence.

Revision ID: evidence
Revises: catalogue
"""

import sqlalchemy as sa
from alembic import op

revision = "evidence"
down_revision = "catalogue"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table and index."""
    op.create_table(
        "evidence_items",
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("size", _LONG, nullable=False),
        sa.Column("stored_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("cid", "organisation", name="pk_evidence_items"),
    )
    op.create_index("ix_evidence_items_stored_at", "evidence_items", ["stored_at"])
    op.create_table(
        "evidence_claims",
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("idx", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("cid", "idx", name="pk_evidence_claims"),
    )
    op.create_table(
        "evidence_uploads",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("length", _LONG, nullable=False),
        sa.Column("offset", _LONG, nullable=False),
        sa.Column("expires_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_uploads"),
    )
    op.create_index("ix_evidence_uploads_organisation", "evidence_uploads", ["organisation"])
    op.create_index("ix_evidence_uploads_expires_at", "evidence_uploads", ["expires_at"])


def downgrade() -> None:
    """Drop them: nobody knows any more who stored what."""
    for name in ("evidence_uploads", "evidence_claims", "evidence_items"):
        op.drop_table(name)
