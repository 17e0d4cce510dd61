"""Pages over a real database, filled through real actions: the one adapter asks the store what pages need."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from blocks.cards import approval_card, incident_card
from bot.surfaces.console import ConsoleSettings, ConsoleSurface, StoreData, read_secrets
from store.actions import Store
from store.actions.approvals import decide_approval
from store.actions.incidents import record_incident
from store.actions.outbox import save_snapshot
from store.actions.schedules import fire_schedule, install_schedules
from store.database import Database
from store.kernel.clock import ManualClock
from store.queries import approvals, cards, incidents, runs
from store.records import AgentFacts, FirePlan, Outcome, PlannedDue, TeamFacts
from tests.blocks.samples import NOW, VIEW
from tests.bot.console.conftest import free_port
from tests.bot.console.samples import PEOPLE, RememberingInbound, busy_data
from tests.store.samples import asked, person, requested, running

TEAM = TeamFacts(
    name="First Light",
    timezone="Europe/Berlin",
    agents=(AgentFacts(agent_id="watch", name="Machine Watch", purpose="Watches this machine"),),
)


@pytest.fixture
def store(migrated_sqlite_url: str) -> Iterator[Store]:
    database = Database(migrated_sqlite_url)
    yield Store(database, ManualClock(NOW), lambda _tx, _segment: None)
    database.close()


@pytest.fixture
def filled(store: Store) -> Store:
    """A schedule that ran once, a run that waits for a decision, one that was decided, and an incident; all drawn."""
    schedule = busy_data().schedule_rows[0].model_copy(update={"id": "watch.daily", "agent_id": "watch"})
    install_schedules(store, [schedule])
    due = schedule.next_fire_at
    assert due
    plan = FirePlan(
        schedule_id=schedule.id,
        from_fire_at=due,
        until_fire_at=due + timedelta(days=1),
        dues=(PlannedDue(due_at=due, outcome=Outcome.MISSED, reason="Nobody was there."),),
    )
    assert fire_schedule(store, plan)
    asked(store, running(store, "one", by=person("bo")))
    decided = asked(store, running(store, "two", by=person("bo")))
    eligible = frozenset({"ana"})
    decide_approval(
        store,
        decided.id,
        person_id="ana",
        account="ana",
        surface="console",
        approve=False,
        eligible=eligible,
        reason="No.",
    )
    requested(store, "three")
    record_incident(
        store, cause="x", kind="bug", title="It broke", detail="Badly.", next_step="Look.", agent_id="watch"
    )
    _draw(store)
    return store


@pytest.fixture
async def session(filled: Store, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    settings = ConsoleSettings(port=free_port(), people=PEOPLE)
    surface = ConsoleSurface(
        settings=settings,
        secrets=read_secrets(tmp_path, settings),
        data=StoreData(filled, TEAM),
        view=VIEW,
        clock=filled.clock,
        world=ManualClock(NOW),
    )
    await surface.start(RememberingInbound())
    async with aiohttp.ClientSession(surface.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as visitor:
        await visitor.get(surface.login_url("ana").removeprefix(surface.url))
        yield visitor
    await surface.stop()


async def page(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as response:
        assert response.status == 200, (path, await response.text())
        return await response.text()


async def test_every_page_draws_what_the_store_holds(session: aiohttp.ClientSession) -> None:
    expected = {
        "/": ("Moves one file", "It broke", "Machine Watch"),
        "/channels/watch": ("Moves one file", "It broke", "Rejected"),
        "/team": ("Team",),
        "/runs": ("Waiting", "Queued"),
        "/runs?state=queued": ("Queued",),
        "/approvals": ("Approval needed", "Rejected", "No."),
        "/schedules": ("watch.daily", "Missed", "Nobody was there.", "Every day at 08:00"),
        "/search?q=broke": ("It broke",),
    }
    for path, words in expected.items():
        html = await page(session, path)
        assert [word for word in words if word not in html] == [], path


async def test_every_record_has_its_page(session: aiohttp.ClientSession, filled: Store) -> None:
    for run in await asyncio.to_thread(runs.recent_runs, filled):
        html = await page(session, f"/runs/{run.id}")
        assert "Timeline" in html
        assert "run.requested" in html
    for approval in await asyncio.to_thread(approvals.open_approvals, filled):
        assert approval.call_hash in await page(session, f"/approvals/{approval.id}")
    for incident in await asyncio.to_thread(incidents.open_incidents, filled):
        assert incident.title in await page(session, f"/cards/incident:{incident.id}")


async def test_a_record_that_is_not_there_is_said_to_be_missing(session: aiohttp.ClientSession) -> None:
    for path in ("/runs/run_none", "/approvals/approval_none", "/cards/run:none", "/channels/none"):
        async with session.get(path) as response:
            assert response.status == 404, path


async def test_a_database_that_cannot_be_read_is_said_plainly(session: aiohttp.ClientSession, filled: Store) -> None:
    filled.database.engine.dispose()
    path = Path(filled.database.url.database or "")
    hidden = [file.rename(file.with_name(f"{file.name}.away")) for file in path.parent.glob(f"{path.name}*")]
    path.mkdir()
    try:
        async with session.get("/") as response:
            text = await response.text()
            assert response.status == 503
            assert "nothing is lost" in text
    finally:
        filled.database.engine.dispose()
        path.rmdir()
        for file in hidden:
            file.rename(file.with_name(file.name.removesuffix(".away")))
    assert "Machine Watch" in await page(session, "/")


def _draw(store: Store) -> None:
    """What the outbox would have done: builds each card and keeps it as its row's snapshot."""
    for row in cards.all_cards(store):
        if row.kind.value == "approval":
            card = approval_card(approvals.approval(store, row.record_id), (), VIEW, revision=row.revision)
        elif row.kind.value == "incident":
            card = incident_card(incidents.incident(store, row.record_id), VIEW, revision=row.revision)
        else:
            continue
        save_snapshot(store, row.key, revision=row.revision, snapshot=card.model_dump(mode="json"))
