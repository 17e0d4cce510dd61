"""Work with one owner."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, count, flag, json, key, metadata, moment, text

tasks = sa.Table(
    f"{PREFIX}tasks",
    metadata,
    key(),
    text("title"),
    text("details"),
    text("state"),
    text("agent_id", null=True),
    text("person_id", null=True),
    json("created_by"),
    moment("created_at"),
    moment("changed_at"),
    moment("due_at", null=True),
    json("source", null=True),
    text("reason", null=True),
    moment("closed_at", null=True),
    json("closed_by", null=True),
    json("blocked_by"),
    json("evidence"),
    text("held_by", null=True),
    moment("held_until", null=True),
    sa.Column("lease_seconds", sa.BigInteger, nullable=True),
    flag("pooled"),
    flag("tainted"),
    moment("escalated_at", null=True),
    count("revision"),
    sa.Index(f"ix_{PREFIX}tasks_state", "state", "due_at"),
    sa.Index(f"ix_{PREFIX}tasks_agent", "agent_id", "state"),
    sa.Index(f"ix_{PREFIX}tasks_held", "held_by", "held_until"),
)
