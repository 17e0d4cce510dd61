"""Channels that agents read: what was written, how far each was read, and what each reader was offered."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, count, flag, json, metadata, moment, text

watched_messages = sa.Table(
    f"{PREFIX}watched_messages",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, primary_key=True),
    sa.Column("message_id", sa.Text, primary_key=True),
    count("version"),
    text("thread_id", null=True),
    text("author"),
    text("author_kind"),
    text("text"),
    json("fields"),
    text("link", null=True),
    json("files"),
    moment("written_at"),
    moment("received_at"),
    moment("as_of", null=True),
    flag("deleted"),
    sa.Index(f"ix_{PREFIX}watched_messages_time", "surface", "channel_id", "written_at"),
)

watch_cursors = sa.Table(
    f"{PREFIX}watch_cursors",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, primary_key=True),
    moment("begins_at"),
    moment("read_up_to"),
    moment("checked_at", null=True),
    text("problem", null=True),
)

watch_readers = sa.Table(
    f"{PREFIX}watch_readers",
    metadata,
    sa.Column("agent_id", sa.Text, primary_key=True),
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, primary_key=True),
    text("watch"),
    text("who"),
    flag("threads"),
    moment("began_at"),
    moment("held_until", null=True),
    sa.Index(f"ix_{PREFIX}watch_readers_channel", "surface", "channel_id"),
)

watch_offers = sa.Table(
    f"{PREFIX}watch_offers",
    metadata,
    sa.Column("agent_id", sa.Text, primary_key=True),
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, primary_key=True),
    sa.Column("message_id", sa.Text, primary_key=True),
    text("state"),
    count("version"),
    flag("again"),
    moment("opened_at"),
    moment("written_at"),
    text("run_id", null=True),
    text("claim_key", null=True),
    sa.Index(f"ix_{PREFIX}watch_offers_open", "agent_id", "surface", "channel_id", "state", "written_at"),
    sa.Index(f"ix_{PREFIX}watch_offers_message", "surface", "channel_id", "message_id"),
    sa.Index(f"ix_{PREFIX}watch_offers_run", "run_id"),
)
