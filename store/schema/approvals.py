"""Calls that people decide, and their votes."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, count, flag, json, key, metadata, moment, text

approvals = sa.Table(
    f"{PREFIX}approvals",
    metadata,
    key(),
    text("run_id"),
    text("step_key"),
    text("agent_id"),
    text("tool"),
    json("arguments"),
    text("payload"),
    text("call_hash"),
    text("summary"),
    text("undo", null=True),
    flag("irreversible"),
    text("claim", null=True),
    text("rule_id"),
    text("rule_reason", null=True),
    json("requirement"),
    json("requested_by"),
    text("state"),
    moment("created_at"),
    moment("expires_at"),
    moment("decided_at", null=True),
    json("decided_by"),
    text("decided_on", null=True),
    text("decision_reason", null=True),
    moment("execute_before", null=True),
    moment("executed_at", null=True),
    text("outcome", null=True),
    text("supersedes", null=True),
    text("superseded_by", null=True),
    count("revision"),
    sa.Index(f"ix_{PREFIX}approvals_state", "state", "expires_at"),
    sa.Index(f"ix_{PREFIX}approvals_step", "run_id", "step_key"),
)

votes = sa.Table(
    f"{PREFIX}votes",
    metadata,
    sa.Column("approval_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True),
    flag("approve"),
    text("surface"),
    text("account"),
    text("reason", null=True),
    moment("at"),
)
