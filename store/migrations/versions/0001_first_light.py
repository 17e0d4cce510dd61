"""The first schema: everything a run, its decisions, its cards and its audit trail need.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GENESIS = "0" * 64


def upgrade() -> None:
    """Makes every table, the head of the audit chain, and the triggers that keep the chain append-only."""
    _agents()
    _alerts()
    _approvals()
    _audit()
    _audit_head()
    _cards()
    _channels()
    _day_spend()
    _deliveries()
    _digests()
    _evidence()
    _inbox()
    _incidents()
    _occurrences()
    _readings()
    _receipts()
    _runs()
    _schedules()
    _steps()
    _votes()
    _workers()
    op.execute(sa.text("INSERT INTO qd_audit_head (id, seq, hash) VALUES (1, 0, :genesis)").bindparams(genesis=GENESIS))
    _append_only()


def _agents() -> None:
    op.create_table(
        "qd_agents",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_qd_agents")),
    )


def _alerts() -> None:
    op.create_table(
        "qd_alerts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_alerts")),
    )
    op.create_index(
        "uq_qd_alerts_one_open",
        "qd_alerts",
        ["agent_id", "metric"],
        unique=True,
        sqlite_where=sa.text("state != 'cleared'"),
        postgresql_where=sa.text("state != 'cleared'"),
    )


def _approvals() -> None:
    op.create_table(
        "qd_approvals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step_key", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("arguments", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("call_hash", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("undo", sa.Text(), nullable=True),
        sa.Column("irreversible", sa.Boolean(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("rule_reason", sa.Text(), nullable=True),
        sa.Column("requirement", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("requested_by", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("decided_on", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("execute_before", sa.BigInteger(), nullable=True),
        sa.Column("executed_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("supersedes", sa.Text(), nullable=True),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_approvals")),
    )
    op.create_index("ix_qd_approvals_state", "qd_approvals", ["state", "expires_at"], unique=False)
    op.create_index("ix_qd_approvals_step", "qd_approvals", ["run_id", "step_key"], unique=False)


def _audit() -> None:
    op.create_table(
        "qd_audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_qd_audit")),
    )
    op.create_index("ix_qd_audit_kind", "qd_audit", ["kind", "at"], unique=False)
    op.create_index("ix_qd_audit_subject", "qd_audit", ["subject_kind", "subject_id", "seq"], unique=False)


def _audit_head() -> None:
    op.create_table(
        "qd_audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_audit_head")),
    )


def _cards() -> None:
    op.create_table(
        "qd_cards",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("snapshot_revision", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_qd_cards")),
        sa.UniqueConstraint("key", name=op.f("uq_qd_cards_key")),
    )
    op.create_index("ix_qd_cards_channel", "qd_cards", ["channel", "position"], unique=False)
    op.create_index(
        "ix_qd_cards_pending",
        "qd_cards",
        ["priority", "position"],
        unique=False,
        sqlite_where=sa.text("pending"),
        postgresql_where=sa.text("pending"),
    )


def _channels() -> None:
    op.create_table(
        "qd_channels",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "name", name=op.f("pk_qd_channels")),
    )


def _day_spend() -> None:
    op.create_table(
        "qd_day_spend",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("held_micros", sa.BigInteger(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "day", name=op.f("pk_qd_day_spend")),
    )


def _deliveries() -> None:
    op.create_table(
        "qd_deliveries",
        sa.Column("card_key", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("sending_since", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("card_key", "surface", name=op.f("pk_qd_deliveries")),
    )
    op.create_index("ix_qd_deliveries_surface", "qd_deliveries", ["surface", "state"], unique=False)


def _digests() -> None:
    op.create_table(
        "qd_digests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_digests")),
    )
    op.create_index("ix_qd_digests_agent", "qd_digests", ["agent_id", "name", "published_at"], unique=False)


def _evidence() -> None:
    op.create_table(
        "qd_evidence",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("schedule_id", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_qd_evidence")),
    )
    op.create_index("ix_qd_evidence_due", "qd_evidence", ["schedule_id", "due_at"], unique=False)


def _inbox() -> None:
    op.create_table(
        "qd_inbox",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("handled_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("surface", "key", name=op.f("pk_qd_inbox")),
    )
    op.create_index("ix_qd_inbox_state", "qd_inbox", ["state", "received_at"], unique=False)


def _incidents() -> None:
    op.create_table(
        "qd_incidents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("examples", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_incidents")),
    )
    op.create_index(
        "uq_qd_incidents_one_open",
        "qd_incidents",
        ["cause"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _occurrences() -> None:
    op.create_table(
        "qd_occurrences",
        sa.Column("schedule_id", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", "due_at", name=op.f("pk_qd_occurrences")),
    )
    op.create_index(op.f("ix_qd_occurrences_run_id"), "qd_occurrences", ["run_id"], unique=False)


def _readings() -> None:
    op.create_table(
        "qd_readings",
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("metric", "agent_id", "at", name=op.f("pk_qd_readings")),
    )


def _receipts() -> None:
    op.create_table(
        "qd_receipts",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("layers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("context", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("booted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_qd_receipts")),
    )


def _runs() -> None:
    op.create_table(
        "qd_runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("trigger_key", sa.Text(), nullable=False),
        sa.Column("trigger", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("schedule_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("segment", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("limits", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tainted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("deadline_at", sa.BigInteger(), nullable=True),
        sa.Column("stop_requested_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("workspace_digest", sa.Text(), nullable=False),
        sa.Column("held_micros", sa.BigInteger(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.Column("step_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_runs")),
        sa.UniqueConstraint("trigger_key", name=op.f("uq_qd_runs_trigger_key")),
    )
    op.create_index("ix_qd_runs_agent", "qd_runs", ["agent_id", "created_at"], unique=False)
    op.create_index("ix_qd_runs_ended", "qd_runs", ["finished_at"], unique=False)
    op.create_index("ix_qd_runs_finished", "qd_runs", ["agent_id", "finished_at"], unique=False)
    op.create_index("ix_qd_runs_schedule", "qd_runs", ["schedule_id", "state"], unique=False)
    op.create_index("ix_qd_runs_state", "qd_runs", ["state", "deadline_at"], unique=False)


def _schedules() -> None:
    op.create_table(
        "qd_schedules",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=True),
        sa.Column("every_seconds", sa.BigInteger(), nullable=True),
        sa.Column("anchor_at", sa.BigInteger(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("misfire", sa.Text(), nullable=False),
        sa.Column("misfire_max", sa.BigInteger(), nullable=False),
        sa.Column("overlap", sa.Text(), nullable=False),
        sa.Column("lateness_seconds", sa.BigInteger(), nullable=False),
        sa.Column("input", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("limits", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("workspace_digest", sa.Text(), nullable=False),
        sa.Column("next_fire_at", sa.BigInteger(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_schedules")),
    )
    op.create_index("ix_qd_schedules_due", "qd_schedules", ["retired", "next_fire_at"], unique=False)


def _steps() -> None:
    op.create_table(
        "qd_steps",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("segment", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("irreversible", sa.Boolean(), nullable=False),
        sa.Column("request", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("approval_id", sa.Text(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("held_micros", sa.BigInteger(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "key", name=op.f("pk_qd_steps")),
    )


def _votes() -> None:
    op.create_table(
        "qd_votes",
        sa.Column("approval_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("approve", sa.Boolean(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("approval_id", "person_id", name=op.f("pk_qd_votes")),
    )


def _workers() -> None:
    op.create_table(
        "qd_workers",
        sa.Column("executor_id", sa.Text(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_qd_workers")),
    )


_SQLITE_TRIGGER = """
CREATE TRIGGER qd_audit_no_{verb} BEFORE {verb} ON qd_audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""

_POSTGRES_FUNCTION = """
CREATE FUNCTION qd_audit_append_only() RETURNS trigger AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$ LANGUAGE plpgsql
"""

_POSTGRES_TRIGGER = """
CREATE TRIGGER qd_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON qd_audit
FOR EACH STATEMENT EXECUTE FUNCTION qd_audit_append_only()
"""


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE_TRIGGER.format(verb=verb))
        return
    op.execute(_POSTGRES_FUNCTION)
    op.execute(_POSTGRES_TRIGGER)
