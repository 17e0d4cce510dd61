"""kill -9 while a chart's picture is owed and while a log grows: shown once, completed after the restart."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from store.actions.alerts import raise_alert
from store.actions.runs import begin_segment, finish_run
from store.actions.steps import record_read
from store.records import RunState
from tests.blocks.samples import alert
from tests.crash.sending import WAIT_SECONDS, Sending, kept_record
from tests.emulator.fake_slack import FakeSlack
from tests.scenarios.storm import AGENTS, write_team
from tests.store.samples import intent, person, requested

AGENT = AGENTS[0]
ALERT = "alert:alert_dddddddddddddddd"


@dataclass
class SlackSending(Sending):
    """The platform is Slack."""

    slack: FakeSlack

    def shown(self, key: str) -> list[dict[str, Any]]:
        """The messages that show the card."""
        every = [message for channel in self.slack.messages.values() for message in channel]
        return [one for one in every if one["metadata"]["event_payload"]["key"] == key]


@pytest.fixture
async def sending(tmp_path: Path) -> AsyncIterator[SlackSending]:
    folder, slack = tmp_path / "team", FakeSlack()
    write_team(folder)
    await slack.start()
    async with kept_record(folder) as store:
        yield SlackSending(folder, store, "slack", (slack.api_url,), slack)
    await slack.stop()


def picture(message: dict[str, Any]) -> str | None:
    return next((block["slack_file"]["id"] for block in message["blocks"] if block["type"] == "image"), None)


CHART_POINTS = (
    "tx.outbox.upload.after",
    "surface.post.after",
    pytest.param("tx.outbox.upload.after:2", marks=pytest.mark.slow),
    pytest.param("tx.outbox.shown.before", marks=pytest.mark.slow),
    pytest.param("tx.outbox.shown.after", marks=pytest.mark.slow),
    pytest.param("surface.edit.before", marks=pytest.mark.slow),
    "surface.edit.after:2",
)


@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", CHART_POINTS)
async def test_an_owed_picture_is_added_after_the_kill_and_uploaded_once(sending: SlackSending, point: str) -> None:
    sending.slack.scan_polls = 1_000_000  # Slack does not come to an end with its scan
    raise_alert(sending.store, alert(agent_id=AGENT))
    await sending.killed_at(point)
    whole = [file["id"] for file in sending.slack.files.values() if file["done"]]
    sending.slack.scan_polls = 0
    await sending.finishes(lambda: sending.delivered() and sending.shown(ALERT))
    [message] = sending.shown(ALERT)
    finished = [file["id"] for file in sending.slack.files.values() if file["done"]]
    assert picture(message) in finished
    assert len(finished) == 1
    assert len(sending.slack.files) <= (1 if whole else 2)  # what was cut off before it was whole is made once more


LOG_POINTS = (
    "surface.post.after:2",
    pytest.param("tx.outbox.begin_post.after:2", marks=pytest.mark.slow),
    pytest.param("tx.outbox.shown.before:2", marks=pytest.mark.slow),
    "surface.edit.before",
)


@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", LOG_POINTS)
async def test_a_log_stands_once_in_its_thread_and_is_whole_after_the_kill(sending: SlackSending, point: str) -> None:
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
    assert log["thread_ts"] == card["ts"]
    [table] = [block for block in log["blocks"] if block["type"] == "table"]
    assert [row[1]["text"] for row in table["rows"]] == ["What", "Ended", "files.move", "files.move"]
