"""Tables of arrivals.

Revision ID: prearrival
Revises: sweeps
"""

revision = "prearrival"
down_revision = "sweeps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Drop them."""
