"""The tables of erasures, holds and keyed fingerprints.

Revision ID: erasures
Revises: secrets
"""

revision = "erasures"
down_revision = "secrets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and index."""


def downgrade() -> None:
    """Drop them."""
