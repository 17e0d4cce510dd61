"""What Discord is told of the commands: the whole table, within its limits, and accepted by its own description."""

import re
from collections.abc import Iterator

import pytest

from bot.inbound.commands import COMMANDS, OFFERED
from bot.surfaces.base import Shortcut
from bot.surfaces.commands import CommandEntry, Naming, Usage, usage_of
from bot.surfaces.discord.commands import ASK, GROUP, MAX_SUBCOMMANDS, MENUS, application_commands, option_name
from store.kernel.canonical import JsonObject
from tests.blocks.schemas import discord_schema

ALL_IN_ONE = 8_000
"""Characters of all names and descriptions of one command together:
https://docs.discord.com/developers/interactions/application-commands, checked 2026-11-21."""


def test_the_table_fits_one_group() -> None:
    assert len(COMMANDS) + 1 <= MAX_SUBCOMMANDS, (
        f"The command table has {len(COMMANDS)} entries; with `{ASK}` a group of Discord's holds {MAX_SUBCOMMANDS} "
        "subcommands. Put some of them into a second group in bot/surfaces/discord/commands.py."
    )


def test_a_table_that_outgrows_the_group_is_refused_with_a_plain_sentence() -> None:
    more = [*OFFERED, CommandEntry(name="more", usage="", help="one too many")]
    with pytest.raises(ValueError, match="would have 26 subcommands, and Discord shows 25 at most"):
        application_commands(more)


def test_every_command_is_a_subcommand_with_its_help() -> None:
    said = {one["name"]: one["description"] for one in subcommands()}
    assert set(said) == {*COMMANDS, ASK}
    assert [name for name, entry in COMMANDS.items() if str(said[name]).casefold() != entry.help.casefold()] == []


def test_ask_is_no_command_of_the_table() -> None:
    assert ASK not in COMMANDS


@pytest.mark.parametrize(
    ("command", "option", "required", "listed"),
    [
        ("run", "what", True, True),
        ("stop", "what", True, True),
        ("alerts", "agent", False, True),
        ("tasks", "what", False, True),
        ("decisions", "subject", False, True),
        ("topics", "topic", False, True),
        ("interruptions", "person", False, True),
        ("why", "what", True, True),
        ("hire", "candidate", False, True),
        ("search", "words", True, False),
    ],
)
def test_an_argument_is_an_option(command: str, option: str, required: bool, listed: bool) -> None:
    [argument] = options(command)
    assert (argument["name"], argument["required"], argument["autocomplete"]) == (option, required, listed)


@pytest.mark.parametrize("command", [name for name, entry in COMMANDS.items() if not entry.usage])
def test_a_command_that_takes_nothing_has_no_options(command: str) -> None:
    assert options(command) == []


def test_what_may_be_said_stands_in_the_options_description() -> None:
    assert options("tasks")[0]["description"] == "An agent, mine, done or all"
    assert options("why")[0]["description"] == "A run, an approval, a card or an agent"


def test_ask_takes_an_agent_and_words_and_requires_neither() -> None:
    assert [(one["name"], one["required"], one["autocomplete"]) for one in options(ASK)] == [
        ("agent", False, True),
        ("words", False, False),
    ]


def test_both_shortcuts_on_a_message_are_in_its_menu() -> None:
    menus = [one for one in application_commands(OFFERED) if one["type"] == 3]
    assert [one["name"] for one in menus] == ["Make this a task", "Give this to an agent"]
    assert set(MENUS) == set(Shortcut) - {Shortcut.ASK}


def test_names_and_descriptions_are_as_discord_wants_them() -> None:
    named = [(str(one["name"]), str(one["description"])) for one in described()]
    assert [name for name, _ in named if not re.fullmatch(r"[-_'a-z0-9]{1,32}", name)] == []
    assert [says for _, says in named if not 1 <= len(says) <= 100 or says.endswith("…")] == []
    assert sum(len(name) + len(says) for name, says in named) <= ALL_IN_ONE


def test_required_options_come_first() -> None:
    for one in subcommands():
        flags = [option["required"] is True for option in options(str(one["name"]))]
        assert flags == sorted(flags, reverse=True)


def test_discords_own_description_accepts_every_command() -> None:
    schema = discord_schema("ApplicationCommandUpdateRequest")
    for one in application_commands(OFFERED):
        assert list(schema.iter_errors(one)) == []


def test_discords_own_description_refuses_a_command_without_its_name() -> None:
    schema = discord_schema("ApplicationCommandUpdateRequest")
    assert list(schema.iter_errors({**application_commands(OFFERED)[0], "name": ""})) != []


def test_a_usage_is_read_for_what_it_says() -> None:
    assert usage_of("") == Usage()
    assert usage_of("RUN, APPROVAL, CARD or AGENT") == Usage(
        names=(Naming.RUN, Naming.APPROVAL, Naming.CARD, Naming.AGENT), required=True
    )
    assert usage_of("[AGENT | mine | done]") == Usage(names=(Naming.AGENT,), words=("mine", "done"))
    with pytest.raises(ValueError, match="SHIP"):
        usage_of("SHIP")


def test_every_usage_of_the_table_can_be_read() -> None:
    assert [entry.name for entry in OFFERED if bool(entry.usage) == usage_of(entry.usage).nothing] == []
    assert all(option_name(usage_of(entry.usage)) for entry in OFFERED)


def group() -> JsonObject:
    [found] = [one for one in application_commands(OFFERED) if one["name"] == GROUP]
    return found


def subcommands() -> list[JsonObject]:
    return listed(group())


def options(command: str) -> list[JsonObject]:
    [found] = [one for one in subcommands() if one["name"] == command]
    return listed(found)


def listed(one: JsonObject) -> list[JsonObject]:
    found = one["options"]
    assert isinstance(found, list)
    return [option for option in found if isinstance(option, dict)]


def described() -> Iterator[JsonObject]:
    yield group()
    for one in subcommands():
        yield one
        yield from options(str(one["name"]))
