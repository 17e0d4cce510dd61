"""Cards, where each was delivered, and what each surface keeps of ours."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, count, flag, json, metadata, moment, text

cards = sa.Table(
    f"{PREFIX}cards",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    text("kind"),
    text("record_id"),
    text("channel", null=True),
    count("revision"),
    count("priority"),
    moment("created_at"),
    moment("changed_at"),
    json("snapshot", null=True),
    count("snapshot_revision"),
    flag("pending"),
    text("thread_of", null=True),
    sa.Index(f"ix_{PREFIX}cards_channel", "channel", "position"),
    sa.Index(
        f"ix_{PREFIX}cards_pending",
        "priority",
        "position",
        sqlite_where=sa.text("pending"),
        postgresql_where=sa.text("pending"),
    ),
)

deliveries = sa.Table(
    f"{PREFIX}deliveries",
    metadata,
    sa.Column("card_key", sa.Text, primary_key=True),
    sa.Column("surface", sa.Text, primary_key=True),
    text("state"),
    count("revision"),
    text("channel_id", null=True),
    text("message_id", null=True),
    count("attempts"),
    moment("not_before", null=True),
    moment("sending_since", null=True),
    text("error", null=True),
    text("owes", null=True),
    sa.Index(f"ix_{PREFIX}deliveries_surface", "surface", "state"),
    sa.Index(f"ix_{PREFIX}deliveries_message", "surface", "message_id"),
)

channels = sa.Table(
    f"{PREFIX}channels",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    text("channel_id"),
)

uploads = sa.Table(
    f"{PREFIX}uploads",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    text("file_id"),
    flag("complete"),
    moment("begun_at"),
)

homes = sa.Table(
    f"{PREFIX}homes",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, primary_key=True),
    text("person_id", null=True),
    text("show"),
    count("page"),
    moment("opened_at"),
    text("shown_digest", null=True),
    text("view_hash", null=True),
)
