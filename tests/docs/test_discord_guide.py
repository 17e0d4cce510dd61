"""The Discord guide says what the code does: its permissions, its settings, its limits."""

import re
from pathlib import Path

from bot.settings import Settings
from bot.surfaces.discord.making import CHANNELS_OF_CATEGORY, CHANNELS_OF_SERVER, mark_of
from bot.surfaces.discord.permissions import NEEDED, TO_RUN, TO_SET_UP, USE, May, names

GUIDE = (Path(__file__).parents[2] / "docs" / "discord.md").read_text()
PERMISSIONS = GUIDE.partition("## What the bot may do")[2].partition("## ")[0]


def test_every_permission_is_explained_and_no_other() -> None:
    rows = re.findall(r"^\| ([A-Z][\w ]+) \| (.+) \|$", PERMISSIONS, re.MULTILINE)
    assert rows == [(names(one), use) for one, use in USE.items()]


def test_which_may_be_left_out_is_said_in_that_order() -> None:
    order = [*USE]
    assert order[:3] == [one for one in order if one & NEEDED]
    assert order[3:8] == [one for one in order if one & TO_RUN & ~NEEDED]
    assert order[8:] == [one for one in order if one & TO_SET_UP & ~TO_RUN] == [May.MANAGE_CHANNELS, May.MANAGE_ROLES]


def test_every_setting_named_exists() -> None:
    named = set(re.findall(r"QUARTERDECK_([A-Z_]+)", GUIDE))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_limits_and_the_mark_are_ours() -> None:
    assert f"A server takes {CHANNELS_OF_SERVER} channels, a category {CHANNELS_OF_CATEGORY}." in GUIDE
    assert f"`{mark_of('123…', 'watch')}`" in GUIDE
