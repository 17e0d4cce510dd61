"""Messages of watched channels that were recorded: what others wrote, told again at the times of the team's clock."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import Field, field_validator

from store.kernel.storable import storable_text
from store.records import AuthorKind, MessageField, Record, SeenMessage
from store.records.watch import FIELDS, TEXT_CHARACTERS


class RecordedMessage(Record):
    """One message, or a change of it: an `id` that comes again at a later moment is an edit, or a deletion.

    `fields` are the labelled values by name; `thread` is the id of the message it answers.
    """

    id: str
    at: datetime
    author: str = "an app"
    author_kind: AuthorKind = AuthorKind.APP
    text: str = Field(default="", max_length=TEXT_CHARACTERS)
    fields: Mapping[str, str] = Field(default_factory=dict, max_length=FIELDS)
    link: str | None = None
    files: tuple[str, ...] = ()
    thread: str | None = None
    deleted: bool = False

    @field_validator("at")
    @classmethod
    def _zoned(cls, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError(f"{at.isoformat()} has no time zone; end it with Z")
        return at.astimezone(UTC)


class Moment(NamedTuple):
    """What comes to be seen in a channel at one moment."""

    at: datetime
    channel_id: str
    seen: SeenMessage


def moments(channels: Mapping[str, tuple[RecordedMessage, ...]]) -> list[Moment]:
    """Every message and change of the recording, in the order of the clock."""
    told: list[Moment] = []
    for channel_id, recorded in channels.items():
        written_at: dict[str, datetime] = {}
        for one in sorted(recorded, key=lambda message: message.at):
            first_at = written_at.setdefault(one.id, one.at)
            told.append(Moment(one.at, channel_id, _seen(one, first_at)))
    return sorted(told, key=lambda moment: (moment.at, moment.channel_id, moment.seen.message_id))


def _seen(one: RecordedMessage, written_at: datetime) -> SeenMessage:
    labelled = {} if one.deleted else one.fields
    return SeenMessage(
        message_id=one.id,
        thread_id=one.thread,
        author=storable_text(one.author),
        author_kind=one.author_kind,
        text="" if one.deleted else storable_text(one.text),
        fields=tuple(MessageField(name=name, value=value) for name, value in labelled.items()),
        link=None if one.deleted else one.link,
        files=() if one.deleted else one.files,
        written_at=written_at,
        as_of=None if one.at == written_at and not one.deleted else one.at,
        deleted=one.deleted,
    )
