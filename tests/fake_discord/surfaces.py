"""Discord surfaces for tests: every pause short, pointed at the fake."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from bot.surfaces.discord.settings import DiscordSettings
from bot.surfaces.discord.timing import Timing
from tests.fake_discord.people import clickables
from tests.fake_discord.server import FakeDiscord

QUICK = Timing(
    call_seconds=2.0,
    connect_seconds=1.0,
    login_seconds=2.0,
    close_seconds=1.0,
    again_first_seconds=0.05,
    again_most_seconds=0.2,
    settled_seconds=1.0,
    turn_check_seconds=0.05,
    ask_every_seconds=0.1,
    start_again_seconds=0.05,
)


def settings(fake: FakeDiscord) -> DiscordSettings:
    return settings_of(fake.token, fake.server_id, fake.api_url)


def settings_of(token: str, server_id: str, api_url: str) -> DiscordSettings:
    return DiscordSettings(token=SecretStr(token), server_id=server_id, api_url=api_url)


def first_custom_id(message: Mapping[str, Any]) -> str:
    """The custom_id of the first thing on the message that can be clicked."""
    return str(next(clickables(message["components"]))["custom_id"])
