"""Tables of arrivals.

Revision ID: prearrival
Revises: sweeps
"""

import sqlalchemy as sa
from alembic import op

revision = "prearrival"
down_revision = "sweeps"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them; what is in the log already is history, and no event."""
    state = op.create_table(
        "arrival_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", _LONG, nullable=False),
        sa.Column("quiet", _LONG, nullable=False),
        sa.Column("number", _LONG, nullable=False),
        sa.Column("seq", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_arrival_state"),
    )
    op.create_table(
        "arrival_parts",
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("shipment", _LONG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject", "shipment", name="pk_arrival_parts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_arrival_parts_shipment", "arrival_parts", ["shipment"])
    op.create_table(
        "arrival_work",
        sa.Column("shipment", _LONG, autoincrement=False, nullable=False),
        sa.Column("at", _LONG, nullable=False),
        sa.Column("version", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("shipment", name="pk_arrival_work"),
    )
    op.create_index("ix_arrival_work_at", "arrival_work", ["at"])
    _make_arrivals()
    op.create_table(
        "arrival_names",
        sa.Column("id", _LONG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=480), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_arrival_names"),
        sa.UniqueConstraint("name", name="uq_arrival_names_name"),
    )
    op.create_table(
        "arrival_index",
        sa.Column("reader", _LONG, autoincrement=False, nullable=False),
        sa.Column("term", _LONG, autoincrement=False, nullable=False),
        sa.Column("at", _LONG, autoincrement=False, nullable=False),
        sa.Column("thing", _LONG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("reader", "term", "at", "thing", name="pk_arrival_index"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "arrival_events",
        sa.Column("seq", _LONG, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=640), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("shipment", sa.String(length=400), nullable=False),
        sa.Column("view", sa.LargeBinary(), nullable=False),
        sa.Column("at", _LONG, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_arrival_events"),
        sa.UniqueConstraint("key", name="uq_arrival_events_key"),
    )
    size = op.get_bind().execute(sa.text("SELECT size FROM log")).scalar()
    op.bulk_insert(state, [{"id": 1, "size": 0, "quiet": size or 0, "number": 0, "seq": 0}])


def _make_arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("id", _LONG, autoincrement=False, nullable=False),
        sa.Column("shipment", _LONG, nullable=False),
        sa.Column("uri", sa.String(length=400), nullable=False),
        sa.Column("view", sa.LargeBinary(), nullable=False),
        sa.Column("tags", sa.LargeBinary(), nullable=False),
        sa.Column("eta", _LONG, nullable=False),
        sa.Column("changed", _LONG, nullable=False),
        sa.Column("ready", _LONG),
        sa.Column("decisions", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("readers", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_arrivals"),
    )
    op.create_index("ix_arrivals_shipment_view", "arrivals", ["shipment", "view"], unique=True)
    op.create_table(
        "arrival_needs",
        sa.Column("id", _LONG, autoincrement=False, nullable=False),
        sa.Column("arrival", _LONG, nullable=False),
        sa.Column("need", sa.String(length=64), nullable=False),
        sa.Column("trip", sa.String(length=400), nullable=False),
        sa.Column("due", _LONG),
        sa.Column("done", _LONG),
        sa.PrimaryKeyConstraint("id", name="pk_arrival_needs"),
    )
    op.create_index(
        "ix_arrival_needs_arrival_need_trip", "arrival_needs", ["arrival", "need", "trip"], unique=True
    )


def downgrade() -> None:
    """Drop them; all but what was told can be made again from the log."""
    for table in (
        "arrival_events",
        "arrival_index",
        "arrival_names",
        "arrival_needs",
        "arrivals",
        "arrival_work",
        "arrival_parts",
        "arrival_state",
    ):
        op.drop_table(table)
