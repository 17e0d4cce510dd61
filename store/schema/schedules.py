"""When each agent is due, and what became of each due time."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, Moment, count, flag, json, key, metadata, moment, text

schedules = sa.Table(
    f"{PREFIX}schedules",
    metadata,
    key(),
    text("agent_id"),
    text("cron", null=True),
    sa.Column("every_seconds", sa.BigInteger, nullable=True),
    moment("anchor_at", null=True),
    text("timezone"),
    text("misfire"),
    count("misfire_max"),
    text("overlap"),
    count("lateness_seconds"),
    json("input"),
    json("limits"),
    text("workspace_digest"),
    moment("next_fire_at", null=True),
    flag("paused"),
    flag("retired"),
    sa.Index(f"ix_{PREFIX}schedules_due", "retired", "next_fire_at"),
)

occurrences = sa.Table(
    f"{PREFIX}occurrences",
    metadata,
    sa.Column("schedule_id", sa.Text, primary_key=True),
    sa.Column("due_at", Moment, primary_key=True),
    text("outcome"),
    text("reason", null=True),
    sa.Column("run_id", sa.Text, nullable=True, index=True),
    moment("recorded_at"),
)

evidence = sa.Table(
    f"{PREFIX}evidence",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    text("schedule_id"),
    moment("due_at"),
    moment("recorded_at"),
    json("data"),
    sa.Index(f"ix_{PREFIX}evidence_due", "schedule_id", "due_at"),
)
