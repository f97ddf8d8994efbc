"""The tables of the enrolments.

Revision ID: enrolments
Revises: access
"""

revision = "enrolments"
down_revision = "access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and index."""
