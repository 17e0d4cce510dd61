"""The surface port: what the outbox and the intake need from Slack, Discord or the console, and nothing else."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from pydantic import Field

from blocks.elements import Card, Form
from blocks.home import Home
from store.kernel.canonical import JsonObject
from store.kernel.errors import Retryable, UserMistake
from store.records.channel import Loss
from store.records.record import Record


class Paced(Retryable):
    """It was not this one's turn: nothing was tried and nobody failed. Safe to try again after the delay."""


class InboundKind(StrEnum):
    """What came in. The last three are no person's act: they are told by a platform or a signed request.

    `message` is free text written to the bot or into a run's thread, `shortcut` a shortcut of the platform's own menus,
    `home` somebody looking at their own page, `stop` the platform's own Stop beside the thread of a card; `watched` is
    what was written in a watched channel, `notice` what the platform says has changed.
    """

    PRESS = "press"
    SUBMIT = "submit"
    COMMAND = "command"
    MESSAGE = "message"
    SHORTCUT = "shortcut"
    HOME = "home"
    STOP = "stop"
    WEBHOOK = "webhook"
    WATCHED = "watched"
    NOTICE = "notice"


TOLD = frozenset({InboundKind.WEBHOOK, InboundKind.WATCHED, InboundKind.NOTICE})
"""Kinds that no person's authority is behind: whose account it was makes no difference."""


class Shortcut(StrEnum):
    """What the platform's own menus offer; the text of a shortcut's event. The last two are offered on a message."""

    ASK = "ask_agent"
    MAKE_TASK = "make_task"
    GIVE = "give_to_agent"


ADDRESSED = "addressed"
"""In the payload of a message that is meant for the app: how, `mentioned` or `direct`."""
MENTIONED, DIRECT = "mentioned", "direct"
HELD_ROLES = "roles"
"""In the payload of what a person does: the ids of the surface's own roles that the account holds, as it says there."""
THREAD = "thread"
"""In the payload of a message that answers another one: that one's id."""
QUOTED = "quoted"
"""In the payload of a shortcut on a message: its `author`, its `text`, and where it has them its `url` and its
`author_name`, which the surface vouches for."""


MAX_FILE_BYTES = 5_000_000
"""Of one file that a person gives."""


class InboundFile(Record):
    """One file given in a form's `field`. Name and type are whatever its giver says; the content is untrusted.

    `id` and `url` are the surface's own. `bytes` is what the surface says until the file is on the shelf, where
    `sha256` names it; None before.
    """

    field: str
    id: str
    name: str
    type: str
    bytes: int
    url: str
    sha256: str | None = None

    @property
    def given(self) -> JsonObject:
        """What a run or a task is told of it."""
        return {"name": self.name, "sha256": self.sha256, "bytes": self.bytes, "type": self.type}


class InboundEvent(Record):
    """One thing a person (or a webhook's sender) did, in neutral form; what is stored before it is acknowledged.

    `key` is the surface's own unique id of the event: equal for every redelivery. `account` is who, by the surface's
    own account id. `token` is the pressed button's or submitted form's opaque token; `fields` the form's values;
    `text` a command line without the slash command itself ("run machine-watch"). `account_class` is what the surface
    knows of the account ("member", "guest", "external", "unknown"): anything but a member is refused by default.
    """

    surface: str
    key: str
    kind: InboundKind
    account: str
    account_class: str = "member"
    token: str | None = None
    fields: Mapping[str, str] = Field(default_factory=dict)
    files: tuple[InboundFile, ...] = ()
    text: str = ""
    payload: JsonObject = Field(default_factory=dict)

    @property
    def held_roles(self) -> frozenset[str]:
        """The surface's own roles that the account held when it acted; none where the surface does not say."""
        held = self.payload.get(HELD_ROLES)
        return frozenset(role for role in held if isinstance(role, str)) if isinstance(held, list) else frozenset()


class Answer(Record):
    """What the one person who acted is told: exactly one of the three, or nothing (the card itself shows the effect).

    `ok` is False when the request was refused or mistaken; the words say why.
    """

    text: str | None = None
    card: Card | None = None
    form: Form | None = None
    ok: bool = True


class Accepted(Record):
    """An event safely on record. `repeat` is True for a redelivery: it must be acknowledged, and not acted on again."""

    event: InboundEvent
    repeat: bool
    earlier_answer: str | None = None


class Inbound(Protocol):
    """The way in, the same for all surfaces: accept (durable), acknowledge to the platform, then act."""

    async def accept(self, event: InboundEvent) -> Accepted:
        """Stores the event, once, in one transaction; only then may the surface acknowledge it."""
        ...

    async def act(self, accepted: Accepted) -> Answer:
        """Carries the event out and says what the person is told. Never raises for a person's mistake or a refusal."""
        ...


class ChannelLost(UserMistake):
    """A channel cannot be used as things stand. Nothing happened; what is meant for it waits until it is back.

    `place` is the channel's id, or the name of one that could not be had.
    """

    def __init__(self, place: str, loss: Loss, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.place = place
        self.loss = loss


class ChannelChange(StrEnum):
    """What a platform says has become of a channel; the `payload` of a notice has it as `change`."""

    RENAMED = "renamed"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    DELETED = "deleted"
    LEFT = "left"
    JOINED = "joined"


class ChannelSpec(Record):
    """A channel that must exist. `agent_id` None is the team's own channel; `known_id` is the id from last time.

    `name` may be a channel's own id: then it is one that exists, and is used as it is. `purpose` stands over it.
    `look_only`: it is not to be made, joined or changed, only said whether it can be used.
    """

    agent_id: str | None
    name: str
    purpose: str
    known_id: str | None = None
    look_only: bool = False


class Persona(Record):
    """Under which name, and with which picture (an emoji's short name without colons), an agent speaks."""

    name: str
    icon: str | None = None


class Placing(Record):
    """Where in a channel a card stands: `thread_id` is the message it answers, None for the channel itself.

    `persona` is who it comes from, None for the app itself. A `pinned` card stays at hand for whoever opens the
    channel. `calls` are the roles of the workspace whose people are asked to act now: on being posted, and at no other
    time, the card may ping those of the surface's own roles that they are bound to, and nothing else. What a surface
    has no way to do it leaves out.
    """

    thread_id: str | None = None
    persona: Persona | None = None
    pinned: bool = False
    calls: tuple[str, ...] = ()


STANDING = Placing()
"""A card that stands by itself in its channel and comes from the app."""


class Shown(Record):
    """A visible message. `owes` names what it still lacks and an edit may add later; None when it is complete."""

    message_id: str
    owes: str | None = None


class Health(Record):
    """What a surface honestly knows about its connection. `detail` is one plain sentence."""

    surface: str
    connected: bool
    detail: str
    last_seen_at: datetime | None = None


class ReplyTo(Record):
    """A surface's own handle for answering one person privately or opening a form; short-lived, never stored."""

    surface: str
    handle: JsonObject


class Surface(Protocol):
    """One place where cards are shown and people act.

    Failures of `post`, `edit`, `find` and `ensure_channel`: `Retryable` means nothing happened, try after the delay;
    `OutcomeUnknown` means it may have happened: look with `find` before sending again; `ChannelLost` that the channel
    cannot be used; any other `UserMistake` that the surface will never accept it as things stand, and what to do.
    """

    name: str
    threads: bool
    """True when a card can stand in another card's thread; where not, such cards are left out."""
    live_edit_seconds: float
    """The least time between two edits of a live card; what changes meanwhile is one edit. 0 where edits are free."""

    async def start(self, inbound: Inbound) -> None:
        """Connects and begins to receive; returns once events can arrive. Safe to call once."""
        ...

    async def stop(self) -> None:
        """Stops receiving, lets what was accepted finish, closes the connection."""
        ...

    async def ensure_channel(self, channel: ChannelSpec) -> str:
        """The id of the channel, making it when needed. Repeating it never makes a second one."""
        ...

    async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        """Posts the card as one new message that `find` can recognise by the card's key."""
        ...

    async def edit(self, channel_id: str, message_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        """Makes the message show this card, and adds what it owed if it can now. Repeating it changes nothing.

        A surface on which old messages can hardly be edited may show it in a new message and take the old one away:
        then the new one's id is returned, and a repeat with the old id, as after a crash, still ends with one message.
        """
        ...

    async def find(self, channel_id: str, card_key: str, since: datetime, thread_id: str | None = None) -> str | None:
        """The id of the message that shows `card_key`, posted after `since`; None when the surface shows none."""
        ...

    async def answer_privately(self, reply_to: ReplyTo, answer: Answer) -> None:
        """Tells one person; advisory only: it may be lost, so nothing may depend on it."""
        ...

    async def open_form(self, reply_to: ReplyTo, form: Form) -> None:
        """Shows a form to one person."""
        ...

    def health(self) -> Health:
        """What is known now, without asking the network."""
        ...


class HomeMoved(Retryable):
    """The page was published by somebody else meanwhile. Draw it again, then publish it whatever is there."""


@runtime_checkable
class HasHomes(Protocol):
    """A surface on which every account has a page of its own."""

    name: str

    def channel_url(self, channel_id: str) -> str:
        """Where a press opens the channel."""
        ...

    async def publish_home(self, account: str, home: Home, page: int, seen: str | None) -> str | None:
        """Shows one page of the home to one account, and returns the surface's mark of what is shown.

        `seen` is the mark of what the caller thinks is shown (HomeMoved when something else is), None to not ask.
        Raises Refused when the page is for members and the account is none; Retryable; UserMistake when there are no
        home pages as things stand. Repeating it changes nothing.
        """
        ...
