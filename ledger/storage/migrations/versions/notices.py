"""Tables of notices.

Revision ID: notices
Revises: prearrival
"""

revision = "notices"
down_revision = "prearrival"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Drop them."""
