"""The tables of the first version.

Revision ID: foundation
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "foundation"
down_revision = None
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table and index."""
    op.create_table(
        "anchors",
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("size", _LONG, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("nonce", _LONG),
        sa.Column("block_number", _LONG),
        sa.Column("block_hash", sa.LargeBinary()),
        sa.Column("block_time", _LONG),
        sa.PrimaryKeyConstraint("chain", "size", name="pk_anchors"),
        sa.UniqueConstraint("chain", "nonce", name="uq_anchors_chain_nonce"),
    )
    op.create_table(
        "chains",
        sa.Column("genesis", sa.LargeBinary(), nullable=False),
        sa.Column("chain_id", _LONG, nullable=False),
        sa.Column("registry", sa.LargeBinary(), nullable=False),
        sa.Column("anchor", sa.LargeBinary(), nullable=False),
        sa.Column("next_nonce", _LONG, nullable=False),
        sa.Column("first_seen", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("genesis", name="pk_chains"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", _LONG, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("map_root", sa.LargeBinary(), nullable=False),
        sa.Column("map_node", _LONG, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.LargeBinary()),
        sa.Column("fixed_at", _LONG, nullable=False),
        sa.Column("published_at", _LONG),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
    )
    op.create_table(
        "cose_keys",
        sa.Column("thumbprint", sa.LargeBinary(), nullable=False),
        sa.Column("cose_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("thumbprint", name="pk_cose_keys"),
    )
    op.create_table(
        "cosignatures",
        sa.Column("size", _LONG, nullable=False),
        sa.Column("witness", sa.String(length=400), nullable=False),
        sa.Column("time", _LONG, nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", "time", name="pk_cosignatures"),
    )
    op.create_index("ix_cosignatures_witness", "cosignatures", ["witness"])
    op.create_table(
        "entries",
        sa.Column("idx", _LONG, autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("idx", name="pk_entries"),
    )
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("genesis", sa.LargeBinary(), nullable=False),
        sa.Column("profile", sa.LargeBinary(), nullable=False),
        sa.Column("size", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log"),
    )
    op.create_table(
        "map_nodes",
        sa.Column("id", _LONG, autoincrement=False, nullable=False),
        sa.Column("node", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_map_nodes"),
    )
    op.create_table(
        "state_proofs",
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("block_number", _LONG, nullable=False),
        sa.Column("size", _LONG, nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "block_number", "size", name="pk_state_proofs"),
    )
    op.create_table(
        "statements",
        sa.Column("idx", _LONG, autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("disclosures", sa.LargeBinary(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("sub", sa.String(length=400), nullable=False),
        sa.Column("received_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("idx", name="pk_statements"),
        sa.UniqueConstraint("id", name="uq_statements_id"),
    )
    op.create_table(
        "stream_entries",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("count", _LONG, nullable=False),
        sa.Column("idx", _LONG, nullable=False),
        sa.Column("running", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tag", "count", name="pk_stream_entries"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_stream_entries_idx", "stream_entries", ["idx"])
    op.create_table(
        "streams",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("count", _LONG, nullable=False),
        sa.Column("running", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tag", name="pk_streams"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tiles",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("idx", _LONG, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "idx", name="pk_tiles"),
    )
    op.create_table(
        "transactions",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("size", _LONG, nullable=False),
        sa.Column("nonce", _LONG, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("max_fee", sa.String(length=40), nullable=False),
        sa.Column("signed_at", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_transactions"),
    )
    op.create_index("ix_transactions_chain_size", "transactions", ["chain", "size"])


def downgrade() -> None:
    """Refuse: a log is not given up by a version change."""
    raise NotImplementedError("the first version has nothing to go back to; restore a copy of the database")
