"""The parts of Slack's payloads that every reader needs: texts by their path, keys, places, and the way back."""

from collections.abc import Mapping

from bot.surfaces.base import InboundEvent, ReplyTo
from store.kernel.canonical import JsonObject
from store.kernel.ids import derive
from store.records import Record

SURFACE = "slack"

AT_HOME: JsonObject = {"home": True}
"""In a payload and a way back: it happened on the person's own page."""


class Heard(Record):
    """What a person did, and how that person can be answered for the next half hour."""

    event: InboundEvent
    reply_to: ReplyTo


def key_of(*parts: str) -> str:
    """The key of what these parts name."""
    return derive(SURFACE, *parts)


def event_key(body: Mapping[str, object], inner: Mapping[str, object]) -> str:
    """Equal for every delivery of one event, whatever ids the deliveries carry."""
    # One event has arrived under two event_ids (https://github.com/slackapi/node-slack-sdk/issues/2141); every
    # delivery under one event_id carries the same inner event, so the inner event's own identity covers both.
    # A mention and the message it stands in are one act under two types, and have the same moment.
    channel, moment = find(inner, "channel"), find(inner, "event_ts")
    if channel is None or moment is None:
        return key_of("event", need(body, "event_id"))
    kind = need(inner, "type").replace("app_mention", "message")
    return key_of("event", need(body, "team_id"), channel, kind, moment)


def reply_handle(account: str, channel: str | None, body: Mapping[str, object], *, at_home: bool = False) -> ReplyTo:
    """How the person can be answered: what of the payload leads back to them."""
    names = ("response_url", "trigger_id", "thread_ts")
    found: JsonObject = {name: text for name in names if (text := find(body, name)) is not None}
    return ReplyTo(
        surface=SURFACE, handle={"user": account, "channel": channel, **found, **(AT_HOME if at_home else {})}
    )


def place_of(channel: str | None, message: str | None) -> JsonObject:
    """Where it happened, as an event's payload says it."""
    place = {"channel": channel, "message": message}
    return {name: value for name, value in place.items() if value is not None}


def team_of(body: Mapping[str, object]) -> str:
    """The workspace it happened in."""
    # An app installed for a whole organisation gets no team, only the enterprise.
    return find(body, "team", "id") or need(body, "enterprise", "id")


def channel_of(body: Mapping[str, object]) -> str | None:
    """The channel it happened in; None outside channels."""
    return find(body, "channel", "id") or find(body, "container", "channel_id")


def need(body: object, *path: str) -> str:
    """The text at the path. Raises ValueError when there is none, which Slack says cannot be."""
    found = find(body, *path)
    if found is None:
        raise ValueError(f"Slack's payload has no {'.'.join(path)}")
    return found


def find(body: object, *path: str) -> str | None:
    """The text at the path; None when there is none, or it is empty."""
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, str) and body else None
