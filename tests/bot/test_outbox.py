"""The outbox: each card visible once, whatever the surface does."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import pytest

from agents.roster import Team
from blocks.elements import Card
from bot.delivery import outbox as outbox_room
from bot.delivery.lanes import Lanes
from bot.delivery.outbox import LOOKUP_PAUSE_SECONDS, OWED_TRIES, Outbox
from bot.delivery.present import Presenter
from bot.surfaces.base import STANDING, Paced, Placing, Shown
from bot.surfaces.memory import Fault, MemorySurface
from store.actions import Store
from store.actions.incidents import record_incident
from store.actions.outbox import SURE_AFTER_MISSES, begin_post, postpone
from store.actions.restores import begin_after_restore, record_restore
from store.actions.runs import begin_segment, finish_run, request_run
from store.actions.schedules import fire_schedule, install_schedules
from store.actions.steps import record_read
from store.kernel.clock import ManualClock
from store.kernel.errors import OutcomeUnknown, Retryable, UserMistake
from store.queries import cards
from store.records import DeliveryState, Outcome, RunState, Trigger, TriggerKind
from tests.emulator.surfaces import until
from tests.store.samples import LIMITS, asked, intent, person, requested, running
from tests.store.test_schedules import every_ten, plan


@pytest.fixture
def outbox(store: Store, team: Team, presenter: Presenter, surface: MemorySurface) -> Outbox:
    return Outbox(store, team, presenter, (surface,))


def shown(surface: MemorySurface) -> list[str]:
    return [message.card.key for message in surface.messages]


async def settle(outbox: Outbox, surface: MemorySurface, clock: ManualClock, rounds: int = 12) -> None:
    for _ in range(rounds):
        await outbox.deliver(surface)
        clock.move_to(clock.now() + timedelta(seconds=LOOKUP_PAUSE_SECONDS))


async def test_a_card_is_posted_then_edited_in_place(store: Store, outbox: Outbox, surface: MemorySurface) -> None:
    run = running(store)
    await outbox.deliver(surface)
    finish_run(store, run.id, state=RunState.DONE)
    await outbox.deliver(surface)
    [message] = surface.messages
    assert (message.card.state, message.shown) == ("Done", 2)
    assert await outbox.deliver(surface) == 0


async def test_many_changes_are_one_edit(store: Store, outbox: Outbox, surface: MemorySurface) -> None:
    run = requested(store)
    await outbox.deliver(surface)
    running(store)
    finish_run(store, run.id, state=RunState.DONE)
    await outbox.deliver(surface)
    assert surface.messages[0].shown == 2


async def test_cards_go_to_the_channel_of_their_agent(store: Store, outbox: Outbox, surface: MemorySurface) -> None:
    requested(store)
    await outbox.deliver(surface)
    assert [channel.agent_id for channel in surface.channels.values()] == ["watch"]
    assert surface.calls.count("ensure_channel") == 1


async def test_what_certainly_was_not_posted_is_posted_later(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    surface.fail("post", Fault(Retryable("slow down", 30)), Fault(Retryable("slow down", 30)))
    requested(store)
    await outbox.deliver(surface)
    await outbox.deliver(surface)
    assert surface.calls.count("post") == 1
    clock.move_to(clock.now() + timedelta(seconds=30))
    await outbox.deliver(surface)
    clock.move_to(clock.now() + timedelta(seconds=30))
    await outbox.deliver(surface)
    assert len(surface.messages) == 1


@pytest.mark.parametrize("happened", [True, False])
async def test_an_unknown_outcome_is_looked_up_before_anything_is_sent_again(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock, happened: bool
) -> None:
    surface.fail("post", Fault(OutcomeUnknown("timed out"), happened=happened))
    requested(store)
    await settle(outbox, surface, clock)
    assert len(surface.messages) == 1
    assert surface.calls.count("find") == (1 if happened else SURE_AFTER_MISSES)
    assert surface.calls.count("post") == (1 if happened else 2)


async def test_an_intent_left_by_a_crash_is_looked_up(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock, presenter: Presenter
) -> None:
    key = f"run:{requested(store).id}"
    begin_post(store, key, surface="memory", channel_id="memory:watch")
    row = cards.card(store, key)
    assert row is not None
    await surface.post("memory:watch", presenter.draw(row))  # it did arrive; the process died before it knew
    await settle(outbox, surface, clock)
    assert shown(surface) == [key]


async def test_a_sender_that_may_still_be_at_it_is_left_alone(
    store: Store, team: Team, presenter: Presenter, surface: MemorySurface, clock: ManualClock
) -> None:
    outbox = Outbox(store, team, presenter, (surface,), takeover_seconds=30)
    key = f"run:{requested(store).id}"
    begin_post(store, key, surface="memory", channel_id="c")
    await outbox.deliver(surface)
    assert surface.calls == []
    clock.move_to(clock.now() + timedelta(seconds=30))
    await outbox.deliver(surface)
    assert surface.calls == ["find"]


async def test_a_sender_that_is_not_connected_does_not_undo_one_that_is(
    store: Store, team: Team, presenter: Presenter, surface: MemorySurface, clock: ManualClock
) -> None:
    key = f"run:{requested(store).id}"
    deaf = MemorySurface(clock)
    deaf.fail("ensure_channel", Fault(Retryable("not connected yet", 1)))
    [due] = cards.due_deliveries(store, "memory", clock.now())
    assert due.delivery is None
    begin_post(store, key, surface="memory", channel_id="memory:watch")  # the connected one is at it
    await Outbox(store, team, presenter, (deaf,), takeover_seconds=30)._deliver_one(deaf, due, set())
    delivery = cards.delivery(store, key, "memory")
    assert delivery is not None
    assert delivery.state is DeliveryState.SENDING


class NoApprovals(MemorySurface):
    """It takes every card but approvals."""

    async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        if card.kind == "approval":
            raise UserMistake("that channel was deleted")
        return await super().post(channel_id, card, placing)


async def test_what_a_surface_will_not_take_stops_nothing_else(
    store: Store, team: Team, presenter: Presenter, clock: ManualClock
) -> None:
    surface = NoApprovals(clock)
    outbox = Outbox(store, team, presenter, (surface,))
    asked(store, running(store, "a"))
    for _ in range(8):
        await outbox.deliver(surface)
        clock.move_to(clock.now() + timedelta(minutes=5))
    assert [message.card.kind for message in surface.messages] == ["run", "log"]
    [refused] = [
        row
        for card in cards.all_cards(store)
        if (row := cards.delivery(store, card.key, "memory")) and row.state is DeliveryState.REFUSED
    ]
    assert refused.error == "that channel was deleted"


async def test_a_failed_edit_is_repeated_and_never_becomes_a_second_message(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    run = running(store)
    await outbox.deliver(surface)
    surface.fail("edit", Fault(Retryable("slow down", 5)), Fault(OutcomeUnknown("timed out"), happened=True))
    finish_run(store, run.id, state=RunState.DONE)
    await settle(outbox, surface, clock)
    [message] = surface.messages
    assert message.card.state == "Done"


async def test_a_surface_may_show_a_card_in_a_new_message_and_that_one_is_edited_from_then_on(
    store: Store, team: Team, presenter: Presenter, clock: ManualClock
) -> None:
    class Renewing(MemorySurface):
        async def edit(self, channel_id: str, message_id: str, card: Card, placing: Placing = STANDING) -> Shown:
            shown = await self.post(channel_id, card, placing)
            self.messages[:] = [message for message in self.messages if message.id != message_id]
            return shown

    surface = Renewing(clock)
    outbox = Outbox(store, team, presenter, (surface,))
    run = running(store)
    await outbox.deliver(surface)
    finish_run(store, run.id, state=RunState.DONE)
    await settle(outbox, surface, clock)
    [message] = [each for each in surface.messages if each.card.kind == "run"]
    delivery = cards.delivery(store, f"run:{run.id}", "memory")
    assert delivery is not None
    assert (delivery.message_id, delivery.state) == (message.id, DeliveryState.POSTED)
    assert message.card.state == "Done"


async def test_an_approval_comes_before_progress(store: Store, outbox: Outbox, surface: MemorySurface) -> None:
    asked(store, running(store))
    await outbox.deliver(surface)
    assert [key.split(":")[0] for key in shown(surface)] == ["approval", "run", "log"]


async def test_runs_of_one_schedule_share_a_message(store: Store, outbox: Outbox, surface: MemorySurface) -> None:
    install_schedules(store, [every_ten()])
    fire_schedule(store, plan(Outcome.PENDING))
    await outbox.deliver(surface)
    fire_schedule(store, plan(Outcome.PENDING, start=1))
    await outbox.deliver(surface)
    assert shown(surface) == ["run:watch-often"]
    assert surface.messages[0].shown == 2


class SlowChannel(MemorySurface):
    """One channel in which nothing is ever answered."""

    async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        if card.kind == "run":
            self.calls.append("stuck")
            await asyncio.Event().wait()
        return await super().post(channel_id, card, placing)


async def test_a_channel_that_is_slow_holds_up_no_other(
    store: Store, team: Team, presenter: Presenter, clock: ManualClock
) -> None:
    surface = SlowChannel(clock)
    outbox = Outbox(store, team, presenter, (surface,))
    requested(store)
    delivering = asyncio.create_task(outbox.run())
    await until(lambda: "stuck" in surface.calls)
    record_incident(store, cause="c", kind="bug", title="T", detail="d", next_step="n", example={})
    await until(lambda: surface.messages)
    assert [message.card.kind for message in surface.messages] == ["incident"]
    assert surface.calls.count("stuck") == 1
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)


async def test_a_decision_waits_for_no_other_channel(
    store: Store, team: Team, presenter: Presenter, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stuck(MemorySurface):
        async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
            if card.kind == "incident":
                self.calls.append("stuck")
                await asyncio.Event().wait()
            return await super().post(channel_id, card, placing)

    monkeypatch.setattr(outbox_room, "Lanes", partial(Lanes, most=2, reserved=1))
    surface = Stuck(clock)
    delivering = asyncio.create_task(Outbox(store, team, presenter, (surface,)).run())
    record_incident(store, cause="c", kind="bug", title="T", detail="d", next_step="n", example={})
    await until(lambda: "stuck" in surface.calls)
    asked(store, running(store))
    await until(lambda: surface.messages)
    assert surface.messages[0].card.kind == "approval"
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)


async def test_a_run_of_a_hundred_steps_is_edited_at_most_every_few_seconds_and_its_end_at_once(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    surface.live_edit_seconds = 3.0
    trigger = Trigger(kind=TriggerKind.MANUAL, key="long", initiator=person("ana"))
    limits = LIMITS.model_copy(update={"max_steps": 100})
    queued = request_run(store, agent_id="watch", trigger=trigger, limits=limits, workspace_digest="w1")
    run = begin_segment(store, queued.id, 0)
    assert run is not None
    await outbox.deliver(surface)
    for number in range(100):
        clock.move_to(clock.now() + timedelta(seconds=0.2))
        record_read(store, intent(run, number), result=number)
        await outbox.deliver(surface)
    assert surface.messages[0].shown <= 1 + 20 / 3
    seen = surface.messages[0].shown
    finish_run(store, run.id, state=RunState.DONE)
    await outbox.deliver(surface)
    assert (surface.messages[0].card.state, surface.messages[0].shown) == ("Done", seen + 1)


async def test_a_pause_the_surface_asked_for_is_not_ended_by_news(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    run = running(store)
    await outbox.deliver(surface)
    surface.fail("edit", Fault(Retryable("slow down", 60)))
    record_read(store, intent(run), result=1)
    await outbox.deliver(surface)
    finish_run(store, run.id, state=RunState.DONE)
    assert await outbox.deliver(surface) == 0
    clock.move_to(clock.now() + timedelta(seconds=60))
    await outbox.deliver(surface)
    assert surface.messages[0].card.state == "Done"


async def test_waiting_for_a_turn_is_no_failure(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    surface.fail("post", *[Fault(Paced("not its turn", 2.0))] * 5)
    key = f"run:{requested(store).id}"
    for _ in range(5):
        await outbox.deliver(surface)
        clock.move_to(clock.now() + timedelta(seconds=2))
    held = cards.delivery(store, key, "memory")
    assert held is not None
    assert (held.state, held.attempts, held.error) == (DeliveryState.PENDING, 0, None)
    await outbox.deliver(surface)
    assert shown(surface) == [key]


async def test_what_a_message_owes_is_added_by_edits_and_given_up_after_some(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    surface.owing = 1000
    key = f"run:{requested(store).id}"
    for _ in range(OWED_TRIES + 3):
        await outbox.deliver(surface)
        clock.move_to(clock.now() + timedelta(minutes=3))
    assert surface.messages[0].shown == OWED_TRIES
    held = cards.delivery(store, key, "memory")
    assert held is not None
    assert held.owes is None


async def test_what_is_owed_survives_a_restart_and_waits_for_no_news(
    store: Store, team: Team, presenter: Presenter, surface: MemorySurface, clock: ManualClock
) -> None:
    surface.owing = 1
    run = running(store)
    await Outbox(store, team, presenter, (surface,)).deliver(surface)
    assert await Outbox(store, team, presenter, (surface,)).deliver(surface) == 0  # not so soon
    clock.move_to(clock.now() + timedelta(seconds=2))
    again = Outbox(store, team, presenter, (surface,))
    await again.deliver(surface)
    assert surface.messages[0].shown == 2
    surface.owing = 1
    finish_run(store, run.id, state=RunState.DONE)
    await again.deliver(surface)
    finish_run(store, run.id, state=RunState.DONE)
    assert (surface.messages[0].card.state, surface.messages[0].shown) == ("Done", 3)


async def test_a_look_up_that_fails_leaves_the_post_in_doubt(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    surface.fail("post", Fault(OutcomeUnknown("no answer"), happened=True))
    surface.fail("find", *[Fault(Retryable("slow down"))] * 4)
    requested(store)
    await settle(outbox, surface, clock)
    assert len(surface.messages) == 1


class BlindAtFirst(MemorySurface):
    """What was posted is seen by a look-up only from the second on."""

    async def find(self, channel_id: str, card_key: str, since: datetime, thread_id: str | None = None) -> str | None:
        found = await super().find(channel_id, card_key, since, thread_id)
        return found if self.calls.count("find") > 1 else None


async def test_failures_before_the_doubt_do_not_count_as_look_ups(
    store: Store, team: Team, presenter: Presenter, clock: ManualClock
) -> None:
    surface = BlindAtFirst(clock)
    outbox = Outbox(store, team, presenter, (surface,))
    no, lost = Fault(Retryable("slow down")), Fault(OutcomeUnknown("no answer"), happened=True)
    surface.fail("post", no, no, no, no, lost)
    requested(store)
    for _ in range(30):
        await outbox.deliver(surface)
        clock.move_to(clock.now() + timedelta(seconds=130))
    assert len(surface.messages) == 1


async def test_a_runs_log_stands_in_the_thread_of_its_card_and_nowhere_without_threads(
    store: Store, team: Team, presenter: Presenter, surface: MemorySurface, clock: ManualClock
) -> None:
    flat = MemorySurface(clock, name="flat", threads=False)
    outbox = Outbox(store, team, presenter, (surface, flat))
    run = running(store, by=person("ana"))
    record_read(store, intent(run), result=1)
    await settle(outbox, surface, clock, rounds=3)
    await settle(outbox, flat, clock, rounds=3)
    assert shown(surface) == [f"run:{run.id}", f"log:{run.id}"]
    parent, log = surface.messages
    assert (log.placing.thread_id, log.channel_id) == (parent.id, parent.channel_id)
    assert shown(flat) == [f"run:{run.id}"]
    assert cards.due_deliveries(store, "flat", clock.now()) == []


async def test_a_log_whose_card_a_surface_refuses_is_left_out_there(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    run = running(store, by=person("ana"))
    record_read(store, intent(run), result=1)
    surface.fail("post", *[Fault(UserMistake("no such channel"))] * 3)
    for _ in range(8):
        await outbox.deliver(surface)
        clock.move_to(clock.now() + timedelta(minutes=3))
    log = cards.delivery(store, f"log:{run.id}", "memory")
    assert log is not None
    assert (log.state, surface.messages) == (DeliveryState.OMITTED, [])


@pytest.mark.parametrize("case", ["there", "not there", "there, and had to wait", "not there, and had to wait"])
async def test_after_a_restore_a_card_that_may_be_there_is_looked_for_first(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock, case: str
) -> None:
    backup_at, key = clock.now(), f"run:{requested(store).id}"
    if not case.startswith("not"):
        await settle(outbox, surface, clock)
        with store.database.write() as connection:  # the backup knows nothing of it
            connection.exec_driver_sql("DELETE FROM qd_deliveries")
            connection.exec_driver_sql("UPDATE qd_cards SET pending = true")
    record_restore(store, backup_at=backup_at, archive_sha256="a" * 64)
    if case.endswith("wait"):
        postpone(store, key, surface=surface.name, held=None, state=DeliveryState.PENDING, not_before=None, error=None)
    surface.calls.clear()
    await settle(outbox, surface, clock)
    assert [message.card.key for message in surface.messages].count(key) == 1
    assert surface.calls.index("find") < next(
        (place for place, call in enumerate(surface.calls) if call == "post"), len(surface.calls)
    )


async def test_long_after_a_restore_nothing_is_looked_for(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    record_restore(store, backup_at=clock.now(), archive_sha256="a" * 64)
    begin_after_restore(store)
    await settle(outbox, surface, clock)
    clock.move_to(clock.now() + timedelta(hours=2))
    surface.calls.clear()
    requested(store)
    await settle(outbox, surface, clock)
    assert "find" not in surface.calls
