"""kill -9 while Discord is told of a chart, of a log in its thread, of the standing fleet card: each once and whole."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from bot.surfaces.discord.marks import is_card
from store.actions.alerts import raise_alert
from store.actions.outbox import refresh_fleet
from store.actions.runs import begin_segment, finish_run
from store.actions.steps import record_read
from store.records import RunState
from tests.blocks.samples import alert
from tests.crash.sending import WAIT_SECONDS, Sending, kept_record
from tests.fake_discord.interaction import texts_in
from tests.fake_discord.server import FakeDiscord, running
from tests.fake_discord.world import World
from tests.scenarios.storm import AGENTS, write_team
from tests.store.samples import intent, person, requested

AGENT = AGENTS[0]
ALERT = "alert:alert_dddddddddddddddd"
FLEET = "fleet:team"

pytestmark = [pytest.mark.timeout(WAIT_SECONDS * 3)]


def rarely(*points: str) -> list[ParameterSet]:
    """Points that only the slow suite comes to."""
    return [pytest.param(point, marks=pytest.mark.slow) for point in points]


@dataclass
class DiscordSending(Sending):
    """The platform is Discord."""

    fake: FakeDiscord

    def shown(self, key: str) -> list[dict[str, Any]]:
        """The messages that show the card."""
        every = [message for channel in list(self.fake.world.messages) for message in self.fake.visible(channel)]
        return [message for message in every if is_card(message, key)]


def two_hours_ago() -> float:
    """Discord's own time is what counts there: ours may differ from it by any amount."""
    return time.time() - 2 * 3600


@pytest.fixture
async def sending(tmp_path: Path) -> AsyncIterator[DiscordSending]:
    folder = tmp_path / "team"
    async with running(World(now=two_hours_ago)) as fake:
        fake.world.nonce_window_seconds = 0.05  # nothing but looking is between one message and two
        write_team(folder, f'discord: {{server: "{fake.server_id}"}}')
        async with kept_record(folder) as store:
            yield DiscordSending(folder, store, "discord", (fake.api_url, fake.token, fake.server_id), fake)


@pytest.mark.parametrize(
    "point", ["surface.post.after", *rarely("tx.outbox.shown.before", "tx.outbox.begin_post.after")]
)
async def test_a_chart_is_shown_once_with_its_picture(sending: DiscordSending, point: str) -> None:
    raise_alert(sending.store, alert(agent_id=AGENT))
    await sending.killed_at(point)
    await sending.finishes(lambda: sending.delivered() and sending.shown(ALERT))
    [message] = sending.shown(ALERT)
    assert [each["content_type"] for each in message["attachments"]] == ["image/png"]


LOG_POINTS = ("tx.outbox.begin_post.after:2", "tx.outbox.shown.before:2", "surface.edit.before")


@pytest.mark.parametrize("point", ["surface.post.after:2", *rarely(*LOG_POINTS)])
async def test_a_log_stands_once_in_its_thread_and_is_whole(sending: DiscordSending, point: str) -> None:
    queued = requested(sending.store, by=person("ana"), agent_id=AGENT)
    run = begin_segment(sending.store, queued.id, 0)
    assert run is not None
    record_read(sending.store, intent(run), result=1)
    process = await sending.start(point)
    await sending.until(lambda: process.returncode is not None or sending.shown(f"log:{run.id}"))
    record_read(sending.store, intent(run, 1), result=1)
    await sending.until_dead(process)
    finish_run(sending.store, run.id, state=RunState.DONE)
    await sending.finishes(sending.delivered)
    [card], [log] = sending.shown(f"run:{run.id}"), sending.shown(f"log:{run.id}")
    assert log["channel_id"] == card["id"], "the thread of a message has its id"
    assert "\n".join(texts_in(log)).count("files.move") == 2


FLEET_POINTS = ("surface.renew.before", "surface.clear.before", "surface.clear.after")


@pytest.mark.parametrize("point", ["surface.renew.after", *rarely(*FLEET_POINTS)])
async def test_an_old_fleet_card_makes_room_for_one_new_message(sending: DiscordSending, point: str) -> None:
    refresh_fleet(sending.store)
    await sending.finishes(lambda: sending.delivered() and sending.shown(FLEET))
    [old] = sending.shown(FLEET)
    sending.fake.world.now = time.time
    refresh_fleet(sending.store)
    await sending.killed_at(point)
    await sending.finishes(sending.delivered)
    [new] = sending.shown(FLEET)
    assert new["id"] != old["id"]
    assert sending.fake.world.pins[new["channel_id"]] == [new["id"]]
