"""View models: sums, shares, filters and words."""

from datetime import timedelta

import pytest

from blocks.elements import Tone
from bot.cadence import cadence
from bot.surfaces.console.views.bridge import bridge
from bot.surfaces.console.views.controls import agent_actions, run_actions
from bot.surfaces.console.views.rail import needs_by_agent, rail
from bot.surfaces.console.views.run import SHOWN_CHARS, exact
from bot.surfaces.console.views.runs import RunFilter, read_filter
from store.records import AgentState, Outstanding, RunState, TaskState
from tests.blocks import samples
from tests.blocks.samples import NOW, VIEW
from tests.bot.console.samples import busy_data

NOTHING = Outstanding(as_of=NOW)


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 8 * * *", "Every day at 08:00"),
        ("30 17 * * 1-5", "Monday to Friday at 17:30"),
        ("5 9 * * 1", "Every Monday at 09:05"),
        ("0 7 * * 7", "Every Sunday at 07:00"),
        ("15 * * * *", "Every hour at 15 past"),
        ("*/5 * * * *", "cron */5 * * * *"),
        ("0 8 1 * *", "cron 0 8 1 * *"),
        ("0 8 * * 9", "cron 0 8 * * 9"),
        ("0 8,20 * * *", "cron 0 8,20 * * *"),
    ],
)
def test_a_cadence_is_said_in_words_only_where_they_are_certain(cron: str, words: str) -> None:
    schedule = busy_data().schedule_rows[0].model_copy(update={"cron": cron})
    assert cadence(schedule) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "Every second"),
        (10, "Every 10 seconds"),
        (60, "Every minute"),
        (5400, "Every 90 minutes"),
        (86_400, "Every day"),
    ],
)
def test_an_interval_is_said_in_its_largest_whole_unit(seconds: int, words: str) -> None:
    schedule = busy_data().schedule_rows[0].model_copy(update={"cron": None, "every_seconds": seconds})
    assert cadence(schedule) == words


def test_badges_count_what_waits_for_a_person_and_nothing_else() -> None:
    fleet = busy_data().fleet_now
    assert needs_by_agent(fleet.needs_me) == {"machine-watch": 3, "ga-engagement": 1}
    drawn = rail(fleet)
    assert [channel.needs for channel in drawn.channels] == [3, 0, 1, 0, 0]
    assert (drawn.needs, drawn.approvals) == (4, 1)


def test_spend_is_summed_and_compared_only_when_every_agent_has_a_cap() -> None:
    fleet = busy_data().fleet_now
    figures = {figure.label: figure.value for figure in bridge(fleet, (), NOTHING, VIEW).figures}
    assert figures["of $8.00 spent today"] == "$2.06"
    uncapped = tuple(agent.model_copy(update={"day_cap_micros": None}) for agent in fleet.agents[:1]) + fleet.agents[1:]
    assert "Spent today" in {
        figure.label for figure in bridge(fleet.model_copy(update={"agents": uncapped}), (), NOTHING, VIEW).figures
    }


def test_a_title_that_says_the_value_is_not_made_to_say_it_twice() -> None:
    fleet = busy_data().fleet_now
    titled = samples.alert(title="Disk use is at 92.4 %")
    assert bridge(fleet, (titled,), NOTHING, VIEW).alerts[0].title == "Disk use is at 92.4 %, expected at most 85 %"


def test_a_task_that_does_not_go_on_stands_once_with_its_owner_and_why() -> None:
    late = samples.task(due_at=NOW - timedelta(hours=1))
    blocked = samples.task(TaskState.BLOCKED, id="task_b", agent_id=None, person_id="ana")
    nobodys = samples.task(id="task_c", agent_id=None)
    work = Outstanding(as_of=NOW, overdue=(late,), stuck=(late, blocked), unowned=(nobodys,))
    fleet = busy_data().fleet_now.model_copy(update={"agents": ()})
    lines = bridge(fleet, (), work, VIEW).stuck
    assert [(line.mark.word, line.detail, line.at) for line in lines] == [
        ("Overdue", "owner: Machine Watch", late.due_at),
        ("Blocked", "owner: Ana Duarte · The export job writes them twice", NOW),
        ("Nobody's", "owner: nobody", NOW),
    ]
    assert lines[0].href == "/cards/task:task_aaaaaaaaaaaaaaaa.machine-watch"


@pytest.mark.parametrize(
    ("spent", "share", "tone"),
    [(0, 0, Tone.NEUTRAL), (1_590_000, 79, Tone.NEUTRAL), (1_600_000, 80, Tone.WARNING), (9_000_000, 100, Tone.BAD)],
)
def test_a_share_of_the_cap_is_whole_percent_and_warns_from_eighty(spent: int, share: int, tone: Tone) -> None:
    fleet = busy_data().fleet_now
    agent = fleet.agents[0].model_copy(update={"spent_today_micros": spent})
    (row,) = bridge(fleet.model_copy(update={"agents": (agent,)}), (), NOTHING, VIEW).agents
    assert (row.share_percent, row.spend_tone) == (share, tone)


def test_an_agent_offers_what_makes_sense_now() -> None:
    busy, idle = busy_data().fleet_now.agents[0], busy_data().fleet_now.agents[2]
    assert [action.label for action in agent_actions(busy)] == ["Stop", "Run now", "Pause"]
    assert [action.label for action in agent_actions(idle)] == ["Run now", "Pause"]
    paused = busy.model_copy(update={"state": AgentState.PAUSED})
    assert [action.label for action in agent_actions(paused)] == ["Stop", "Resume"]


@pytest.mark.parametrize("state", list(RunState))
def test_a_run_is_stopped_while_it_lives_and_repeated_once_it_failed(state: RunState) -> None:
    labels = [action.label for action in run_actions(samples.run(state), "Machine Watch")]
    assert labels == (["Stop"] if not state.is_final else [] if state is RunState.DONE else ["Run again"])
    asked = samples.run(RunState.RUNNING, stop_requested_by="ana")
    assert run_actions(asked, "Machine Watch") == ()


def test_what_is_cut_from_a_record_is_counted() -> None:
    whole, cut = exact({"a": 1}), exact("x" * (SHOWN_CHARS + 10))
    assert whole.hidden_chars == 0
    assert len(cut.text) == SHOWN_CHARS
    assert cut.hidden_chars == 12  # ten characters and the two quotes


def test_a_filter_keeps_what_it_knows_and_drops_the_rest() -> None:
    before = (NOW - timedelta(days=1)).isoformat()
    asked = read_filter({"agent": "a b", "state": "failed", "day": "today", "before": before})
    assert asked == RunFilter("a b", "failed", True, NOW - timedelta(days=1))
    assert asked.query == "agent=a+b&state=failed&day=today"
    assert read_filter({"agent": "", "state": "odd", "day": "1999", "before": "2026-11-21T00:00:00"}) == RunFilter()
