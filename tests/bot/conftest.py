"""A small team with a real record on SQLite, a clock that moves when told, and a surface in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.authority.facts import ToolFacts
from agents.roster import Team
from agents.tools.registry import Registry
from bot.delivery.channel_notices import channel_notice
from bot.delivery.present import Presenter
from bot.inbound.commands import command
from bot.inbound.intake import Intake
from bot.inbound.messages import concerns_us, hear, hear_visitor, open_shortcut
from bot.inbound.presses import Desk, press
from bot.inbound.suggestions import suggestions
from bot.starts import start_by_webhook
from bot.surfaces.base import InboundEvent, InboundKind
from bot.surfaces.memory import MemorySurface
from bot.workspace import load_workspace
from store.actions import Store
from store.database import Database
from store.kernel.clock import ManualClock
from store.kernel.ports import Segment, Transaction
from store.records import Access

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

TEAM = """
name: Test Team
timezone: UTC
agents:
  watch:
    name: Watch
    purpose: Watches.
    routine: watch.py
    tools: [files.move]
    schedules:
      often: {every: 10s, input: {task: watch}}
    webhooks:
      deploy: {secret_env: HOOK_SECRET}
people:
  ana: {name: Ana, roles: [approver], accounts: {console: ana, slack: U000000001}}
  ben: {name: Ben, roles: [approver], accounts: {console: ben, slack: U000000002}}
  eve: {name: Eve, roles: [], accounts: {console: eve}}
policy: ask-for-writes
approvals: {role: approver, expires: 1h}
"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "team.yaml").write_text(TEAM)
    (folder / "watch.py").write_text("async def run(ctx):\n    return {}\n")
    facts = ToolFacts(name="files.move", access=Access.WRITE, irreversible=False, arguments=None)
    return load_workspace(folder, known_tools={"files.move": facts})


@pytest.fixture
def store(migrated_sqlite_url: str, clock: ManualClock) -> Iterator[Store]:
    database = Database(migrated_sqlite_url)
    yield Store(database, clock, _remember_nothing)
    database.close()


def _remember_nothing(tx: Transaction, segment: Segment) -> None:
    """The engine is no part of these tests."""


@pytest.fixture
def presenter(store: Store, team: Team) -> Presenter:
    return Presenter(store, team, "http://127.0.0.1:8765")


@pytest.fixture
def desk(store: Store, team: Team, presenter: Presenter) -> Desk:
    return Desk(store, team, Registry(()), presenter)


@pytest.fixture
def surface(clock: ManualClock) -> MemorySurface:
    return MemorySurface(clock)


@pytest.fixture
def intake(desk: Desk) -> Intake:
    handlers = {
        InboundKind.PRESS: lambda event, person: press(desk, event, person),
        InboundKind.SUBMIT: lambda event, person: press(desk, event, person),
        InboundKind.COMMAND: lambda event, person: command(desk, event, person),
        InboundKind.MESSAGE: lambda event, person: hear(desk, event, person),
        InboundKind.SHORTCUT: lambda event, person: open_shortcut(desk, event, person),
    }

    def hook(event: InboundEvent) -> None:
        start_by_webhook(desk.store, desk.team, event.account, event.key, event.payload)

    tellings = {InboundKind.WEBHOOK: hook, InboundKind.NOTICE: channel_notice(desk.store, desk.team)}
    visitors = {InboundKind.MESSAGE: lambda event: hear_visitor(desk, event)}
    concerns = {InboundKind.MESSAGE: lambda event: concerns_us(desk, event)}
    return Intake(
        desk.store,
        desk.team,
        handlers,
        tellings,
        visitors=visitors,
        concerns=concerns,
        suggest=lambda question: suggestions(desk, question),
    )
