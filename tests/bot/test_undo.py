"""Undo: one run for each attempt, an honest answer to every further press, and a card that says how it went."""

import pytest

from blocks.cards import why_card
from blocks.elements import Card
from blocks.tokens import Verb, encode
from bot.delivery.present import Presenter
from bot.inbound.intake import Intake
from store.actions import Store
from store.actions.approvals import claim_approved, decide_approval
from store.actions.runs import begin_segment, finish_run
from store.actions.steps import settle_step
from store.queries import approvals, cards, runs
from store.queries.undos import undo
from store.queries.why import why
from store.records import UNDO_OF, Approval, ApprovalState, CardKind, Run, RunState, StepState, UndoState, card_key
from tests.blocks.reading import in_words
from tests.bot.test_intake import do, pressed
from tests.store.samples import asked, running

ROLE = frozenset({"ana", "ben"})


@pytest.fixture
def executed(store: Store) -> Approval:
    run = running(store)
    approval = asked(store, run)
    decide_approval(store, approval.id, person_id="ben", account="ben", surface="console", approve=True, eligible=ROLE)
    begin_segment(store, run.id, 1)
    claim_approved(store, approval.id, approval.call_hash, eligible=ROLE)
    settle_step(store, run.id, approval.step_key, state=StepState.DONE, result={})
    return approvals.approval(store, approval.id)


async def undo_pressed(intake: Intake, approval: Approval, key: str, account: str = "ana") -> tuple[bool, str]:
    answer = await do(intake, pressed(encode(Verb.UNDO, approval.id, 1), key, account))
    return answer.ok, answer.text or ""


def attempts(store: Store, approval: Approval) -> list[Run]:
    return [run for run in runs.recent_runs(store) if run.trigger.input.get(UNDO_OF) == approval.id]


def end(store: Store, run: Run, state: RunState, reason: str | None = None) -> None:
    begin_segment(store, run.id, 0)
    finish_run(store, run.id, state=state, reason=reason)


def revision(store: Store, approval: Approval) -> int:
    row = cards.card(store, card_key(CardKind.APPROVAL, approval.id))
    assert row is not None
    return row.revision


def drawn(store: Store, presenter: Presenter, approval: Approval) -> Card:
    row = cards.card(store, card_key(CardKind.APPROVAL, approval.id))
    assert row is not None
    return presenter.draw(row)


async def test_a_second_press_is_told_how_the_first_stands(store: Store, intake: Intake, executed: Approval) -> None:
    assert await undo_pressed(intake, executed, "e1") == (True, "Watch takes it back; watch its channel.")
    working = await undo_pressed(intake, executed, "e2", "ben")
    assert working == (True, "It is being taken back already, as Ana asked.")
    [run] = attempts(store, executed)
    end(store, run, RunState.DONE)
    assert await undo_pressed(intake, executed, "e3", "ben") == (False, "It was already taken back by Ana.")
    assert attempts(store, executed) == [runs.run(store, run.id)]


async def test_what_failed_may_be_tried_again_as_a_run_of_its_own(
    store: Store, intake: Intake, presenter: Presenter, executed: Approval
) -> None:
    await undo_pressed(intake, executed, "e1")
    [first] = attempts(store, executed)
    end(store, first, RunState.NEEDS_ATTENTION, "somebody changed the file since")
    assert drawn(store, presenter, executed).state == "Not taken back"
    assert "Somebody changed the file since. Undo may be pressed again." in drawn(store, presenter, executed).summary
    assert (await undo_pressed(intake, executed, "e2", "ben"))[0]
    [second] = [run for run in attempts(store, executed) if run.id != first.id]
    end(store, second, RunState.DONE)
    latest = undo(store, executed)
    assert latest is not None
    assert (latest.attempt, latest.state, latest.by) == (2, UndoState.UNDONE, "ben")
    assert await undo_pressed(intake, executed, "e3") == (False, "It was already taken back by Ben.")


async def test_running_a_failed_undo_again_is_pressing_undo_again(
    store: Store, intake: Intake, executed: Approval
) -> None:
    await undo_pressed(intake, executed, "e1")
    [first] = attempts(store, executed)
    end(store, first, RunState.FAILED, "no disk")
    again = encode(Verb.RETRY, first.id, 0)
    assert not (await do(intake, pressed(again, "e2", "eve"))).ok
    assert (await do(intake, pressed(again, "e3"))).ok
    latest = undo(store, executed)
    assert latest is not None
    assert (latest.attempt, latest.state) == (2, UndoState.WORKING)


async def test_nothing_to_take_back_is_said_and_not_tried_again(
    store: Store, intake: Intake, executed: Approval
) -> None:
    await undo_pressed(intake, executed, "e1")
    [run] = attempts(store, executed)
    end(store, run, RunState.DONE, "There is nothing to take back.")
    assert await undo_pressed(intake, executed, "e2") == (False, "There is nothing to take back.")
    assert len(attempts(store, executed)) == 1


async def test_the_approval_s_card_is_redrawn_when_taking_back_begins_and_ends(
    store: Store, intake: Intake, presenter: Presenter, executed: Approval
) -> None:
    before = revision(store, executed)
    await undo_pressed(intake, executed, "e1")
    begun = revision(store, executed)
    assert drawn(store, presenter, executed).state == "Being taken back"
    [run] = attempts(store, executed)
    end(store, run, RunState.DONE)
    assert before < begun < revision(store, executed)
    card = drawn(store, presenter, executed)
    assert (card.state, "Undone by Ana at Mon 5 Jan 2026, 08:00 UTC." in in_words(card)) == ("Undone", True)
    assert "Undone by Ana at" in in_words(why_card(why(store, executed.id), presenter.view))
    assert approvals.approval(store, executed.id).state is ApprovalState.EXECUTED
