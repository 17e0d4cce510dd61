"""docs/commands.md lists every command as the table has it, and what Discord offers beside it."""

import re
from pathlib import Path

from bot.inbound.commands import COMMANDS
from bot.surfaces.discord.autocomplete import MAX_CHOICES
from bot.surfaces.discord.commands import ASK, GROUP, MENUS

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")


def test_the_page_lists_exactly_the_commands_with_their_usage_and_their_help() -> None:
    rows = re.findall(r"^\| `(.+?)` \| (.+) \|$", PAGE.partition("## ")[0], flags=re.MULTILINE)
    listed = [(usage.replace("\\|", "|"), says) for usage, says in rows]
    assert listed == [(f"{one.name} {one.usage}".strip(), one.help) for one in COMMANDS.values()]


def test_what_discord_offers_beside_the_table_is_there() -> None:
    assert f"`/{GROUP} {ASK}`" in PAGE
    assert [name for name in MENUS.values() if f"**{name}**" not in PAGE] == []
    assert f"at most {MAX_CHOICES} at a time" in PAGE
