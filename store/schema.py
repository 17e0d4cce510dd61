"""The tables. Every name carries our prefix, because the engine keeps its own tables in the same database."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from store.kernel.storable import storable_text

PREFIX = "qd_"

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC moment, stored as whole microseconds since 1970 so that it compares and sorts alike everywhere."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Whole microseconds; a naive datetime is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment must carry a time zone")
        delta = value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return delta.days * 86_400_000_000 + delta.seconds * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """The aware UTC moment."""
        if value is None:
            return None
        seconds, micros = divmod(value, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


class Words(sa.types.TypeDecorator[str]):
    """Text that may come from anybody: what a database cannot hold is written out, never refused."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it is kept."""
        return None if value is None else storable_text(value)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, Words, nullable=null)


def _moment(name: str, *, null: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Moment, nullable=null)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _json(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _id(name: str = "id") -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


agents = sa.Table(
    f"{PREFIX}agents",
    metadata,
    _id("agent_id"),
    _text("state"),
    _moment("changed_at"),
    _text("changed_by", null=True),
    _text("reason", null=True),
)

schedules = sa.Table(
    f"{PREFIX}schedules",
    metadata,
    _id(),
    _text("agent_id"),
    _text("cron", null=True),
    sa.Column("every_seconds", sa.BigInteger, nullable=True),
    _moment("anchor_at", null=True),
    _text("timezone"),
    _text("misfire"),
    _count("misfire_max"),
    _text("overlap"),
    _count("lateness_seconds"),
    _json("input"),
    _json("limits"),
    _text("workspace_digest"),
    _moment("next_fire_at", null=True),
    _flag("paused"),
    _flag("retired"),
    sa.Index(f"ix_{PREFIX}schedules_due", "retired", "next_fire_at"),
)

occurrences = sa.Table(
    f"{PREFIX}occurrences",
    metadata,
    sa.Column("schedule_id", sa.Text, primary_key=True),
    sa.Column("due_at", Moment, primary_key=True),
    _text("outcome"),
    _text("reason", null=True),
    sa.Column("run_id", sa.Text, nullable=True, index=True),
    _moment("recorded_at"),
)

evidence = sa.Table(
    f"{PREFIX}evidence",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    _text("schedule_id"),
    _moment("due_at"),
    _moment("recorded_at"),
    _json("data"),
    sa.Index(f"ix_{PREFIX}evidence_due", "schedule_id", "due_at"),
)

runs = sa.Table(
    f"{PREFIX}runs",
    metadata,
    _id(),
    _text("agent_id"),
    sa.Column("trigger_key", sa.Text, nullable=False, unique=True),
    _json("trigger"),
    sa.Column("schedule_id", sa.Text, nullable=True),
    _text("state"),
    _count("segment"),
    _count("attempt"),
    _json("limits"),
    _flag("tainted"),
    _moment("created_at"),
    _moment("started_at", null=True),
    _moment("finished_at", null=True),
    _moment("deadline_at", null=True),
    _text("stop_requested_by", null=True),
    _text("reason", null=True),
    _text("owner", null=True),
    _json("result", null=True),
    _text("workspace_digest"),
    _count("held_micros"),
    _count("spent_micros"),
    _count("step_count"),
    sa.Index(f"ix_{PREFIX}runs_agent", "agent_id", "created_at"),
    sa.Index(f"ix_{PREFIX}runs_finished", "agent_id", "finished_at"),
    sa.Index(f"ix_{PREFIX}runs_ended", "finished_at"),
    sa.Index(f"ix_{PREFIX}runs_state", "state", "deadline_at"),
    sa.Index(f"ix_{PREFIX}runs_schedule", "schedule_id", "state"),
)

steps = sa.Table(
    f"{PREFIX}steps",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    _count("position"),
    _count("segment"),
    _text("kind"),
    _text("name"),
    _text("access"),
    _flag("irreversible"),
    _json("request"),
    _text("request_hash"),
    _text("idempotency_key"),
    _text("state"),
    _count("attempts"),
    _text("rule_id", null=True),
    _text("approval_id", null=True),
    _json("result", null=True),
    _text("error", null=True),
    _moment("started_at"),
    _moment("finished_at", null=True),
    _count("held_micros"),
    _count("spent_micros"),
)

day_spend = sa.Table(
    f"{PREFIX}day_spend",
    metadata,
    sa.Column("agent_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    _count("held_micros"),
    _count("spent_micros"),
)

approvals = sa.Table(
    f"{PREFIX}approvals",
    metadata,
    _id(),
    _text("run_id"),
    _text("step_key"),
    _text("agent_id"),
    _text("tool"),
    _json("arguments"),
    _text("payload"),
    _text("call_hash"),
    _text("summary"),
    _text("undo", null=True),
    _flag("irreversible"),
    _text("claim", null=True),
    _text("rule_id"),
    _text("rule_reason", null=True),
    _json("requirement"),
    _json("requested_by"),
    _text("state"),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("decided_at", null=True),
    _json("decided_by"),
    _text("decided_on", null=True),
    _text("decision_reason", null=True),
    _moment("execute_before", null=True),
    _moment("executed_at", null=True),
    _text("outcome", null=True),
    _text("supersedes", null=True),
    _text("superseded_by", null=True),
    _count("revision"),
    sa.Index(f"ix_{PREFIX}approvals_state", "state", "expires_at"),
    sa.Index(f"ix_{PREFIX}approvals_step", "run_id", "step_key"),
)

votes = sa.Table(
    f"{PREFIX}votes",
    metadata,
    sa.Column("approval_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True),
    _flag("approve"),
    _text("surface"),
    _text("account"),
    _text("reason", null=True),
    _moment("at"),
)

receipts = sa.Table(
    f"{PREFIX}receipts",
    metadata,
    _id("run_id"),
    _json("layers"),
    _text("digest"),
    _json("context"),
    _moment("booted_at"),
)

readings = sa.Table(
    f"{PREFIX}readings",
    metadata,
    sa.Column("metric", sa.Text, primary_key=True),
    sa.Column("agent_id", sa.Text, primary_key=True),
    sa.Column("at", Moment, primary_key=True),
    _text("value"),
    _text("unit"),
)

alerts = sa.Table(
    f"{PREFIX}alerts",
    metadata,
    _id(),
    _text("agent_id"),
    _text("metric"),
    _text("state"),
    _moment("since"),
    _json("body"),
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
    _id(),
    _text("agent_id"),
    _text("name"),
    _moment("published_at"),
    _json("body"),
    sa.Index(f"ix_{PREFIX}digests_agent", "agent_id", "name", "published_at"),
)

incidents = sa.Table(
    f"{PREFIX}incidents",
    metadata,
    _id(),
    _text("cause"),
    _text("kind"),
    _text("agent_id", null=True),
    _text("run_id", null=True),
    _text("title"),
    _text("detail"),
    _text("next_step"),
    _text("state"),
    _count("count"),
    _moment("first_at"),
    _moment("last_at"),
    _moment("closed_at", null=True),
    _text("closed_by", null=True),
    _json("examples"),
    sa.Index(
        f"uq_{PREFIX}incidents_one_open",
        "cause",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)

cards = sa.Table(
    f"{PREFIX}cards",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    _text("kind"),
    _text("record_id"),
    _text("channel", null=True),
    _count("revision"),
    _count("priority"),
    _moment("created_at"),
    _moment("changed_at"),
    _json("snapshot", null=True),
    _count("snapshot_revision"),
    _flag("pending"),
    _text("thread_of", null=True),
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
    _text("state"),
    _count("revision"),
    _text("channel_id", null=True),
    _text("message_id", null=True),
    _count("attempts"),
    _moment("not_before", null=True),
    _moment("sending_since", null=True),
    _text("error", null=True),
    _text("owes", null=True),
    sa.Index(f"ix_{PREFIX}deliveries_surface", "surface", "state"),
    sa.Index(f"ix_{PREFIX}deliveries_message", "surface", "message_id"),
)

channels = sa.Table(
    f"{PREFIX}channels",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    _text("channel_id"),
)

inbox = sa.Table(
    f"{PREFIX}inbox",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    _text("kind"),
    _json("payload"),
    _text("state"),
    _moment("received_at"),
    _moment("handled_at", null=True),
    _text("answer", null=True),
    sa.Index(f"ix_{PREFIX}inbox_state", "state", "received_at"),
)

uploads = sa.Table(
    f"{PREFIX}uploads",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    _text("file_id"),
    _flag("complete"),
    _moment("begun_at"),
)

tasks = sa.Table(
    f"{PREFIX}tasks",
    metadata,
    _id(),
    _text("title"),
    _text("details"),
    _text("state"),
    _text("agent_id", null=True),
    _text("person_id", null=True),
    _json("created_by"),
    _moment("created_at"),
    _moment("changed_at"),
    _moment("due_at", null=True),
    _json("source", null=True),
    _text("reason", null=True),
    _moment("closed_at", null=True),
    _json("closed_by", null=True),
    _count("revision"),
    sa.Index(f"ix_{PREFIX}tasks_state", "state", "due_at"),
    sa.Index(f"ix_{PREFIX}tasks_agent", "agent_id", "state"),
)

run_messages = sa.Table(
    f"{PREFIX}run_messages",
    metadata,
    _id(),
    sa.Column("run_id", sa.Text, nullable=False),
    _count("position"),
    _json("author"),
    _text("text"),
    _moment("at"),
    sa.Index(f"uq_{PREFIX}run_messages_order", "run_id", "position", unique=True),
)

feedback = sa.Table(
    f"{PREFIX}feedback",
    metadata,
    sa.Column("card_key", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True),
    _text("agent_id", null=True),
    _text("record_id"),
    _text("verdict"),
    _text("words", null=True),
    _text("surface"),
    _moment("at"),
    sa.Index(f"ix_{PREFIX}feedback_at", "at"),
)

watched_messages = sa.Table(
    f"{PREFIX}watched_messages",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, primary_key=True),
    sa.Column("message_id", sa.Text, primary_key=True),
    _count("version"),
    _text("thread_id", null=True),
    _text("author"),
    _text("author_kind"),
    _text("text"),
    _json("fields"),
    _text("link", null=True),
    _json("files"),
    _moment("written_at"),
    _moment("received_at"),
    _moment("as_of", null=True),
    _flag("deleted"),
    sa.Index(f"ix_{PREFIX}watched_messages_time", "surface", "channel_id", "written_at"),
)

watch_cursors = sa.Table(
    f"{PREFIX}watch_cursors",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, primary_key=True),
    _moment("begins_at"),
    _moment("read_up_to"),
    _moment("checked_at", null=True),
    _text("problem", null=True),
)

watch_readers = sa.Table(
    f"{PREFIX}watch_readers",
    metadata,
    sa.Column("agent_id", sa.Text, primary_key=True),
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, primary_key=True),
    _text("watch"),
    _text("who"),
    _flag("threads"),
    _moment("began_at"),
    _moment("held_until", null=True),
    sa.Index(f"ix_{PREFIX}watch_readers_channel", "surface", "channel_id"),
)

watch_offers = sa.Table(
    f"{PREFIX}watch_offers",
    metadata,
    sa.Column("agent_id", sa.Text, primary_key=True),
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, primary_key=True),
    sa.Column("message_id", sa.Text, primary_key=True),
    _text("state"),
    _count("version"),
    _flag("again"),
    _moment("opened_at"),
    _moment("written_at"),
    _text("run_id", null=True),
    _text("claim_key", null=True),
    sa.Index(f"ix_{PREFIX}watch_offers_open", "agent_id", "surface", "channel_id", "state", "written_at"),
    sa.Index(f"ix_{PREFIX}watch_offers_message", "surface", "channel_id", "message_id"),
    sa.Index(f"ix_{PREFIX}watch_offers_run", "run_id"),
)

homes = sa.Table(
    f"{PREFIX}homes",
    metadata,
    sa.Column("surface", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, primary_key=True),
    _text("person_id", null=True),
    _text("show"),
    _count("page"),
    _moment("opened_at"),
    _text("shown_digest", null=True),
    _text("view_hash", null=True),
)

workers = sa.Table(f"{PREFIX}workers", metadata, _id("executor_id"), _moment("beat_at"))

audit = sa.Table(
    f"{PREFIX}audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    _moment("at"),
    _text("kind"),
    _text("subject_kind"),
    _text("subject_id"),
    _text("body"),
    _text("prev_hash"),
    _text("hash"),
    sa.Index(f"ix_{PREFIX}audit_subject", "subject_kind", "subject_id", "seq"),
    sa.Index(f"ix_{PREFIX}audit_kind", "kind", "at"),
)

audit_head = sa.Table(
    f"{PREFIX}audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _count("seq"),
    _text("hash"),
)
