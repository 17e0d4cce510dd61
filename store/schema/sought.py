"""What search looks through: each record once, in the words its card last said."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, metadata, moment, text

sought = sa.Table(
    f"{PREFIX}sought",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, primary_key=True),
    text("card_key"),
    text("channel", null=True),
    moment("at"),
    text("state"),
    text("title"),
    text("summary"),
    text("folded"),
    sa.Index(f"ix_{PREFIX}sought_at", "at"),
    sa.Index(f"ix_{PREFIX}sought_kind", "kind", "at"),
)
