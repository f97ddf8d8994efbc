"""The tables of the evidence.

Revision ID: evidence
Revises: catalogue
"""

revision = "evidence"
down_revision = "catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and index."""
