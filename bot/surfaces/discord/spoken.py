"""A command as it was given, as the one line every surface understands."""

from collections.abc import Iterator, Mapping

from pydantic import Field

from bot.surfaces.base import InboundKind
from store.kernel.canonical import JsonObject
from store.records import Record

CHAT_INPUT = 1
SUBCOMMAND = 1


class Spoken(Record):
    """What was said: the kind of event it is, its text, and what its payload holds beside the place."""

    kind: InboundKind
    text: str
    payload: JsonObject = Field(default_factory=dict)


def read_command(data: Mapping[str, object], _body: Mapping[str, object]) -> Spoken | None:
    """The command in an interaction's `data`; None for one that is none of ours."""
    if data.get("type", CHAT_INPUT) != CHAT_INPUT:
        return None
    return Spoken(kind=InboundKind.COMMAND, text=" ".join(_words(data.get("options"))))


def _words(options: object) -> Iterator[str]:
    for option in options if isinstance(options, list) else []:
        if option.get("type") == SUBCOMMAND:
            yield str(option.get("name", ""))
            yield from _words(option.get("options"))
        elif said := str(option.get("value", "")).strip():
            yield said
