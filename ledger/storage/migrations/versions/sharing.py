"""The tables of grants, requests and their answers.

Revision ID: sharing
Revises: stores
"""

revision = "sharing"
down_revision = "stores"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and index."""


def downgrade() -> None:
    """Drop them."""
