"""Chat as a home: threads and what a message owes, tasks, words to a run, feedback, watched channels, home pages.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables and two columns; what is on record stays as it is."""
    op.add_column("qd_cards", sa.Column("thread_of", sa.Text(), nullable=True))
    op.add_column("qd_deliveries", sa.Column("owes", sa.Text(), nullable=True))
    op.create_index("ix_qd_deliveries_message", "qd_deliveries", ["surface", "message_id"], unique=False)
    _feedback()
    _homes()
    _run_messages()
    _tasks()
    _uploads()
    _watch_cursors()
    _watch_offers()
    _watch_readers()
    _watched_messages()


def _feedback() -> None:
    op.create_table(
        "qd_feedback",
        sa.Column("card_key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("card_key", "person_id", name=op.f("pk_qd_feedback")),
    )
    op.create_index("ix_qd_feedback_at", "qd_feedback", ["at"], unique=False)


def _homes() -> None:
    op.create_table(
        "qd_homes",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("show", sa.Text(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("shown_digest", sa.Text(), nullable=True),
        sa.Column("view_hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("surface", "account", name=op.f("pk_qd_homes")),
    )


def _run_messages() -> None:
    op.create_table(
        "qd_run_messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_run_messages")),
    )
    op.create_index("uq_qd_run_messages_order", "qd_run_messages", ["run_id", "position"], unique=True)


def _tasks() -> None:
    op.create_table(
        "qd_tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("created_by", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qd_tasks")),
    )
    op.create_index("ix_qd_tasks_agent", "qd_tasks", ["agent_id", "state"], unique=False)
    op.create_index("ix_qd_tasks_state", "qd_tasks", ["state", "due_at"], unique=False)


def _uploads() -> None:
    op.create_table(
        "qd_uploads",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "digest", name=op.f("pk_qd_uploads")),
    )


def _watch_cursors() -> None:
    op.create_table(
        "qd_watch_cursors",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("read_up_to", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("surface", "channel_id", name=op.f("pk_qd_watch_cursors")),
    )


def _watch_offers() -> None:
    op.create_table(
        "qd_watch_offers",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("claim_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", "surface", "channel_id", "message_id", name=op.f("pk_qd_watch_offers")),
    )
    op.create_index(
        "ix_qd_watch_offers_message", "qd_watch_offers", ["surface", "channel_id", "message_id"], unique=False
    )
    op.create_index(
        "ix_qd_watch_offers_open",
        "qd_watch_offers",
        ["agent_id", "surface", "channel_id", "state", "written_at"],
        unique=False,
    )
    op.create_index("ix_qd_watch_offers_run", "qd_watch_offers", ["run_id"], unique=False)


def _watch_readers() -> None:
    op.create_table(
        "qd_watch_readers",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("watch", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("threads", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", "surface", "channel_id", name=op.f("pk_qd_watch_readers")),
    )
    op.create_index("ix_qd_watch_readers_channel", "qd_watch_readers", ["surface", "channel_id"], unique=False)


def _watched_messages() -> None:
    op.create_table(
        "qd_watched_messages",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "channel_id", "message_id", name=op.f("pk_qd_watched_messages")),
    )
    op.create_index(
        "ix_qd_watched_messages_time", "qd_watched_messages", ["surface", "channel_id", "written_at"], unique=False
    )
