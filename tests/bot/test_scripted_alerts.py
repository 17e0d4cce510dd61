"""A script answers alerts too: through the same door as a pressed button, each once, in its own time."""

from datetime import timedelta
from pathlib import Path

import pytest

from agents.roster import Team
from bot.inbound.desk import Desk
from bot.simulation.scripted_alerts import ScriptedAlerts
from bot.simulation.scripted_people import read_people_script
from store.actions import Store
from store.actions.alerts import raise_alert
from store.kernel.clock import ManualClock
from store.kernel.errors import UserMistake
from store.queries import findings
from store.records import Alert, AlertState
from tests.bot.conftest import START


def script(folder: Path, desk: Desk, *lines: str) -> ScriptedAlerts:
    file = folder / "people.yaml"
    file.write_text("alerts:\n" + "".join(f"  - {{{line}}}\n" for line in lines))
    return ScriptedAlerts(desk, read_people_script(file, desk.team).alerts)


def raised(store: Store, metric: str) -> Alert:
    return raise_alert(
        store,
        Alert(
            id=f"alert_{metric}",
            agent_id="watch",
            run_id="run",
            metric=metric,
            title="Too much",
            value="9",
            unit="GB",
            expected="at most 5 GB",
            upper="5",
            since=START,
            last_at=START,
            state=AlertState.OPEN,
            next_step="Look.",
        ),
    )


def state(store: Store, alert: Alert) -> AlertState:
    return findings.alert(store, alert.id).state


def test_the_first_line_that_fits_answers_in_its_own_time(
    tmp_path: Path, store: Store, desk: Desk, clock: ManualClock
) -> None:
    people = script(
        tmp_path,
        desk,
        "answer: false_alarm, person: ben, metric: disk, reason: It is meant to be full., after_minutes: 5",
        "answer: acknowledge, person: ana, agent: watch, after_minutes: 30",
    )
    assert people.next_at() is None
    disk, load = raised(store, "disk"), raised(store, "load")
    assert people.next_at() == START + timedelta(minutes=5)
    clock.move_to(START + timedelta(minutes=5))
    people.act()
    assert (state(store, disk), state(store, load)) == (AlertState.CLEARED, AlertState.OPEN)
    assert people.next_at() == START + timedelta(minutes=30)
    clock.move_to(START + timedelta(minutes=30))
    people.act()
    assert state(store, load) is AlertState.ACKNOWLEDGED
    assert people.next_at() is None


def test_what_no_line_fits_is_left_alone(tmp_path: Path, store: Store, desk: Desk) -> None:
    people = script(tmp_path, desk, "answer: acknowledge, person: ana, metric: disk")
    load = raised(store, "load")
    people.act()
    assert people.next_at() is None
    assert state(store, load) is AlertState.OPEN


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("answer: false_alarm, person: ana", "false_alarm needs a reason"),
        ("answer: acknowledge", "alerts.0.person"),
        ("answer: acknowledge, person: zoe", "names the person 'zoe'"),
        ("answer: acknowledge, person: ana, agent: wach", "names the agent 'wach'"),
    ],
)
def test_a_mistake_is_said_plainly(tmp_path: Path, team: Team, line: str, said: str) -> None:
    file = tmp_path / "people.yaml"
    file.write_text(f"alerts: [{{{line}}}]\n")
    with pytest.raises(UserMistake, match=said):
        read_people_script(file, team)
