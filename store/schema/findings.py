"""What agents deliver and what went wrong: readings, alerts, digests, incidents, and what people thought of it."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, Moment, count, json, key, metadata, moment, text

readings = sa.Table(
    f"{PREFIX}readings",
    metadata,
    sa.Column("metric", sa.Text, primary_key=True),
    sa.Column("agent_id", sa.Text, primary_key=True),
    sa.Column("at", Moment, primary_key=True),
    text("value"),
    text("unit"),
)

alerts = sa.Table(
    f"{PREFIX}alerts",
    metadata,
    key(),
    text("agent_id"),
    text("metric"),
    text("state"),
    moment("since"),
    moment("raised_at", null=True),
    json("body"),
    sa.Index(
        f"uq_{PREFIX}alerts_one_open",
        "agent_id",
        "metric",
        unique=True,
        sqlite_where=sa.text("state != 'cleared'"),
        postgresql_where=sa.text("state != 'cleared'"),
    ),
)

digests = sa.Table(
    f"{PREFIX}digests",
    metadata,
    key(),
    text("agent_id"),
    text("name"),
    moment("published_at"),
    json("body"),
    sa.Index(f"ix_{PREFIX}digests_agent", "agent_id", "name", "published_at"),
)

incidents = sa.Table(
    f"{PREFIX}incidents",
    metadata,
    key(),
    text("cause"),
    text("kind"),
    text("agent_id", null=True),
    text("run_id", null=True),
    text("title"),
    text("detail"),
    text("next_step"),
    text("state"),
    count("count"),
    moment("first_at"),
    moment("last_at"),
    moment("closed_at", null=True),
    text("closed_by", null=True),
    json("examples"),
    sa.Index(
        f"uq_{PREFIX}incidents_one_open",
        "cause",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)

feedback = sa.Table(
    f"{PREFIX}feedback",
    metadata,
    sa.Column("card_key", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True),
    text("agent_id", null=True),
    text("record_id"),
    text("verdict"),
    text("words", null=True),
    text("surface"),
    moment("at"),
    sa.Index(f"ix_{PREFIX}feedback_at", "at"),
)
