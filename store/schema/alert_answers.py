"""What people said to alerts."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, json, key, metadata, moment, text

alert_answers = sa.Table(
    f"{PREFIX}alert_answers",
    metadata,
    key(),
    text("alert_id"),
    text("agent_id"),
    text("metric"),
    text("answer"),
    text("person_id"),
    moment("at"),
    json("body"),
    sa.Index(f"ix_{PREFIX}alert_answers_alert", "alert_id", "at"),
    sa.Index(f"ix_{PREFIX}alert_answers_metric", "agent_id", "metric", "at"),
)
"""One row for each answer; none is ever changed."""
