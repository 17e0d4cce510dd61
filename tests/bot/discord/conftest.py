"""The small team, with its people in a simulated Discord."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.authority.facts import ToolFacts
from agents.roster import Team
from bot.inbound.commands import OFFERED
from bot.inbound.intake import Intake
from bot.inbound.questions import StoredQuestions
from bot.surfaces.discord.surface import DiscordSurface
from bot.workspace import load_workspace
from store.handle import Store
from store.kernel.clock import ManualClock
from store.records import Access
from tests.bot.conftest import TEAM
from tests.bot.discord.simulated import World, begin_world, end_world

ACCOUNTS = {"ana": "console: ana, slack: U000000001", "ben": "console: ben, slack: U000000002", "eve": "console: eve"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A Discord server with Ana, Ben and Eve, who are of the team, and Kim, who is not."""
    world = await begin_world()
    yield world
    await end_world(world)


@pytest.fixture
def team(tmp_path: Path, world: World) -> Team:
    """The team, whose people have accounts on the simulated Discord."""
    text = TEAM
    for name, known in ACCOUNTS.items():
        text = text.replace(f"{{{known}}}", f'{{{known}, discord: "{world.accounts[name]}"}}')
    assert text.count("discord:") == len(ACCOUNTS)
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "team.yaml").write_text(text)
    (folder / "watch.py").write_text("async def run(ctx):\n    return {}\n")
    facts = ToolFacts(name="files.move", access=Access.WRITE, irreversible=False, arguments=None)
    return load_workspace(folder, known_tools={"files.move": facts})


@pytest.fixture
async def deck(world: World, intake: Intake, store: Store, clock: ManualClock) -> AsyncIterator[DiscordSurface]:
    """Our surface in the simulated Discord, with the real intake and record behind it."""
    questions = StoredQuestions(store, DiscordSurface.name)
    surface = await world.connect(intake, clock, questions, commands=OFFERED)
    yield surface
    assert surface._parts is not None
    await surface._parts.reception.drain()
