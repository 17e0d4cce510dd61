"""The minds of the agents in each version of the workspace that a run may still go by."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, json, metadata, moment, text

minds = sa.Table(
    f"{PREFIX}minds",
    metadata,
    sa.Column("workspace_digest", sa.Text, primary_key=True),
    sa.Column("agent_id", sa.Text, primary_key=True),
    json("mind"),
    text("source", null=True),
    moment("superseded_at", null=True),
)
