"""Which output used which value, and what people say is wrong."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, key, metadata, moment, text

uses = sa.Table(
    f"{PREFIX}uses",
    metadata,
    sa.Column("output_kind", sa.Text, primary_key=True),
    sa.Column("output_id", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, primary_key=True),
    text("source_kind"),
    text("source_id"),
    text("source_place"),
    sa.Index(f"ix_{PREFIX}uses_source", "source_kind", "source_id"),
)

marks = sa.Table(
    f"{PREFIX}marks",
    metadata,
    key(),
    text("output_kind"),
    text("output_id"),
    text("place"),
    text("figure"),
    text("by"),
    text("surface"),
    text("reason"),
    moment("at"),
    moment("withdrawn_at", null=True),
    text("withdrawn_by", null=True),
)

mark_roots = sa.Table(
    f"{PREFIX}mark_roots",
    metadata,
    sa.Column("mark_id", sa.Text, primary_key=True),
    sa.Column("source_kind", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, primary_key=True),
    sa.Column("source_place", sa.Text, primary_key=True),
    sa.Index(f"ix_{PREFIX}mark_roots_source", "source_kind", "source_id"),
)
