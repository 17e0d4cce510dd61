"""Working together: shared work, handoffs, and what is remembered of alerts.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds tables; what is on record stays as it is."""
    _handoffs()
    _restores()
    _retention()


def _handoffs() -> None:
    op.create_table(
        "qd_breakers",
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("route", name=op.f("pk_qd_breakers")),
    )
    op.create_table(
        "qd_handoffs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("closed_run", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_handoffs")),
    )
    op.create_index("ix_qd_handoffs_closed_run", "qd_handoffs", ["closed_run"], unique=False)
    op.create_index("ix_qd_handoffs_receiver", "qd_handoffs", ["receiver", "sent_at"], unique=False)
    op.create_index("ix_qd_handoffs_route", "qd_handoffs", ["route", "state"], unique=False)
    op.create_index("ix_qd_handoffs_sender", "qd_handoffs", ["sender", "sent_at"], unique=False)


def _retention() -> None:
    op.add_column("qd_runs", sa.Column("forgotten", sa.Text(), nullable=True))
    op.create_index("ix_qd_runs_forgotten", "qd_runs", ["forgotten", "finished_at"], unique=False)


def _restores() -> None:
    op.create_table(
        "qd_restores",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("backup_at", sa.BigInteger(), nullable=False),
        sa.Column("restored_at", sa.BigInteger(), nullable=False),
        sa.Column("careful_until", sa.BigInteger(), nullable=True),
        sa.Column("archive_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_restores")),
    )
