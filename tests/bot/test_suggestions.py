"""What an argument may be: from what there is, filtered by what was typed, and for people of the team only."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from agents.roster import Team
from bot.inbound.desk import Desk
from bot.inbound.intake import SUGGESTS_AT_ONCE, Intake
from bot.inbound.suggestions import suggestions
from bot.surfaces.commands import Question, Suggestion, Suggests, usage_of
from store.actions.runs import finish_run
from store.actions.schedules import install_schedules, pause_schedule
from store.kernel.clock import ManualClock
from store.records import RunState
from tests.store.samples import asked, person, requested, running
from tests.store.test_schedules import every_ten

Ask = Callable[..., list[str]]


def question(
    usage: str, typed: str = "", *, command: str = "x", account: str = "U000000001", most: int = 25
) -> Question:
    return Question(surface="slack", account=account, command=command, usage=usage_of(usage), typed=typed, at_most=most)


@pytest.fixture
def values(desk: Desk) -> Ask:
    return lambda *given, **more: [one.value for one in suggestions(desk, question(*given, **more))]


def test_agents_go_by_name_and_are_given_by_id(desk: Desk) -> None:
    [one] = suggestions(desk, question("[AGENT]"))
    assert (one.label, one.value) == ("Watch", "watch")


def test_fixed_words_stand_before_names(values: Ask) -> None:
    assert values("[AGENT | mine | done | all]") == ["mine", "done", "all", "watch"]
    assert values("[AGENT | mine | done | all]", "d") == ["done"]


def test_what_was_typed_may_stand_in_the_label_or_the_value_and_its_beginning_comes_first(desk: Desk) -> None:
    names = {"night-watch": "Night Watch", "watcher": "Watcher", "cleaner": "Cleaner"}
    agents = {
        key: desk.team.agents["watch"].model_copy(update={"id": key, "name": name}) for key, name in names.items()
    }
    team = desk.team.model_copy(update={"agents": agents})
    found = suggestions(replace(desk, team=team), question("AGENT", " WATCH "))
    assert [one.value for one in found] == ["watcher", "night-watch"]


def test_what_nothing_holds_gives_nothing(values: Ask) -> None:
    assert values("AGENT or SCHEDULE", "zebra") == []


def test_runs_are_offered_newest_first_and_to_stop_only_those_that_go_on(
    desk: Desk, clock: ManualClock, values: Ask
) -> None:
    ended = running(desk.store, "ended")
    finish_run(desk.store, ended.id, state=RunState.DONE)
    clock.move_to(clock.now() + timedelta(minutes=5))
    goes_on = running(desk.store, "goes on")
    assert values("RUN", command="why") == [goes_on.id, ended.id]
    assert values("RUN", command="stop") == [goes_on.id]


def test_each_kind_gets_its_share_and_what_is_left_over_goes_to_the_rest(desk: Desk, values: Ask) -> None:
    for number in range(40):
        requested(desk.store, f"run {number}")
    [approval] = [asked(desk.store, running(desk.store, "asks"))]
    found = values("RUN, APPROVAL, CARD or AGENT", command="why")
    assert len(found) == 25
    assert found[-2:] == [approval.id, "watch"]
    assert all(one.startswith("run_") for one in found[:-2])


def test_no_value_is_offered_twice(desk: Desk, values: Ask) -> None:
    agents = {"mine": desk.team.agents["watch"].model_copy(update={"id": "mine", "name": "Mine"})}
    found = suggestions(replace(desk, team=desk.team.model_copy(update={"agents": agents})), question("[AGENT | mine]"))
    assert [one.value for one in found] == ["mine"]


def test_an_approval_goes_by_what_it_asks(desk: Desk) -> None:
    approval = asked(desk.store, running(desk.store))
    [one] = suggestions(desk, question("APPROVAL"))
    assert one.value == approval.id
    assert approval.summary in one.label


def test_people_candidates_and_free_words(values: Ask) -> None:
    assert values("[PERSON]") == ["ana", "ben", "eve"]
    assert "watch-machine" in values("[CANDIDATE]")
    assert values("WORDS", "a") == []


async def test_a_stranger_and_a_guest_are_offered_nothing(desk: Desk, team: Team) -> None:
    intake = Intake(desk.store, team, {}, {}, suggest=lambda one: suggestions(desk, one))
    assert isinstance(intake, Suggests)
    assert [one.value for one in await intake.suggest(question("AGENT"))] == ["watch"]
    assert await intake.suggest(question("AGENT", account="U00000MALLORY")) == ()
    assert await intake.suggest(question("AGENT").model_copy(update={"account_class": "guest"})) == ()


async def test_looks_that_nobody_waits_for_any_more_take_no_further_threads(desk: Desk, team: Team) -> None:
    go, begun = threading.Event(), list[str]()

    def stuck(one: Question) -> tuple[Suggestion, ...]:
        begun.append(one.typed)
        go.wait(10)
        return ()

    intake = Intake(desk.store, team, {}, {}, suggest=stuck)
    for number in range(SUGGESTS_AT_ONCE + 3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(intake.suggest(question("AGENT", str(number))), 0.05)
    assert begun == [str(number) for number in range(SUGGESTS_AT_ONCE)]
    go.set()
    assert await intake.suggest(question("AGENT", "last")) == ()
    assert begun[-1] == "last"


def test_a_paused_schedule_says_so(desk: Desk, values: Ask) -> None:
    install_schedules(desk.store, [every_ten("often"), every_ten("rarely")])
    pause_schedule(desk.store, "often", person("ana"), paused=True)
    found = suggestions(desk, question("SCHEDULE"))
    assert [one.label for one in found] == ["often (Watch, paused)", "rarely (Watch)"]
    assert values("AGENT or SCHEDULE", "paused") == ["often"]
