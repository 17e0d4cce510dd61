"""What the card of a run says in each state."""

import pytest

from blocks.cards import run_card
from blocks.cards.ended import ended_run
from blocks.elements import Button
from blocks.tokens import Press, Verb, decode
from store.records import RunState, StepState, Trigger, TriggerKind
from tests.blocks.reading import in_words, offered
from tests.blocks.samples import ANA, VIEW, run, step, steps


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        (RunState.QUEUED, [Verb.STOP]),
        (RunState.RUNNING, [Verb.STOP]),
        (RunState.WAITING, [Verb.STOP]),
        (RunState.DONE, [Verb.USEFUL, Verb.NOT_USEFUL]),
        (RunState.NEEDS_ATTENTION, [Verb.RETRY, Verb.USEFUL, Verb.NOT_USEFUL]),
        (RunState.FAILED, [Verb.RETRY, Verb.USEFUL, Verb.NOT_USEFUL]),
        (RunState.CANCELLED, [Verb.RETRY]),
        (RunState.TIMED_OUT, [Verb.RETRY, Verb.USEFUL, Verb.NOT_USEFUL]),
    ],
)
def test_a_run_can_be_stopped_while_active_and_repeated_after_it_went_wrong(state: RunState, verbs: list[Verb]) -> None:
    assert offered(run_card(run(state), steps(), VIEW, revision=6)) == verbs


def test_stopping_asks_first_and_carries_the_revision_the_reader_saw() -> None:
    stop = run_card(run(), steps(), VIEW, revision=6).actions[0]
    assert isinstance(stop, Button)
    assert stop.confirm is not None
    assert decode(stop.token) == Press(Verb.STOP, "run_aaaaaaaaaaaaaaaa", 6)


def test_a_run_already_asked_to_stop_is_not_asked_again() -> None:
    card = run_card(run(stop_requested_by="ana"), steps(), VIEW)
    assert offered(card) == []
    assert "Ana Duarte asked it to stop" in in_words(card)


def test_a_waiting_run_says_for_what_and_an_ended_one_why() -> None:
    waiting = run_card(run(RunState.WAITING), (), VIEW)
    assert "Waiting for\nA decision: Moves 3 files older than 30 days to /srv/archive." in in_words(waiting)
    assert waiting.summary.startswith("Machine Watch: waiting for a decision: Moves 3 files older than 30 days")
    assert waiting.summary.endswith("/srv/archive. 0 steps, $0.21 spent.")
    assert "Why it ended\nNo end within 600 s." in in_words(run_card(run(RunState.TIMED_OUT), (), VIEW))
    assert "Why it ended\nThe folder /var/reports" in in_words(run_card(run(RunState.FAILED), (), VIEW))


def test_an_ended_run_says_what_came_of_it_and_a_running_one_does_not_yet() -> None:
    result = {"summary": " Handed 2 findings over. "}
    assert "What came of it\nHanded 2 findings over." in in_words(run_card(run(RunState.DONE, result=result), (), VIEW))
    assert "Handed" not in in_words(run_card(run(result=result), (), VIEW))
    for nothing in (None, {}, {"summary": "  "}, {"summary": 3}):
        assert "What came of it" not in in_words(run_card(run(RunState.DONE, result=nothing), (), VIEW))


def test_a_line_about_an_ended_run_says_what_came_of_it_within_its_room() -> None:
    ended = run(RunState.DONE, result={"summary": "x" * 500})
    line = ended_run(ended, ended.created_at, VIEW)
    assert line.text == f"Machine Watch: {'x' * 139}…"
    assert ended_run(run(RunState.DONE), ended.created_at, VIEW).text == "Machine Watch"


def test_a_step_of_unknown_outcome_says_that_nothing_repeats_it() -> None:
    said = in_words(run_card(run(), (step(0, StepState.UNKNOWN),), VIEW))
    assert "outcome unknown" in said
    assert "not repeated until a person has looked" in said


@pytest.mark.parametrize("left", [StepState.STARTED, StepState.WAITING])
def test_a_step_that_its_run_left_behind_goes_on_no_more(left: StepState) -> None:
    ended = run_card(run(RunState.TIMED_OUT, step_count=2), (step(0), step(1, left)), VIEW)
    assert "✖ machine.memory – not finished" in in_words(ended)
    assert "1 of 2 steps finished" in in_words(ended)
    assert "not finished" not in in_words(run_card(run(), (step(0), step(1, left)), VIEW))


def test_what_went_wrong_among_the_finished_steps_is_counted() -> None:
    taken = (step(0), step(1, StepState.FAILED), step(2, StepState.FAILED), step(3, StepState.UNKNOWN))
    said = in_words(run_card(run(step_count=5), taken, VIEW))
    assert "4 of 5 steps finished, 2 failed, 1 outcome unknown" in said


def test_a_long_run_shows_its_latest_steps_and_counts_the_earlier_ones() -> None:
    many = tuple(step(number, name=f"tool.{number}") for number in range(250))
    said = in_words(run_card(run(step_count=250), many, VIEW))
    assert "250 of 250 steps finished" in said
    assert "… 150 earlier" in said
    assert "tool.249" in said
    assert "tool.149 " not in said


def test_a_run_says_who_started_it_and_what_it_cost() -> None:
    trigger = Trigger(kind=TriggerKind.COMMAND, key="k", initiator=ANA)
    said = in_words(run_card(run(trigger=trigger, tainted=True, held_micros=50_000), (), VIEW))
    assert "Ana Duarte (command)" in said
    assert "$0.21 (cap $1.00, $0.05 held)" in said
    assert "has read untrusted text" in said


@pytest.mark.parametrize(
    ("rule", "state", "offers"),
    [
        ("starter.watch_only", RunState.NEEDS_ATTENTION, True),
        ("starter.watch_only", RunState.RUNNING, False),
        ("lane.folder", RunState.NEEDS_ATTENTION, False),
        (None, RunState.NEEDS_ATTENTION, False),
    ],
)
def test_what_only_the_policy_refused_may_be_made_a_rule(rule: str | None, state: RunState, offers: bool) -> None:
    card = run_card(run(state), [step(0), step(1, StepState.REFUSED, rule_id=rule)], VIEW, unread=2)
    assert (Verb.ALLOW_LIKE in offered(card)) is offers
