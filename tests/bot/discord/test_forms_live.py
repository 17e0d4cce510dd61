"""Every form of the product opens on Discord and comes back with what was filled in: texts, choices, files."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from blocks.cards import wrong_form
from blocks.elements import Card, FieldKind, Form, FormButton, FormField
from bot.delivery.specimens import specimens
from bot.inbound.desk import Desk
from bot.inbound.origins import Origin
from bot.inbound.request_forms import ask_form, task_form
from bot.inbound.work_presses import decision_form
from bot.surfaces.base import Answer, InboundKind
from store.kernel.clock import ManualClock
from tests.blocks.samples import ordinary_cards
from tests.bot.discord.simulated import World
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import a_card

CARDS: dict[str, Card] = {**dict(ordinary_cards()), **{f"specimen {kind}": card for kind, card in specimens()}}


def forms() -> Iterator[tuple[str, Form]]:
    """Every form that stands on a card."""
    for name, card in CARDS.items():
        for action in card.actions:
            if isinstance(action, FormButton):
                yield f"{name}: {action.label}", action.form


FORMS = dict(forms())


@pytest.fixture
async def inbound(world: World, clock: ManualClock) -> AsyncIterator[RecordingInbound]:
    """Our surface in the simulated Discord, and what it heard."""
    inbound = RecordingInbound()
    surface = await world.connect(inbound, clock)
    yield inbound
    assert surface._parts is not None
    await surface._parts.reception.drain()


async def answered(world: World, inbound: RecordingInbound, form: Form) -> dict[str, str]:
    """Opens the form with a press, fills in something everywhere, and returns what came back."""
    inbound.answer = lambda event: Answer(form=form) if event.kind is InboundKind.PRESS else Answer()
    ana = world.people["ana"]
    shown = await ana.click(await world.show(a_card()), label="Approve")
    assert shown.modal is not None
    values = {field.name: _filled(field) for field in form.fields if field.kind is not FieldKind.FILE}
    menus = {one["custom_id"] for one in fields_of(shown.modal) if one["type"] == 3}
    sent = await ana.submit_modal(shown, {name: [one] if name in menus else one for name, one in values.items()})
    assert sent.acknowledged
    [submitted] = [event for event in inbound.acted if event.kind is InboundKind.SUBMIT]
    assert submitted.token == form.token
    return {name: value for name, value in submitted.fields.items() if name in values}


def fields_of(modal: dict[str, Any]) -> list[dict[str, Any]]:
    return [one["component"] for one in modal["components"] if one["type"] == 18]


def _filled(field: FormField) -> str:
    if field.kind is FieldKind.CHOICE:
        return field.options[-1].value
    return "12" if field.kind is FieldKind.NUMBER else "What I say: *this*\nand that"


@pytest.mark.parametrize("name", FORMS)
async def test_every_form_of_a_card_opens_and_comes_back(world: World, inbound: RecordingInbound, name: str) -> None:
    form = FORMS[name]
    wanted = {field.name: _filled(field) for field in form.fields if field.kind is not FieldKind.FILE}
    assert await answered(world, inbound, form) == wanted


async def test_every_form_that_is_asked_for_opens_and_comes_back(
    world: World, inbound: RecordingInbound, desk: Desk
) -> None:
    long = "The figure of a day, said at some length. " * 10
    for form in (
        ask_form(desk, Origin()),
        task_form(desk, Origin(text=long)),
        decision_form(),
        wrong_form("digest/d1", [f"{number} {long}" for number in range(40)], 0),
    ):
        inbound.acted.clear()
        assert await answered(world, inbound, form)


async def test_files_come_beside_the_answers_with_the_address_where_discord_keeps_them(
    world: World, inbound: RecordingInbound, desk: Desk
) -> None:
    form = ask_form(desk, Origin())
    inbound.answer = lambda event: Answer(form=form) if event.kind is InboundKind.PRESS else Answer()
    ana = world.people["ana"]
    shown = await ana.click(await world.show(a_card()), label="Approve")
    files = [("a.csv", b"day,hits\n1,2\n"), ("b.txt", b"two")]
    await ana.submit_modal(shown, {"agent": ["watch"], "words": "Read these", "files": files})
    [event] = [event for event in inbound.acted if event.kind is InboundKind.SUBMIT]
    assert event.fields == {"agent": "watch", "words": "Read these", "files": ""}
    given = [(file.field, file.name, file.bytes) for file in event.files]
    assert given == [("files", "a.csv", 13), ("files", "b.txt", 3)]
    kept = [world.env.backend.cdn.get(file.url) for file in event.files]
    assert kept == [content for _, content in files]


async def test_the_roles_of_whoever_acts_come_with_what_they_do(world: World, inbound: RecordingInbound) -> None:
    role = world.guild.create_role("approvers")
    world.env.backend.get_guild(world.guild.id).members[world.people["ana"].id].role_ids.append(role.id)
    await world.people["ana"].click(await world.show(a_card()), label="Approve")
    await world.people["ben"].click(await world.show(a_card()), label="Approve")
    assert [event.held_roles for event in inbound.acted] == [{str(role.id)}, frozenset()]
    assert [event.account for event in inbound.acted] == [world.accounts["ana"], world.accounts["ben"]]
