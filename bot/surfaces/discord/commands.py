"""The commands as Discord is told of them: one group with a subcommand for each entry of the table, and message menus.

Pure: the same table gives the same payload. Limits and rules of names:
https://docs.discord.com/developers/interactions/application-commands, checked 2026-11-21.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from blocks.text import clip
from bot.surfaces.base import Shortcut
from bot.surfaces.commands import CommandEntry, Naming, Usage, usage_of
from store.kernel.canonical import Json, JsonObject

GROUP = "deck"
GROUP_SAYS = "See and steer your agents"
ASK = "ask"
ASK_SAYS = "say to an agent what it is to do; in the thread of a run: reply to the run"
AGENT, WORDS = "agent", "words"
"""The options of `ask`."""
SEVERAL = "what"
"""The option of a command whose argument may be several kinds of thing."""

MENUS: Mapping[Shortcut, str] = MappingProxyType(
    {Shortcut.MAKE_TASK: "Make this a task", Shortcut.GIVE: "Give this to an agent"}
)
"""What is offered under Apps on a message; at most 32 characters each."""

CHAT_INPUT, MESSAGE = 1, 3
"""Types of commands."""
SUBCOMMAND, STRING = 1, 3
"""Types of options."""
MAX_SUBCOMMANDS = 25
MAX_SAID_CHARS = 100
"""Of a description, of a choice's label and of a choice's value."""
MAX_NAME_CHARS = 200
MAX_WORDS_CHARS = 2_900
"""Of what is typed: of something's name, and of a request (as many as the form for one takes)."""

_KINDS: Mapping[Naming, str] = MappingProxyType(
    {
        Naming.AGENT: "an agent",
        Naming.SCHEDULE: "a schedule",
        Naming.RUN: "a run",
        Naming.APPROVAL: "an approval",
        Naming.CARD: "a card",
        Naming.SUBJECT: "a subject",
        Naming.TOPIC: "a topic",
        Naming.PERSON: "a person",
        Naming.CANDIDATE: "a candidate",
        Naming.WORDS: "the words",
    }
)


def application_commands(table: Sequence[CommandEntry]) -> list[JsonObject]:
    """What the server's commands are to be. Raises ValueError when the table no longer fits one group.

    Who may see them is left to the server's own settings: who may do something is asked of the record in any case.
    """
    subcommands = [*(_subcommand(entry) for entry in table), _ask()]
    if len(subcommands) > MAX_SUBCOMMANDS:
        raise ValueError(
            f"/{GROUP} would have {len(subcommands)} subcommands, and Discord shows {MAX_SUBCOMMANDS} at most: "
            "put some of the table's entries into a second group."
        )
    group: JsonObject = {"type": CHAT_INPUT, "name": GROUP, "description": GROUP_SAYS, "options": [*subcommands]}
    menus: list[JsonObject] = [{"type": MESSAGE, "name": name} for name in MENUS.values()]
    return [group, *menus]


def option_name(usage: Usage) -> str:
    """How the argument of a command is called."""
    return usage.names[0].value.lower() if len(usage.names) == 1 and not usage.words else SEVERAL


def _subcommand(entry: CommandEntry) -> JsonObject:
    usage = usage_of(entry.usage)
    options: list[Json] = [] if usage.nothing else [_argument(usage)]
    return _described(SUBCOMMAND, entry.name, entry.help) | {"options": options}


def _argument(usage: Usage) -> JsonObject:
    option = _described(STRING, option_name(usage), _either([*(_KINDS[name] for name in usage.names), *usage.words]))
    longest = MAX_NAME_CHARS if usage.listed else MAX_WORDS_CHARS
    return option | {"required": usage.required, "autocomplete": usage.listed, "max_length": longest}


def _ask() -> JsonObject:
    agent = _described(STRING, AGENT, "An agent; left out, the one whose channel this is")
    words = _described(STRING, WORDS, "What it is to do; left out, a form asks for it")
    options: list[Json] = [
        agent | {"required": False, "autocomplete": True, "max_length": MAX_NAME_CHARS},
        words | {"required": False, "autocomplete": False, "max_length": MAX_WORDS_CHARS},
    ]
    return _described(SUBCOMMAND, ASK, ASK_SAYS) | {"options": options}


def _described(kind: int, name: str, says: str) -> JsonObject:
    begun = says[:1].upper() + says[1:]
    return {"type": kind, "name": name, "description": clip(begun, MAX_SAID_CHARS)}


def _either(parts: Sequence[str]) -> str:
    return " or ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)
