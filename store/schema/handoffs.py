"""Work handed from agent to agent, and the breakers of its routes."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, json, key, metadata, moment, text

handoffs = sa.Table(
    f"{PREFIX}handoffs",
    metadata,
    key(),
    text("contract"),
    text("sender"),
    text("receiver"),
    text("state"),
    text("route"),
    text("run_id"),
    text("closed_run", null=True),
    moment("sent_at"),
    json("body"),
    sa.Index(f"ix_{PREFIX}handoffs_receiver", "receiver", "sent_at"),
    sa.Index(f"ix_{PREFIX}handoffs_sender", "sender", "sent_at"),
    sa.Index(f"ix_{PREFIX}handoffs_route", "route", "state"),
    sa.Index(f"ix_{PREFIX}handoffs_closed_run", "closed_run"),
)

breakers = sa.Table(f"{PREFIX}breakers", metadata, key("route"), json("body"))
