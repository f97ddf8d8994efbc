"""Tables of sign-ins.

Revision ID: oidc
Revises: notices
"""

revision = "oidc"
down_revision = "notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Drop them."""
