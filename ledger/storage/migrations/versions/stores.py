"""The tables of where evidence lies.

Revision ID: stores
Revises: enrolments
"""

revision = "stores"
down_revision = "enrolments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and index."""


def downgrade() -> None:
    """Drop them."""
