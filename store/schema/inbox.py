"""Events from surfaces, stored before they are acknowledged."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, json, metadata, moment, text

inbox = sa.Table(
    f"{PREFIX}inbox",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    text("kind"),
    json("payload"),
    text("state"),
    moment("received_at"),
    moment("handled_at", null=True),
    text("answer", null=True),
    sa.Index(f"ix_{PREFIX}inbox_state", "state", "received_at"),
)
