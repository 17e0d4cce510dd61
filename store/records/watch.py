"""Watched channels: what others wrote there, who may read it, and which message was read by which run."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from store.kernel.canonical import JsonObject
from store.records.record import Record
from store.records.run import RunLimits

TEXT_CHARACTERS = 6_000
FIELDS = 25
FIELD_NAME_CHARACTERS = 80
FIELD_VALUE_CHARACTERS = 500
LINK_CHARACTERS = 2_000
FILES = 10
FILE_NAME_CHARACTERS = 200
"""The most that is kept of one message; what is cut off ends in an ellipsis. Not even in UTF-8, at four bytes a
character and with every part full, does one message fill half of a tool's result."""


class AuthorKind(StrEnum):
    """Who wrote: a member of the workspace, a guest, somebody from outside, another app, or nobody can say."""

    PERSON = "person"
    GUEST = "guest"
    EXTERNAL = "external"
    APP = "app"
    UNKNOWN = "unknown"


class Who(StrEnum):
    """Whose messages a watch offers. An author nothing is known of counts among the people."""

    PEOPLE = "people"
    APPS = "apps"
    EVERYONE = "everyone"


class MessageField(Record):
    """One labelled value of a message, as apps write them."""

    name: str = Field(max_length=FIELD_NAME_CHARACTERS)
    value: str = Field(max_length=FIELD_VALUE_CHARACTERS)


class SeenMessage(Record):
    """A message as a surface saw it at one moment. All of it is text by strangers.

    `message_id` is the surface's own, unique in its channel. `thread_id` is the message it answers; None when it
    stands by itself, or was shown in the channel as well. `as_of` is when it came to be as it is; None for a message as
    first written. One that is `deleted` holds no text any more.
    """

    message_id: str
    thread_id: str | None = None
    author: str
    author_kind: AuthorKind
    text: str = Field(default="", max_length=TEXT_CHARACTERS)
    fields: tuple[MessageField, ...] = Field(default=(), max_length=FIELDS)
    link: str | None = Field(default=None, max_length=LINK_CHARACTERS)
    files: tuple[str, ...] = Field(default=(), max_length=FILES)
    written_at: datetime
    as_of: datetime | None = None
    deleted: bool = False


class WatchedMessage(SeenMessage):
    """A message on record. `version` grows by one with every change that a reader would see, from 1."""

    surface: str
    channel_id: str
    version: int
    received_at: datetime


class OfferState(StrEnum):
    """`open` to be read, `claimed` by a run that has not ended, `read` by one that is done."""

    OPEN = "open"
    CLAIMED = "claimed"
    READ = "read"


class Offer(Record):
    """One message before one agent.

    `version` is the one a claim last showed, 0 before the first. `again` says that a run that is done has read an
    earlier version. `run_id` and `claim_key` (the reading step's idempotency key) name who claims or has read it.
    """

    agent_id: str
    surface: str
    channel_id: str
    message_id: str
    state: OfferState
    version: int = 0
    again: bool = False
    opened_at: datetime
    written_at: datetime
    run_id: str | None = None
    claim_key: str | None = None


class Reader(Record):
    """An agent that watches a channel. What was written before `began_at` is not offered to it.

    `watch` is the watch's name in the workspace. `threads`: answers inside threads are offered too. `held_until` is set
    while the rate holds back a run that waiting messages would start.
    """

    agent_id: str
    surface: str
    channel_id: str
    watch: str
    who: Who = Who.EVERYONE
    threads: bool = True
    began_at: datetime
    held_until: datetime | None = None


class WatchCursor(Record):
    """How far the history of a channel is on record: without a gap from `begins_at` up to `read_up_to`.

    `checked_at` is when the history was last read to its end; None: never. `problem` is why it cannot be read now.
    """

    surface: str
    channel_id: str
    begins_at: datetime
    read_up_to: datetime
    checked_at: datetime | None = None
    problem: str | None = None


class OfferedMessage(Record):
    """A message as a run is given it. `again`: a run of this agent that is done has read an earlier version of it."""

    message: WatchedMessage
    again: bool


class Claimed(Record):
    """What a reading step is given, in the order it was written; `more`: open messages were left for the next."""

    messages: tuple[OfferedMessage, ...] = ()
    more: bool = False


class Waiting(Record):
    """Open messages of one watch: how many, and between which moments they came to be open.

    `first` and `last` name the outermost of them and their versions.
    """

    count: int
    oldest_at: datetime
    newest_at: datetime
    first: str
    last: str


class OnArrival(Record):
    """How messages of one watch start runs, and what such a run is given."""

    watch_id: str
    agent_id: str
    surface: str
    channel_id: str
    settle_seconds: int
    at_most_per_hour: int
    limits: RunLimits
    workspace_digest: str
    input: JsonObject
