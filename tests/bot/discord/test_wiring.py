"""What the running team makes of the settings: a surface where there is a token, and a turn where there are several."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.compose import make_chat_surfaces
from bot.foundation import Foundation, lay_foundation
from bot.settings import Settings
from bot.surfaces.discord.surface import DiscordSurface
from bot.surfaces.discord.turn import AlwaysOurs
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.turns import SoleTurn

TOKEN = "made-up"
TEAM = """
name: Small
timezone: Europe/Berlin
people: {ann: {roles: [approver]}}
surfaces: {discord: {server: "700000000000000001"}}
agents: {watch: {purpose: Watches., routine: watch.py, tools: [machine.read]}}
"""


def team(folder: Path, text: str = TEAM, *, token: str | None) -> Foundation:
    (folder / "team.yaml").write_text(text)
    (folder / "watch.py").write_text("async def run(ctx):\n    return {}\n")
    return lay_foundation(folder, Settings(discord_token=None if token is None else SecretStr(token)))


@pytest.fixture
def store(migrated_database_url: str) -> Iterator[Store]:
    database = Database(migrated_database_url)
    yield Store(database, WallClock(), lambda *_: None)
    database.close()


def test_where_several_processes_may_share_the_database_one_has_the_turn(tmp_path: Path, store: Store) -> None:
    [surface] = make_chat_surfaces(team(tmp_path, token=TOKEN), store)
    assert isinstance(surface, DiscordSurface)
    assert isinstance(surface._turn, AlwaysOurs if store.database.is_sqlite else SoleTurn)
    surface._turn.release()


def test_without_a_token_or_a_server_there_is_no_discord(tmp_path: Path, store: Store) -> None:
    assert make_chat_surfaces(team(tmp_path, token=None), store) == ()
    elsewhere = TEAM.replace('surfaces: {discord: {server: "700000000000000001"}}\n', "")
    assert make_chat_surfaces(team(tmp_path, elsewhere, token=TOKEN), store) == ()
