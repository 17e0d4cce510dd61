"""Agents, their runs and steps, what each run knew, heard and spent, and the processes that execute them."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, count, flag, json, key, metadata, moment, text

agents = sa.Table(
    f"{PREFIX}agents",
    metadata,
    key("agent_id"),
    text("state"),
    moment("changed_at"),
    text("changed_by", null=True),
    text("reason", null=True),
)

runs = sa.Table(
    f"{PREFIX}runs",
    metadata,
    key(),
    text("agent_id"),
    sa.Column("trigger_key", sa.Text, nullable=False, unique=True),
    json("trigger"),
    sa.Column("schedule_id", sa.Text, nullable=True),
    text("state"),
    count("segment"),
    count("attempt"),
    json("limits"),
    flag("tainted"),
    moment("created_at"),
    moment("started_at", null=True),
    moment("finished_at", null=True),
    moment("deadline_at", null=True),
    text("stop_requested_by", null=True),
    text("reason", null=True),
    text("owner", null=True),
    json("result", null=True),
    text("workspace_digest"),
    count("held_micros"),
    count("spent_micros"),
    count("step_count"),
    text("forgotten", null=True),
    sa.Index(f"ix_{PREFIX}runs_forgotten", "forgotten", "finished_at"),
    sa.Index(f"ix_{PREFIX}runs_agent", "agent_id", "created_at"),
    sa.Index(f"ix_{PREFIX}runs_finished", "agent_id", "finished_at"),
    sa.Index(f"ix_{PREFIX}runs_ended", "finished_at"),
    sa.Index(f"ix_{PREFIX}runs_state", "state", "deadline_at"),
    sa.Index(f"ix_{PREFIX}runs_schedule", "schedule_id", "state"),
)

steps = sa.Table(
    f"{PREFIX}steps",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    count("position"),
    count("segment"),
    text("kind"),
    text("name"),
    text("access"),
    flag("irreversible"),
    json("request"),
    text("request_hash"),
    text("idempotency_key"),
    text("state"),
    count("attempts"),
    text("rule_id", null=True),
    text("approval_id", null=True),
    json("result", null=True),
    text("error", null=True),
    moment("started_at"),
    moment("finished_at", null=True),
    count("held_micros"),
    count("spent_micros"),
)

day_spend = sa.Table(
    f"{PREFIX}day_spend",
    metadata,
    sa.Column("agent_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    count("held_micros"),
    count("spent_micros"),
)

receipts = sa.Table(
    f"{PREFIX}receipts",
    metadata,
    key("run_id"),
    json("layers"),
    text("digest"),
    json("context"),
    moment("booted_at"),
)

run_messages = sa.Table(
    f"{PREFIX}run_messages",
    metadata,
    key(),
    sa.Column("run_id", sa.Text, nullable=False),
    count("position"),
    json("author"),
    text("text"),
    moment("at"),
    sa.Index(f"uq_{PREFIX}run_messages_order", "run_id", "position", unique=True),
)

workers = sa.Table(f"{PREFIX}workers", metadata, key("executor_id"), moment("beat_at"))
