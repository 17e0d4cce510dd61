"""Runs for what arrives: one for each batch, after it has settled, one at a time, at the agent's rate."""

from datetime import timedelta

from store.actions import Store
from store.actions.agents import switch_agent
from store.actions.arrivals import start_on_arrival
from store.actions.runs import begin_segment
from store.actions.watching import install_watches, keep_messages
from store.kernel.clock import ManualClock
from store.queries.cards import all_cards
from store.queries.watching import reader
from store.records import AgentState, OnArrival, Run, TriggerKind
from tests.store.samples import LIMITS, person
from tests.store.watched import CHANNEL, a_message, a_reader, deleted, done, edited, failed, heard, read, watched


def on_arrival(store: Store, **more: object) -> Run | None:
    facts = {"watch_id": "watch.alerts", "agent_id": "watch", "surface": "slack", "channel_id": CHANNEL}
    pace = {"settle_seconds": 30, "at_most_per_hour": 2}
    given = {"limits": LIMITS, "workspace_digest": "w1", "input": {"watch": "alerts"}}
    return start_on_arrival(store, OnArrival.model_validate({**facts, **pace, **given, **more}))


def wait(clock: ManualClock, seconds: int) -> None:
    clock.move_to(clock.now() + timedelta(seconds=seconds))


def begun(store: Store, run: Run | None) -> Run:
    assert run is not None
    running = begin_segment(store, run.id, run.segment)
    assert running is not None
    return running


def test_one_run_starts_once_the_messages_have_settled(store: Store, clock: ManualClock) -> None:
    watched(store, 1)
    wait(clock, 20)
    heard(store, a_message(2))
    wait(clock, 29)
    assert on_arrival(store) is None
    wait(clock, 1)
    run = on_arrival(store)
    assert run is not None
    assert (run.trigger.kind, run.trigger.input, run.trigger.watch_id) == (
        TriggerKind.WATCH,
        {"watch": "alerts"},
        "watch.alerts",
    )
    assert on_arrival(store) is None


def test_a_channel_that_never_falls_silent_is_read_all_the_same(store: Store, clock: ManualClock) -> None:
    watched(store, 1)
    for number in range(2, 17):
        wait(clock, 20)
        heard(store, a_message(number))
    assert on_arrival(store) is not None  # five minutes after the first: ten times the settle time


def test_what_arrives_while_a_run_works_is_one_more_run_after_it(store: Store, clock: ManualClock) -> None:
    watched(store, 1)
    wait(clock, 30)
    run = begun(store, on_arrival(store))
    read(store, run)
    heard(store, a_message(2), a_message(3))
    wait(clock, 30)
    assert on_arrival(store) is None
    done(store, run)
    second = begun(store, on_arrival(store))
    assert [one.message.text for one in read(store, second).messages] == ["message 2", "message 3"]
    done(store, second)
    wait(clock, 30)
    assert on_arrival(store) is None


def test_the_same_messages_start_no_second_run_after_one_that_failed(store: Store, clock: ManualClock) -> None:
    watched(store, 1)
    wait(clock, 30)
    run = begun(store, on_arrival(store))
    read(store, run)
    failed(store, run)
    wait(clock, 3600)
    assert on_arrival(store) is None
    heard(store, a_message(2))
    wait(clock, 30)
    assert len(read(store, begun(store, on_arrival(store))).messages) == 2


def test_what_a_run_left_unread_is_one_more_run(store: Store, clock: ManualClock) -> None:
    watched(store, 1, 2)
    wait(clock, 30)
    run = begun(store, on_arrival(store))
    assert read(store, run, limit=1).more
    done(store, run)
    assert on_arrival(store) is not None


def test_a_change_of_what_was_read_starts_a_run_too(store: Store, clock: ManualClock) -> None:
    watched(store, 1)
    wait(clock, 30)
    run = begun(store, on_arrival(store))
    read(store, run)
    done(store, run)
    heard(store, edited(1, "resolved", at=60))
    wait(clock, 30)
    assert on_arrival(store) is not None


def test_what_was_deleted_unread_starts_nothing(store: Store, clock: ManualClock) -> None:
    watched(store, 1)
    heard(store, deleted(1, at=5))
    wait(clock, 60)
    assert on_arrival(store) is None


def test_the_rate_holds_runs_back_and_the_last_ones_card_says_until_when(store: Store, clock: ManualClock) -> None:
    watched(store)
    began = clock.now()
    for number in range(2):
        heard(store, a_message(number))
        wait(clock, 30)
        run = begun(store, on_arrival(store))
        read(store, run)
        done(store, run)
    heard(store, a_message(2))
    wait(clock, 30)
    revision = card_revision(store)
    assert on_arrival(store) is None
    assert on_arrival(store) is None
    held = reader(store, "watch", "slack", CHANNEL)
    assert held is not None
    assert held.held_until == began + timedelta(seconds=30, hours=1)
    assert card_revision(store) == revision + 1
    assert held.held_until is not None
    clock.move_to(held.held_until)
    third = begun(store, on_arrival(store))
    assert len(read(store, third).messages) == 1
    freed = reader(store, "watch", "slack", CHANNEL)
    assert freed is not None
    assert freed.held_until is None


def test_the_rate_is_the_agents_not_each_watchs(store: Store, clock: ManualClock) -> None:
    install_watches(store, [a_reader(), a_reader(channel_id="C0OTHER01", watch="other")])
    heard(store, a_message(1))
    keep_messages(store, "slack", "C0OTHER01", [a_message(2)])
    wait(clock, 30)
    assert on_arrival(store, at_most_per_hour=1) is not None
    other = {"watch_id": "watch.other", "channel_id": "C0OTHER01"}
    assert on_arrival(store, at_most_per_hour=1, **other) is None
    assert on_arrival(store, at_most_per_hour=2, **other) is not None


def test_an_agent_that_is_paused_starts_nothing_and_goes_on_later(store: Store, clock: ManualClock) -> None:
    watched(store, 1)
    wait(clock, 30)
    switch_agent(store, "watch", person("ana"), state=AgentState.PAUSED, reason="holiday")
    assert on_arrival(store) is None
    switch_agent(store, "watch", person("ana"), state=AgentState.ACTIVE, reason="back")
    assert on_arrival(store) is not None


def test_runs_of_one_watch_share_a_card(store: Store, clock: ManualClock) -> None:
    watched(store)
    for number in range(2):
        heard(store, a_message(number))
        wait(clock, 30)
        done(store, begun(store, on_arrival(store)))
    assert [row.key for row in all_cards(store)] == ["run:watch:watch.alerts"]


def card_revision(store: Store) -> int:
    [row] = all_cards(store)
    return row.revision
