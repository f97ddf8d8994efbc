"""The tables of the access.

Revision ID: access
Revises: evidence
"""

revision = "access"
down_revision = "evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and index."""
