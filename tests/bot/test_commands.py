"""The command table: what is said is done, and what cannot be done is said."""

from datetime import timedelta

import pytest

from agents.roster import Team
from bot.commands import SHOWN, command
from bot.presses import Desk
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.actions.runs import finish_run
from store.kernel.clock import ManualClock
from store.kernel.errors import NotFound
from store.queries import runs
from store.records import RunState
from tests.store.samples import asked, requested, running


@pytest.fixture
def say(desk: Desk, team: Team) -> "Say":
    return Say(desk, team)


class Say:
    """Ana at a command line."""

    def __init__(self, desk: Desk, team: Team) -> None:
        self._desk, self._ana = desk, team.people["ana"]

    def __call__(self, text: str) -> Answer:
        event = InboundEvent(surface="cli", key=text, kind=InboundKind.COMMAND, account="ana", text=text)
        return command(self._desk, event, self._ana)


def test_stopping_an_agent_stops_every_unfinished_run_however_old(desk: Desk, clock: ManualClock, say: Say) -> None:
    waits = running(desk.store, "waits")
    asked(desk.store, waits)
    for number in range(SHOWN + 5):
        clock.move_to(clock.now() + timedelta(minutes=10))
        finish_run(desk.store, running(desk.store, f"later {number}").id, state=RunState.DONE)
    queued = requested(desk.store, "queued")
    answer = say("stop watch")
    assert {waits.id, queued.id} == {word.strip(".,") for word in str(answer.text).split() if word.startswith("run_")}
    assert {runs.run(desk.store, one.id).state for one in (waits, queued)} == {RunState.CANCELLED}


def test_stopping_many_names_some_and_counts_the_rest(desk: Desk, say: Say) -> None:
    for number in range(SHOWN + 3):
        requested(desk.store, f"queued {number}")
    assert str(say("stop watch").text).endswith(" and 3 more.")
    assert {run.state for run in runs.recent_runs(desk.store, limit=100)} == {RunState.CANCELLED}


def test_what_has_ended_is_not_stopped_again(desk: Desk, say: Say) -> None:
    done = running(desk.store)
    finish_run(desk.store, done.id, state=RunState.DONE)
    assert say(f"stop {done.id}").text == "Nothing is running there."
    assert say("stop watch").text == "Nothing is running there."
    with pytest.raises(NotFound):
        say("stop run_nobody")
