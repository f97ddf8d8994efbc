"""The tables of wrapped secrets.

Revision ID: secrets
Revises: sharing
"""

import sqlalchemy as sa
from alembic import op

revision = "secrets"
down_revision = "sharing"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FROM_THE_LOG = (
    *("catalogue_subjects", "catalogue_streams", "catalogue_members", "catalogue_about"),
    *("catalogue_hand_overs", "evidence_claims", "catalogue_state"),
)


def upgrade() -> None:
    """Make every table and index, and let the catalogue read the log anew: it fills one of them."""
    op.create_table(
        "evidence_commitments",
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("idx", _LONG, nullable=False, autoincrement=False),
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("iss", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commitment", "idx", "cid", name="pk_evidence_commitments"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_evidence_commitments_idx", "evidence_commitments", ["idx"])
    op.create_index("ix_evidence_commitments_cid", "evidence_commitments", ["cid"])
    op.create_table(
        "wrapped_secrets",
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("giver", sa.String(length=200), nullable=False),
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.LargeBinary()),
        sa.Column("stored_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("organisation", "commitment", "giver", name="pk_wrapped_secrets"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_wrapped_secrets_giver_organisation", "wrapped_secrets", ["giver", "organisation"])
    op.create_index("ix_wrapped_secrets_cid", "wrapped_secrets", ["cid"])
    for name in _FROM_THE_LOG:
        op.execute(sa.delete(sa.table(name)))


def downgrade() -> None:
    """Drop them: who was given a secret has to be given it again."""
    op.drop_table("wrapped_secrets")
    op.drop_table("evidence_commitments")
