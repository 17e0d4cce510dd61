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
    _alerts()
    _handoffs()
    _tracing()
    _restores()
    _retention()
    _tasks()
    _notes()
    _decisions()
    _acknowledgements()
    _topic_versions()
    _proposals()
    _minds()
    _sought()


def _alerts() -> None:
    op.add_column("qd_alerts", sa.Column("raised_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "qd_alert_answers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_alert_answers")),
    )
    op.create_index("ix_qd_alert_answers_alert", "qd_alert_answers", ["alert_id", "at"], unique=False)
    op.create_index("ix_qd_alert_answers_metric", "qd_alert_answers", ["agent_id", "metric", "at"], unique=False)


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


def _sought() -> None:
    op.create_table(
        "qd_sought",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("card_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record_id", name=op.f("pk_qd_sought")),
    )
    op.create_index("ix_qd_sought_at", "qd_sought", ["at"], unique=False)
    op.create_index("ix_qd_sought_kind", "qd_sought", ["kind", "at"], unique=False)


def _tracing() -> None:
    op.create_table(
        "qd_uses",
        sa.Column("output_kind", sa.Text(), nullable=False),
        sa.Column("output_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("source_place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("output_kind", "output_id", "place", name=op.f("pk_qd_uses")),
    )
    op.create_index("ix_qd_uses_source", "qd_uses", ["source_kind", "source_id"], unique=False)
    op.create_table(
        "qd_marks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("output_kind", sa.Text(), nullable=False),
        sa.Column("output_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_marks")),
    )
    op.create_table(
        "qd_mark_roots",
        sa.Column("mark_id", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("source_place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mark_id", "source_kind", "source_id", "source_place", name=op.f("pk_qd_mark_roots")),
    )
    op.create_index("ix_qd_mark_roots_source", "qd_mark_roots", ["source_kind", "source_id"], unique=False)


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


def _acknowledgements() -> None:
    op.create_table(
        "qd_acknowledgements",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", "who", name=op.f("pk_qd_acknowledgements")),
    )


def _decisions() -> None:
    op.create_table(
        "qd_decisions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("affects", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("supersedes", sa.Text(), nullable=True),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("tainted", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_decisions")),
    )
    op.create_index("ix_qd_decisions_standing", "qd_decisions", ["standing", "decided_at"], unique=False)
    op.create_index("ix_qd_decisions_subject", "qd_decisions", ["subject_key", "standing"], unique=False)


def _notes() -> None:
    op.create_table(
        "qd_notes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("to_agent", sa.Text(), nullable=False),
        sa.Column("sender", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("tainted", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("escalated_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_notes")),
    )
    op.create_index("ix_qd_notes_unread", "qd_notes", ["acknowledged_at", "to_agent", "created_at"], unique=False)


def _proposals() -> None:
    op.create_table(
        "qd_proposals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("based_on", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_proposals")),
    )
    op.create_index("ix_qd_proposals_waiting", "qd_proposals", ["state", "topic"], unique=False)


def _topic_versions() -> None:
    op.create_table(
        "qd_topic_versions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("written_by", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("proposal_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("topic", "number", name=op.f("pk_qd_topic_versions")),
    )


def _tasks() -> None:
    op.add_column("qd_tasks", sa.Column("blocked_by", sa.JSON(none_as_null=True), nullable=False, server_default="[]"))
    op.add_column("qd_tasks", sa.Column("evidence", sa.JSON(none_as_null=True), nullable=False, server_default="[]"))
    op.add_column("qd_tasks", sa.Column("held_by", sa.Text(), nullable=True))
    op.add_column("qd_tasks", sa.Column("held_until", sa.BigInteger(), nullable=True))
    op.add_column("qd_tasks", sa.Column("lease_seconds", sa.BigInteger(), nullable=True))
    op.add_column("qd_tasks", sa.Column("pooled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("qd_tasks", sa.Column("tainted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("qd_tasks", sa.Column("escalated_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_qd_tasks_held", "qd_tasks", ["held_by", "held_until"], unique=False)


def _minds() -> None:
    op.create_table(
        "qd_minds",
        sa.Column("workspace_digest", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("mind", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("superseded_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_digest", "agent_id", name=op.f("pk_qd_minds")),
    )
