"""Discord's command interactions, as what a person said: `/deck`, and the menus on a message. Pure."""

from collections.abc import Iterator, Mapping

from pydantic import Field

from bot.surfaces.base import ADDRESSED, DIRECT, MENTIONED, QUOTED, THREAD, InboundKind, Shortcut
from bot.surfaces.discord.commands import AGENT, ASK, CHAT_INPUT, GROUP, MENUS, MESSAGE, WORDS
from bot.surfaces.discord.written import quoted_message, text_at
from store.kernel.canonical import JsonObject
from store.records import Record

THREADS = (10, 11, 12)
"""Types of channels that are threads: https://docs.discord.com/developers/resources/channel, checked 2026-11-21."""
_SHORTCUTS = {name: shortcut for shortcut, name in MENUS.items()}


class Spoken(Record):
    """What a command says: the parts of the event that are not about who said it. `payload` says where."""

    kind: InboundKind
    text: str
    fields: Mapping[str, str] = Field(default_factory=dict)
    payload: JsonObject = Field(default_factory=dict)


def read_command(data: Mapping[str, object], body: Mapping[str, object]) -> Spoken | None:
    """What the command in `data` of the interaction `body` says; None for a command that is not ours."""
    return _menu(data, body) if data.get("type") == MESSAGE else _slash(data, body)


def subcommand_of(data: Mapping[str, object]) -> Mapping[str, object] | None:
    """The subcommand of `/deck` with its options; None for any other command."""
    is_ours = data.get("type", CHAT_INPUT) == CHAT_INPUT and data.get("name") == GROUP
    return next(options_of(data), None) if is_ours else None


def options_of(body: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The options of a command or a subcommand that came with it."""
    options = body.get("options")
    return (one for one in options if isinstance(one, Mapping)) if isinstance(options, list) else iter(())


def _slash(data: Mapping[str, object], body: Mapping[str, object]) -> Spoken | None:
    subcommand = subcommand_of(data)
    if subcommand is None:
        return None
    name = text_at(subcommand, "name")
    options = {text_at(one, "name"): text_at(one, "value").strip() for one in options_of(subcommand)}
    if name == ASK:
        return _ask(options.get(AGENT, ""), options.get(WORDS, ""), body)
    return Spoken(kind=InboundKind.COMMAND, text=" ".join([name, *options.values()]).strip(), payload=_place(body))


def _ask(agent: str, words: str, body: Mapping[str, object]) -> Spoken:
    """What is said to an agent is a message to the app; without words it asks for the form.

    With an agent named it is meant for that one and for nobody else; without, it is meant for whoever is at home in the
    channel, or for the run in whose thread it is said.
    """
    place, thread = _place(body), _thread(body)
    if not words:
        fields = {AGENT: agent} if agent else {}
        return Spoken(kind=InboundKind.SHORTCUT, text=Shortcut.ASK.value, fields=fields, payload=place)
    if agent:
        return Spoken(kind=InboundKind.MESSAGE, text=f"{agent}: {words}", payload={**place, ADDRESSED: DIRECT})
    said: JsonObject = {**place, ADDRESSED: MENTIONED}
    return Spoken(kind=InboundKind.MESSAGE, text=words, payload={**said, THREAD: thread} if thread else said)


def _menu(data: Mapping[str, object], body: Mapping[str, object]) -> Spoken | None:
    shortcut = _SHORTCUTS.get(text_at(data, "name"))
    if shortcut is None:
        return None
    resolved = data.get("resolved")
    messages = resolved.get("messages") if isinstance(resolved, Mapping) else None
    message = messages.get(text_at(data, "target_id")) if isinstance(messages, Mapping) else None
    quoted = quoted_message(message, text_at(body, "guild_id")) if isinstance(message, Mapping) else None
    place = _place(body)
    return Spoken(
        kind=InboundKind.SHORTCUT, text=shortcut.value, payload=place if quoted is None else {**place, QUOTED: quoted}
    )


def _place(body: Mapping[str, object]) -> JsonObject:
    """The channel it was said in; of a thread, the channel that holds it."""
    channel = text_at(body, "channel", "parent_id") if _thread(body) else text_at(body, "channel_id")
    return {"channel": channel} if channel else {}


def _thread(body: Mapping[str, object]) -> str:
    """The thread it was said in, which has the id of the message it was started from; empty outside threads."""
    channel = body.get("channel")
    kind = channel.get("type") if isinstance(channel, Mapping) else None
    return text_at(channel, "id") if kind in THREADS else ""
