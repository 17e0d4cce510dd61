"""What agents tell each other, what was decided, and what is known."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, count, flag, json, key, metadata, moment, text

notes = sa.Table(
    f"{PREFIX}notes",
    metadata,
    key(),
    text("to_agent"),
    json("sender"),
    text("text"),
    moment("created_at"),
    moment("due_at", null=True),
    text("run_id", null=True),
    flag("tainted"),
    moment("acknowledged_at", null=True),
    json("acknowledged_by", null=True),
    text("answer", null=True),
    moment("escalated_at", null=True),
    sa.Index(f"ix_{PREFIX}notes_unread", "acknowledged_at", "to_agent", "created_at"),
)

decisions = sa.Table(
    f"{PREFIX}decisions",
    metadata,
    key(),
    text("subject"),
    text("subject_key"),
    text("choice"),
    text("why"),
    json("decided_by"),
    moment("decided_at"),
    json("affects"),
    text("standing"),
    text("supersedes", null=True),
    text("superseded_by", null=True),
    text("run_id", null=True),
    text("agent_id", null=True),
    flag("tainted"),
    count("revision"),
    sa.Index(f"ix_{PREFIX}decisions_subject", "subject_key", "standing"),
    sa.Index(f"ix_{PREFIX}decisions_standing", "standing", "decided_at"),
)

acknowledgements = sa.Table(
    f"{PREFIX}acknowledgements",
    metadata,
    sa.Column("decision_id", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, primary_key=True),
    moment("at"),
)

topic_versions = sa.Table(
    f"{PREFIX}topic_versions",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    text("text"),
    text("why"),
    json("written_by"),
    moment("written_at"),
    text("run_id", null=True),
    text("proposal_id", null=True),
)

proposals = sa.Table(
    f"{PREFIX}proposals",
    metadata,
    key(),
    text("topic"),
    text("agent_id"),
    text("text"),
    text("why"),
    json("proposed_by"),
    moment("proposed_at"),
    count("based_on"),
    text("run_id", null=True),
    text("state"),
    text("reason", null=True),
    json("decided_by", null=True),
    moment("decided_at", null=True),
    count("revision"),
    sa.Index(f"ix_{PREFIX}proposals_waiting", "state", "topic"),
)
