"""The tables of erasures, holds and keyed fingerprints.

Revision ID: erasures
Revises: secrets
"""

import sqlalchemy as sa
from alembic import op

revision = "erasures"
down_revision = "secrets"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FROM_THE_LOG = (
    *("catalogue_subjects", "catalogue_streams", "catalogue_members", "catalogue_about"),
    *("catalogue_hand_overs", "evidence_claims", "evidence_commitments", "catalogue_state"),
)


def upgrade() -> None:
    """Make every table and index, and have what comes from the log read again: it fills some of them."""
    op.create_table(
        "erasures",
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("idx", _LONG, autoincrement=False, nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("at", _LONG, nullable=False),
        sa.Column("because", sa.String(length=16), nullable=False),
        sa.Column("held", _LONG),
        sa.PrimaryKeyConstraint("cid", "idx", name="pk_erasures"),
    )
    op.create_index("ix_erasures_organisation", "erasures", ["organisation"])
    op.create_table(
        "erased_items",
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("idx", _LONG, nullable=False),
        sa.Column("at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("cid", name="pk_erased_items"),
    )
    op.create_table(
        "legal_holds",
        sa.Column("idx", _LONG, autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("iss", sa.String(length=200), nullable=False),
        sa.Column("named", sa.LargeBinary()),
        sa.Column("ended", _LONG),
        sa.PrimaryKeyConstraint("idx", "subject", name="pk_legal_holds"),
    )
    op.create_index("ix_legal_holds_subject", "legal_holds", ["subject"])
    op.create_index("ix_legal_holds_id", "legal_holds", ["id"])
    op.create_table(
        "erasures_done",
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("done_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("cid", "organisation", name="pk_erasures_done"),
    )
    _fingerprints()
    for table in _FROM_THE_LOG:
        op.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - the names stand above


def _fingerprints() -> None:
    op.create_table(
        "fingerprints",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fingerprints"),
    )
    op.create_index("ix_fingerprints_offer", "fingerprints", ["digest", "cid", "subject"], unique=True)
    op.create_index("ix_fingerprints_cid", "fingerprints", ["cid"])
    op.create_table(
        "fingerprint_bands",
        sa.Column("band", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("band", "fingerprint", name="pk_fingerprint_bands"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_fingerprint_bands_fingerprint", "fingerprint_bands", ["fingerprint"])
    op.create_table(
        "alarms",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("distance", sa.Integer()),
        sa.Column("raised_at", _LONG, nullable=False),
        sa.Column("first_subject", sa.String(length=400), nullable=False),
        sa.Column("first_cid", sa.String(length=64), nullable=False),
        sa.Column("second_subject", sa.String(length=400), nullable=False),
        sa.Column("second_cid", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
    )
    op.create_index("ix_alarms_first_subject", "alarms", ["first_subject"])
    op.create_index("ix_alarms_second_subject", "alarms", ["second_subject"])


def downgrade() -> None:
    """Drop them. What was erased stays erased; the alarms are gone."""
    for table in (
        *("alarms", "fingerprint_bands", "fingerprints", "erasures_done", "legal_holds", "erased_items"),
        "erasures",
    ):
        op.drop_table(table)
