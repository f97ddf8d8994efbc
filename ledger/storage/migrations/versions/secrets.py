"""The tables of wrapped secrets.

Revision ID: secrets
Revises: sharing
"""

revision = "secrets"
down_revision = "sharing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and index."""


def downgrade() -> None:
    """Drop them."""
