"""What a card refuses to be."""

import pytest
from pydantic import ValidationError

from blocks.elements import (
    Button,
    Card,
    Chart,
    Choice,
    Column,
    Element,
    FieldKind,
    Form,
    FormButton,
    FormField,
    LinkButton,
    Menu,
    Option,
    Style,
    Table,
    Tone,
    find_pressable,
    pressables,
)
from blocks.tokens import Verb, encode

_TABLE = Table(columns=(Column(name="a"),), rows=(("1",),))
_CHART = Chart(title="t", alt="a", spec={}, file_name="t.png", table=_TABLE)


def _card(*actions: Button | Menu | LinkButton | FormButton, elements: tuple[Element, ...] = ()) -> Card:
    return Card(
        key="run:a",
        revision=1,
        kind="run",
        tone=Tone.NEUTRAL,
        state="Done",
        title="t",
        summary="s",
        elements=elements,
        actions=actions,
    )


def _button(name: str, style: Style = Style.PLAIN) -> Button:
    return Button(label=name, token=encode(Verb.STOP, name, 1), style=style)


@pytest.mark.parametrize(
    ("actions", "why"),
    [
        ((_button("a"), _button("a")), "one token"),
        ((_button("a", Style.PRIMARY), _button("b", Style.PRIMARY)), "one primary"),
        (tuple(_button(name) for name in "abcdef"), "at most 5"),
        ((_button("a"), Menu(label="m", options=(Option(label="o", token=encode(Verb.STOP, "a", 1)),))), "one token"),
    ],
)
def test_a_card_offers_few_and_distinct_actions(actions: tuple[Button, ...], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        _card(*actions)


@pytest.mark.parametrize(("elements", "why"), [((_TABLE, _TABLE), "one table"), ((_CHART, _CHART), "one chart")])
def test_a_card_has_one_table_and_one_chart(elements: tuple[Element, ...], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        _card(elements=elements)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//evil.test", "data:text/html,x", "https://a.test/ x", "https://a|b", "https://a\nb"],
)
def test_only_an_address_that_can_be_opened_safely_is_a_link(url: str) -> None:
    with pytest.raises(ValidationError):
        LinkButton(label="go", url=url)


def test_a_row_of_a_table_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValidationError, match="one cell for each column"):
        Table(columns=(Column(name="a"),), rows=(("1", "2"),))


@pytest.mark.parametrize(
    ("kind", "options"), [(FieldKind.CHOICE, ()), (FieldKind.TEXT, (Choice(label="a", value="a"),))]
)
def test_a_choice_and_only_a_choice_has_options(kind: FieldKind, options: tuple[Choice, ...]) -> None:
    with pytest.raises(ValidationError, match="a choice needs options"):
        FormField(name="a", label="a", kind=kind, options=options)


def test_two_fields_of_a_form_never_answer_to_one_name() -> None:
    with pytest.raises(ValidationError, match="one name"):
        Form(title="t", submit="s", token="t", fields=(FormField(name="a", label="a"), FormField(name="a", label="b")))


def test_whatever_can_be_pressed_is_found_by_its_token() -> None:
    form = Form(title="t", submit="s", token=encode(Verb.EDIT, "a", 1), fields=(FormField(name="a", label="a"),))
    menu = Menu(label="m", options=(Option(label="o", token=encode(Verb.PAUSE, "a", 1)),))
    card = _card(_button("a"), FormButton(label="f", form=form), menu, LinkButton(label="l", url="https://a.test"))
    assert [pressable.label for pressable in pressables(card)] == ["a", "f", "o"]
    assert find_pressable(card, form.token) == card.actions[1]
    assert find_pressable(card, encode(Verb.STOP, "gone", 1)) is None
