"""The tables of the catalogue.

Revision ID: catalogue
Revises: foundation
"""

revision = "catalogue"
down_revision = "foundation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and index."""
