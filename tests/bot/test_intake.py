"""The way in: strangers are turned away, presses take effect once, failures are kept and shown."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from agents.roster import Person
from blocks.tokens import Verb, encode
from bot.inbound.desk import Desk
from bot.inbound.intake import ACTS_AT_ONCE, Intake
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.actions import Store
from store.kernel.clock import ManualClock
from store.queries import approvals, audit, incidents, runs
from store.queries.inbox import unhandled_events
from store.records import Approval, ApprovalState, RunState
from tests.store.samples import asked, person, requested, running


def pressed(
    token: str, key: str = "e1", account: str = "ana", surface: str = "console", **more: object
) -> InboundEvent:
    return InboundEvent.model_validate(
        {"surface": surface, "key": key, "kind": InboundKind.PRESS, "account": account, "token": token, **more}
    )


def said(text: str, key: str = "c1", account: str = "ana") -> InboundEvent:
    return InboundEvent(surface="cli", key=key, kind=InboundKind.COMMAND, account=account, text=text)


async def do(intake: Intake, event: InboundEvent) -> Answer:
    return await intake.act(await intake.accept(event))


@pytest.fixture
def approval(store: Store) -> Approval:
    return asked(store, running(store))


async def test_a_click_decides(store: Store, intake: Intake, approval: Approval) -> None:
    answer = await do(intake, pressed(encode(Verb.APPROVE, approval.id, 1)))
    assert (answer.ok, answer.text) == (True, "Approved. Thank you.")
    assert approvals.approval(store, approval.id).state is ApprovalState.APPROVED


async def test_a_redelivered_click_gets_the_first_answer(store: Store, intake: Intake, approval: Approval) -> None:
    event = pressed(encode(Verb.APPROVE, approval.id, 1))
    first, second = await do(intake, event), await do(intake, event)
    assert (first.text, second.text) == ("Approved. Thank you.", "Approved. Thank you.")
    assert len(approvals.votes(store, approval.id)) == 1


async def test_however_much_is_still_being_done_the_next_event_is_stored(store: Store, desk: Desk) -> None:
    done = threading.Event()

    def slow(event: InboundEvent, who: Person) -> Answer:
        done.wait()
        return Answer(text="Done.")

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(ACTS_AT_ONCE + 1))
    intake = Intake(store, desk.team, {InboundKind.COMMAND: slow}, {})
    accepted = [await intake.accept(said("work", key=f"c{number}")) for number in range(3 * ACTS_AT_ONCE)]
    acting = [asyncio.create_task(intake.act(each)) for each in accepted]
    await asyncio.sleep(0)
    try:
        async with asyncio.timeout(10):
            assert not (await intake.accept(said("work", key="next"))).repeat
    finally:
        done.set()
    assert {answer.text for answer in await asyncio.gather(*acting)} == {"Done."}


async def test_two_surfaces_at_once_make_one_decision(store: Store, intake: Intake, approval: Approval) -> None:
    yes = pressed(encode(Verb.APPROVE, approval.id, 1), account="U000000001", surface="slack")
    no = pressed(encode(Verb.REJECT, approval.id, 1), account="ben", fields={"reason": "no"})
    answers = await asyncio.gather(do(intake, yes), do(intake, no))
    assert sorted(answer.ok for answer in answers) == [False, True]
    [told] = [answer.text for answer in answers if not answer.ok]
    assert told in (
        "This was already approved by Ana on Slack.",
        "This was already rejected by Ben in the console.",
    )


async def test_one_person_on_two_accounts_votes_once(store: Store, intake: Intake) -> None:
    approval = asked(store, running(store), quorum=2)
    token = encode(Verb.APPROVE, approval.id, 1)
    await do(intake, pressed(token, "a", "ana", "console"))
    again = await do(intake, pressed(token, "b", "U000000001", "slack"))
    assert not again.ok
    assert approvals.approval(store, approval.id).state is ApprovalState.OPEN


@pytest.mark.parametrize(
    ("account", "surface", "extra"),
    [
        ("mallory", "console", {}),
        ("U000000009", "slack", {}),
        ("U000000001", "discord", {}),
        ("U000000001", "slack", {"account_class": "guest"}),
        ("U000000001", "slack", {"account_class": "external"}),
        ("U000000001", "slack", {"account_class": "unknown"}),
        ("eve", "console", {}),
    ],
)
async def test_who_may_not_decide_changes_nothing(  # noqa: PLR0917 - a row of the table above
    store: Store, intake: Intake, approval: Approval, account: str, surface: str, extra: dict[str, str]
) -> None:
    token = encode(Verb.APPROVE, approval.id, 1)
    answer = await do(intake, pressed(token, account=account, surface=surface, **extra))
    assert not answer.ok
    assert approvals.approval(store, approval.id).state is ApprovalState.OPEN
    if account != "eve":  # she is one of the people, so her click is audited with the approval
        [event] = audit.events_for(store, "event", f"{surface}:e1")
        assert event.kind == "inbound.refused"


async def test_a_rejection_asks_for_its_reason_first(store: Store, intake: Intake, approval: Approval) -> None:
    token = encode(Verb.REJECT, approval.id, 1)
    answer = await do(intake, pressed(token))
    assert answer.form is not None
    assert answer.form.token == token
    sent = await do(intake, pressed(token, "e2", fields={"reason": "not today"}))
    assert sent.ok
    assert approvals.approval(store, approval.id).decision_reason == "not today"


@pytest.mark.parametrize("token", ["", "garbage", "q1:approve:apv_nothing:1", "q1:explode:x:1"])
async def test_a_strange_token_is_answered_kindly(intake: Intake, token: str) -> None:
    answer = await do(intake, pressed(token))
    assert not answer.ok
    assert answer.text


async def test_what_was_accepted_before_a_crash_takes_effect_once_after_it(
    store: Store, intake: Intake, approval: Approval, clock: ManualClock
) -> None:
    await intake.accept(pressed(encode(Verb.APPROVE, approval.id, 1)))
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert await intake.recover() == 1
    assert await intake.recover() == 0
    assert approvals.approval(store, approval.id).state is ApprovalState.APPROVED


async def test_a_bug_is_kept_shown_and_ends_nothing(
    store: Store, intake: Intake, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inbound.presses.decode", lambda token: 1 / 0)
    answer = await do(intake, pressed("q1:approve:x:1"))
    assert not answer.ok
    [incident] = incidents.open_incidents(store)
    assert incident.cause == "intake:ZeroDivisionError"
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert unhandled_events(store, clock.now()) == []


async def test_a_command_runs_an_agent_once(store: Store, intake: Intake) -> None:
    first, second = await do(intake, said("run Watch")), await do(intake, said("run Watch"))
    assert first.text == second.text
    [run] = runs.recent_runs(store)
    assert run.trigger.initiator == person("ana").model_copy(update={"surface": "cli"})
    assert run.trigger.input == {"task": "watch"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rnu watch", "Did you mean run?"),
        ("run wtach", "The agents are watch."),
        ("run", "Say which agent"),
        ("stop", "Say which run"),
        ("stop watch", "Nothing is running there."),
        ("pause nobody", "There is no agent"),
    ],
)
async def test_commands_say_what_to_do(intake: Intake, text: str, words: str) -> None:
    answer = await do(intake, said(text))
    assert words in (answer.text or "")


@pytest.mark.parametrize("text", ["", "help", "status", "approvals", "runs", "runs watch", "schedules"])
async def test_commands_that_only_look_answer_with_a_card(intake: Intake, text: str) -> None:
    answer = await do(intake, said(text))
    assert answer.ok
    assert answer.card is not None


async def test_stop_pause_and_resume(store: Store, intake: Intake) -> None:
    run = requested(store)
    await do(intake, said("stop watch", "a"))
    assert runs.run(store, run.id).state is RunState.CANCELLED
    await do(intake, said("pause watch", "b"))
    assert "paused" in ((await do(intake, said("run watch", "c"))).text or "")
    await do(intake, said("resume watch", "d"))
    assert (await do(intake, said("run watch", "e"))).ok


async def test_a_webhook_starts_one_run(store: Store, intake: Intake) -> None:
    event = InboundEvent(
        surface="webhook", key="deploy:1", kind=InboundKind.WEBHOOK, account="watch.deploy", payload={"ref": "main"}
    )
    await do(intake, event)
    await do(intake, event)
    [run] = runs.recent_runs(store)
    assert run.trigger.input == {"task": "watch", "webhook": {"ref": "main"}}


async def test_only_who_may_approve_may_take_back(store: Store, intake: Intake, approval: Approval) -> None:
    token = encode(Verb.UNDO, approval.id, 1)
    assert not (await do(intake, pressed(token, "e1", "eve"))).ok
    assert runs.recent_runs(store, limit=1)[0].id == approval.run_id
    assert (await do(intake, pressed(token, "e2", "ana"))).ok
    assert (await do(intake, pressed(token, "e3", "ben"))).ok
    made = [run for run in runs.recent_runs(store) if run.trigger.input == {"undo_of": approval.id}]
    assert len(made) == 1
