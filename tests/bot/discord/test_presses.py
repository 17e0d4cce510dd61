"""Every way to press, pick and fill in on Discord, through the real client, intake and record."""

from collections.abc import Awaitable, Callable

import discord
import pytest
from simcord import InteractionResult, MemberActor, UserHandle

from agents.roster import Team
from blocks.tokens import Verb, encode
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.delivery.specimens import specimens
from bot.inbound.intake import Intake
from bot.inbound.questions import StoredQuestions
from bot.surfaces.discord.surface import DiscordSurface
from store.actions import Store
from store.actions.approvals import claim_approved, decide_approval
from store.actions.runs import begin_segment
from store.actions.steps import settle_step
from store.kernel.clock import ManualClock
from store.queries import approvals, audit, runs
from store.records import Approval, ApprovalState, CardKind, StepState
from tests.bot.discord.simulated import World, buttons_of, menus_of, parts_of, said_to, texts_of
from tests.emulator.surfaces import a_card
from tests.store.samples import asked, running

Deliver = Callable[[], Awaitable[int]]
Restart = Callable[[], Awaitable[object]]


@pytest.fixture
def deliver(store: Store, team: Team, presenter: Presenter, deck: DiscordSurface) -> Deliver:
    """Shows on Discord what changed."""
    outbox = Outbox(store, team, presenter, (deck,))
    return lambda: outbox.deliver(deck)


@pytest.fixture
def restart(world: World, store: Store, intake: Intake, clock: ManualClock) -> Restart:
    """Ends the client and begins another, with nothing of the first in memory."""
    return lambda: world.connect(intake, clock, StoredQuestions(store, DiscordSurface.name))


@pytest.fixture
def ana(world: World) -> MemberActor:
    return world.people["ana"]


@pytest.fixture
async def approval(store: Store, deliver: Deliver) -> Approval:
    """A question that waits, on its card."""
    question = asked(store, running(store))
    await deliver()
    return question


@pytest.fixture
async def final(store: Store, deliver: Deliver) -> Approval:
    """A question about a call that cannot be taken back."""
    question = asked(store, running(store), irreversible=True)
    await deliver()
    return question


def card(world: World, approval: Approval) -> discord.Message:
    return world.message(approval.id)


def state(store: Store, approval: Approval) -> ApprovalState:
    return approvals.approval(store, approval.id).state


def question(result: InteractionResult) -> dict[str, str]:
    """The buttons under the question that was asked."""
    assert result.response is not None
    assert result.response.ephemeral
    return buttons_of(result.response.components)


async def test_a_press_decides_and_the_card_says_who_and_where_without_buttons(
    world: World, store: Store, ana: MemberActor, approval: Approval, deliver: Deliver
) -> None:
    result = await ana.click(card(world, approval), label="Approve")
    assert said_to(result) == ["Approved. Thank you."]
    assert state(store, approval) is ApprovalState.APPROVED
    message_id = card(world, approval).id
    begin_segment(store, approval.run_id, 1)  # the run goes on
    claim_approved(store, approval.id, approval.call_hash, eligible=frozenset({"ana", "ben"}))
    settle_step(store, approval.run_id, approval.step_key, state=StepState.DONE, result={})
    await deliver()
    assert card(world, approval).id == message_id
    shown = "\n".join(texts_of(parts_of(card(world, approval))))
    assert "Ana" in shown
    assert "on Discord" in shown
    assert {"Approve", "Reject…", "Edit…"}.isdisjoint(buttons_of(parts_of(card(world, approval))))
    by = {(one.actor.id, one.actor.surface) for one in audit.events_for(store, "approval", approval.id)}
    assert ("ana", "discord") in by


async def test_a_press_of_somebody_not_of_the_team_does_nothing_and_says_so(
    world: World, store: Store, approval: Approval
) -> None:
    result = await world.people["kim"].click(card(world, approval), label="Approve")
    assert said_to(result) == ["You are not one of this team's people, so nothing was done."]
    assert state(store, approval) is ApprovalState.OPEN


async def test_of_two_at_once_one_decides_and_each_is_told(
    world: World, store: Store, ana: MemberActor, approval: Approval
) -> None:
    message = card(world, approval)
    first = await ana.click(message, label="Approve")
    second = await world.people["ben"].click(message, label="Approve")
    again = await ana.click(message, label="Approve")
    assert said_to(first) == ["Approved. Thank you."]
    assert said_to(second) == ["This was already approved by Ana on Discord."]
    assert said_to(again) == ["This was already approved by Ana on Discord."]
    assert len(approvals.votes(store, approval.id)) == 1


async def test_a_form_opens_and_what_was_written_takes_effect(
    world: World, store: Store, ana: MemberActor, approval: Approval
) -> None:
    shown = await ana.click(card(world, approval), label="Reject…")
    assert shown.modal is not None
    assert shown.modal["title"] == "Reject"
    sent = await ana.submit_modal(shown, {"reason": "Not on a Friday."})
    assert said_to(sent) == ["Rejected. Thank you."]
    assert state(store, approval) is ApprovalState.REJECTED
    [vote] = approvals.votes(store, approval.id)
    assert vote.reason == "Not on a Friday."


async def test_a_form_holds_what_there_is_to_edit(world: World, ana: MemberActor, approval: Approval) -> None:
    shown = await ana.click(card(world, approval), label="Edit…")
    assert shown.modal is not None
    fields = [one["component"] for one in shown.modal["components"] if one["type"] == 18]
    assert [(one["custom_id"], one["value"]) for one in fields] == [("n", "0")]
    [said] = said_to(await ana.submit_modal(shown, {"n": "0"}))
    assert said == "Nothing was changed, so the question stays as it is."


async def test_a_form_that_was_open_over_a_restart_still_counts(
    world: World, store: Store, restart: Restart, ana: MemberActor, approval: Approval
) -> None:
    shown = await ana.click(card(world, approval), label="Reject…")
    await restart()
    assert len(world.clients) == 2
    sent = await ana.submit_modal(shown, {"reason": "Not on a Friday."})
    assert said_to(sent) == ["Rejected. Thank you."]
    assert state(store, approval) is ApprovalState.REJECTED


async def test_a_card_posted_before_a_restart_works_after_it(
    world: World, store: Store, restart: Restart, ana: MemberActor, approval: Approval
) -> None:
    await restart()
    assert said_to(await ana.click(card(world, approval), label="Approve")) == ["Approved. Thank you."]


async def test_what_cannot_be_taken_back_is_asked_first_and_done_only_then(
    world: World, store: Store, ana: MemberActor, final: Approval
) -> None:
    result = await ana.click(card(world, final), label="Approve")
    [asked_first] = said_to(result)
    assert "This cannot be undone" in asked_first
    assert "Moves one file" in asked_first
    assert set(question(result)) == {"Approve", "Go back"}
    assert state(store, final) is ApprovalState.OPEN
    assert result.response is not None
    done = await ana.click(result.response, label="Approve")
    assert done.followups == []
    assert state(store, final) is ApprovalState.APPROVED
    assert texts_of(result.response.components) == ["Approved. Thank you."]


async def test_going_back_does_nothing_and_puts_the_question_away(
    world: World, store: Store, ana: MemberActor, final: Approval
) -> None:
    result = await ana.click(card(world, final), label="Approve")
    assert result.response is not None
    await ana.click(result.response, label="Go back")
    assert texts_of(result.response.components) == ["Nothing was done."]
    assert state(store, final) is ApprovalState.OPEN


async def test_a_question_asked_before_a_restart_is_answered_after_it(
    world: World, store: Store, restart: Restart, ana: MemberActor, final: Approval
) -> None:
    result = await ana.click(card(world, final), label="Approve")
    await restart()
    again = await ana.click(card(world, final), label="Approve")
    assert set(question(again)) == {"Approve", "Go back"}
    assert result.response is not None
    await ana.click(result.response, label="Approve")
    assert state(store, final) is ApprovalState.APPROVED


async def test_a_question_about_a_card_that_was_decided_meanwhile_is_not_asked(
    world: World, store: Store, ana: MemberActor, final: Approval, deliver: Deliver
) -> None:
    stale = card(world, final)
    custom_id = buttons_of(parts_of(stale))["Approve"]
    question_open = await ana.click(stale, label="Approve")
    decide_approval(
        store,
        final.id,
        person_id="ben",
        account="ben",
        surface="console",
        approve=False,
        eligible=frozenset({"ana", "ben"}),
    )
    await deliver()
    left = await world.post({**_button_of(custom_id), "flags": 1 << 15})
    assert said_to(await ana.click(left, label="Approve")) == [
        "This card has changed, and that button is gone from it. Nothing was done."
    ]
    assert question_open.response is not None
    await ana.click(question_open.response, label="Approve")
    assert texts_of(question_open.response.components) == ["This was already rejected by Ben in the console."]
    assert state(store, final) is ApprovalState.REJECTED


async def test_stopping_a_run_that_has_moved_on_asks_about_the_run_as_it_is(
    world: World, store: Store, ana: MemberActor, deliver: Deliver
) -> None:
    run = running(store)
    await deliver()
    stale = {**_button_of(f"?{encode(Verb.STOP, run.id, 0)}"), "flags": 1 << 15}
    result = await ana.click(await world.post(stale), label="Approve")
    assert result.response is not None
    await ana.click(result.response, label="Stop run")
    assert runs.run(store, run.id).stop_requested_by is not None


async def test_what_is_picked_in_a_menu_is_a_press(
    world: World, store: Store, deck: DiscordSurface, presenter: Presenter, ana: MemberActor
) -> None:
    fleet = await world.show(presenter.fleet_card())
    [said] = said_to(await ana.select(fleet, [encode(Verb.RUN_NOW, "watch", 0)], custom_id=_menu_of(fleet)))
    assert said == "Watch starts now."
    assert len(runs.recent_runs(store)) == 1


async def test_a_pending_member_and_a_bot_are_not_members(world: World, store: Store, approval: Approval) -> None:
    member = world.env.backend.get_guild(world.guild.id).members[world.people["ana"].id]
    member.pending = True
    [said] = said_to(await world.people["ana"].click(card(world, approval), label="Approve"))
    assert said == "Guests and people from outside may not act here; nothing was done."
    assert state(store, approval) is ApprovalState.OPEN


async def test_a_button_pressed_in_another_server_does_nothing(world: World, store: Store, approval: Approval) -> None:
    elsewhere = world.env.create_guild("Another Server")
    channel = elsewhere.create_text_channel("copy")
    [user] = [one for one in world.env.backend.users.values() if one.id == world.people["ana"].id]
    guest = elsewhere.add_member(UserHandle(world.env, user))
    copied = await world.post(
        {**_button_of(encode(Verb.APPROVE, approval.id, approval.revision)), "flags": 1 << 15}, channel
    )
    [said] = said_to(await guest.click(copied, label="Approve"))
    assert said == "Guests and people from outside may not act here; nothing was done."
    assert state(store, approval) is ApprovalState.OPEN


@pytest.mark.parametrize("kind", CardKind, ids=str)
async def test_every_button_of_every_card_is_answered(
    world: World, deck: DiscordSurface, ana: MemberActor, kind: CardKind
) -> None:
    shown = await world.show(dict(specimens())[kind])
    for custom_id in buttons_of(parts_of(shown)).values():
        result = await ana.click(shown, custom_id=custom_id)
        assert result.acknowledged
        assert not any("another version" in said or "went wrong" in said for said in said_to(result))
    for custom_id, values in menus_of(parts_of(shown)).items():
        for value in values:
            result = await ana.select(shown, [value], custom_id=custom_id)
            assert result.acknowledged
            assert not any("another version" in said or "went wrong" in said for said in said_to(result))


async def test_nothing_is_kept_of_what_was_shown_and_pressed(
    world: World, deck: DiscordSurface, presenter: Presenter, ana: MemberActor
) -> None:
    views = world.clients[-1]._connection._view_store
    registered = dict(views._dynamic_items)
    assert len(registered) == 2
    for number in range(20):
        shown = await world.show(a_card(f"approval:a{number}"))
        await ana.click(shown, label="Approve")
        fleet = await world.show(presenter.fleet_card())
        await ana.select(fleet, [encode(Verb.RUN_NOW, "watch", 0)], custom_id=_menu_of(fleet))
    assert (views._views, views._modals) == ({}, {})
    assert views._dynamic_items == registered


async def test_a_button_beside_a_text_is_a_button_like_any_other(
    world: World, deck: DiscordSurface, ana: MemberActor
) -> None:
    button = {"type": 2, "style": 1, "label": "Open", "custom_id": encode(Verb.RUN_NOW, "watch", 0)}
    section = {"type": 9, "components": [{"type": 10, "content": "Watch"}], "accessory": button}
    shown = await world.post({"components": [{"type": 17, "components": [section]}], "flags": 1 << 15})
    assert said_to(await ana.click(shown, label="Open")) == ["Watch starts now."]


async def test_what_another_version_posted_is_told_apart(world: World, deck: DiscordSurface, ana: MemberActor) -> None:
    foreign = {**_button_of("q2:approve:apr_a:1"), "flags": 1 << 15}
    [said] = said_to(await ana.click(await world.post(foreign), label="Approve"))
    assert "another version" in said


async def test_a_record_that_is_gone_is_said_to_be_so(world: World, deck: DiscordSurface, ana: MemberActor) -> None:
    [said] = said_to(await ana.click(await world.show(a_card()), label="Approve"))
    assert said == "There is no approval a1."


def _menu_of(message: discord.Message) -> str:
    [custom_id] = menus_of(parts_of(message))
    return custom_id


def _button_of(custom_id: str) -> dict[str, object]:
    button = {"type": 2, "style": 1, "label": "Approve", "custom_id": custom_id}
    return {"components": [{"type": 17, "components": [{"type": 1, "components": [button]}]}]}
