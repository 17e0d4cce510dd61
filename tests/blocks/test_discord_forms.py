"""Forms as Discord's modals, and every answer back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.elements import Choice, FieldKind, Form, FormButton, FormField
from blocks.limits import DISCORD_INPUT_CHARS
from blocks.render import discord
from blocks.render.discord_check import modal_problems
from tests.blocks.samples import all_cards
from tests.blocks.schemas import discord_schema
from tests.blocks.strategies import forms

FORMS = [
    pytest.param(action.form, id=f"{name}/{action.label[:20]}")
    for name, card in all_cards()
    for action in card.actions
    if isinstance(action, FormButton)
]


def field(name: str, kind: FieldKind = FieldKind.TEXT, answers: int = 0, **changes: Any) -> FormField:
    options = tuple(Choice(label=f"Answer {number}", value=str(number)) for number in range(answers))
    return FormField(name=name, label=name.title(), kind=kind, options=options, **changes)


def modal(*fields: FormField, intro: str | None = None) -> Any:
    return discord.render_form(Form(title="Ask", submit="Ask", token="t", intro=intro, fields=fields))


def component(drawn: Any, number: int = 0) -> Any:
    return drawn["components"][number]["component"]


@pytest.mark.parametrize("form", FORMS)
def test_discords_own_description_accepts_every_form(form: Form) -> None:
    request = {"type": 9, "data": discord.render_form(form)}
    assert [error.message for error in discord_schema("ModalInteractionCallbackRequest").iter_errors(request)] == []


@settings(max_examples=60, deadline=None)
@given(form=forms())
def test_any_form_is_within_the_rules_and_asks_all_it_asks(form: Form) -> None:
    drawn: Any = discord.render_form(form)
    assert modal_problems(drawn) == []
    asked = [part["component"] for part in drawn["components"] if part["type"] == 18]
    assert [one["custom_id"] for one in asked] == [one.name for one in form.fields]
    assert [one["type"] == 19 for one in asked] == [one.kind is FieldKind.FILE for one in form.fields]
    assert drawn["custom_id"] == form.token


@pytest.mark.parametrize(("answers", "kind"), [(1, 3), (2, 21), (10, 21), (11, 3), (25, 3)])
def test_a_few_answers_are_seen_at_a_glance_and_many_are_a_menu(answers: int, kind: int) -> None:
    drawn = component(modal(field("a", FieldKind.CHOICE, answers, initial="0", required=False)))
    assert (drawn["type"], len(drawn["options"]), drawn["required"]) == (kind, answers, False)
    assert [option["default"] for option in drawn["options"]] == [True, *[False] * (answers - 1)]


@pytest.mark.parametrize("required", [True, False])
def test_files_are_asked_for_as_files(required: bool) -> None:
    drawn = component(modal(field("papers", FieldKind.FILE, required=required, max_files=3)))
    expected = {"type": 19, "custom_id": "papers", "min_values": int(required), "max_values": 3, "required": required}
    assert drawn == expected


def test_an_introduction_that_no_part_is_left_for_stands_with_the_first_field() -> None:
    names = ("a", "b", "c", "d", "e")
    few = modal(*(field(name) for name in names[:4]), intro="What it does.")
    assert [part["type"] for part in few["components"]] == [10, 18, 18, 18, 18]
    full = modal(field("a", hint="A hint."), *(field(name) for name in names[1:]), intro="What it does.")
    assert [part["type"] for part in full["components"]] == [18] * 5
    assert full["components"][0]["description"] == "What it does. A hint."
    long = modal(*(field(name) for name in names), intro="Word " * 100)
    assert long["components"][0]["description"].endswith("…")


def test_what_is_too_long_to_edit_is_not_halved() -> None:
    drawn = modal(field("a", FieldKind.MULTILINE, initial="x" * (DISCORD_INPUT_CHARS + 1)))
    assert "value" not in component(drawn)
    assert "too long" in drawn["components"][0]["description"]


def test_every_kind_of_answer_comes_back_by_name() -> None:
    answers = (
        {"type": 4, "custom_id": "text", "value": "one"},
        {"type": 4, "custom_id": "empty", "value": ""},
        {"type": 3, "custom_id": "menu", "values": ["true"]},
        {"type": 21, "custom_id": "radio", "value": "week"},
        {"type": 21, "custom_id": "unanswered", "value": None},
        {"type": 22, "custom_id": "boxes", "values": ["a", "b"]},
        {"type": 23, "custom_id": "box", "value": True},
        {"type": 19, "custom_id": "papers", "values": ["11", "12"]},
    )
    data: Any = {
        "components": [{"type": 18, "id": number, "component": one} for number, one in enumerate(answers)]
        + [{"type": 10, "id": 99}, {"type": 1, "components": [{"type": 4, "custom_id": "old", "value": "row"}]}],
        "resolved": {"attachments": {"11": {"id": "11", "filename": "a.csv"}, "12": {"id": "12"}}},
    }
    assert discord.form_answers(data) == {
        "text": "one",
        "empty": "",
        "menu": "true",
        "radio": "week",
        "unanswered": "",
        "boxes": "a, b",
        "box": "true",
        "papers": "",
        "old": "row",
    }
    assert discord.form_files(data) == [("papers", {"id": "11", "filename": "a.csv"}), ("papers", {"id": "12"})]


@settings(max_examples=60, deadline=None)
@given(form=forms(), data=st.data())
def test_whatever_is_answered_comes_back_and_nothing_else(form: Form, data: st.DataObject) -> None:
    drawn: Any = discord.render_form(form)
    given_answers: dict[str, str] = {}
    submitted: list[Any] = []
    for part in drawn["components"]:
        if part["type"] != 18:
            submitted.append({"type": 10, "id": 1})
            continue
        asked = part["component"]
        if asked["type"] == 19:
            submitted.append({"type": 18, "component": {"type": 19, "custom_id": asked["custom_id"], "values": []}})
            given_answers[asked["custom_id"]] = ""
            continue
        options = [option["value"] for option in asked.get("options", [])]
        answer = data.draw(st.sampled_from(options) if options else st.text(max_size=20))
        given_answers[asked["custom_id"]] = answer
        told = {"values": [answer]} if asked["type"] == 3 else {"value": answer}
        submitted.append({"type": 18, "component": {"type": asked["type"], "custom_id": asked["custom_id"], **told}})
    assert discord.form_answers({"components": submitted}) == given_answers


@pytest.mark.parametrize("broken", [{}, {"components": None}, {"components": ["x", {"component": 3}, {}]}])
def test_a_submission_that_makes_no_sense_has_no_answers(broken: Any) -> None:
    assert discord.form_answers(broken) == {}
    assert discord.form_files(broken) == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda drawn: drawn.update(title="x" * 46), "title has 46 of 45"),
        (lambda drawn: drawn.update(custom_id=""), "custom_id has 0 of 100"),
        (lambda drawn: drawn["components"].extend(drawn["components"] * 5), "parts of a modal"),
        (lambda drawn: drawn["components"].append(drawn["components"][0]), "one custom_id"),
        (lambda drawn: drawn["components"].append({"type": 14}), "no label and no text"),
        (lambda drawn: drawn["components"][0].update(label="x" * 46), "label has 46 of 45"),
        (lambda drawn: drawn["components"][0].update(description=""), "description has 0 of 100"),
        (lambda drawn: drawn["components"][0].update(component={"type": 14}), "cannot be answered"),
        (lambda drawn: component(drawn).update(value="x" * 4001), "more than it takes"),
        (lambda drawn: component(drawn).update(placeholder="x"), "unknown placeholder"),
        (lambda drawn: component(drawn, 1)["options"].pop(), "1 of 10 options"),
        (lambda drawn: component(drawn, 1)["options"][1].update(default=True), "chosen beforehand"),
        (lambda drawn: component(drawn, 1)["options"][1].update(value="0"), "one value"),
    ],
)
def test_a_modal_over_a_limit_is_noticed(fault: Any, said: str) -> None:
    drawn = modal(field("text", hint="Hint."), field("radio", FieldKind.CHOICE, 2, initial="0"))
    assert modal_problems(drawn) == []
    fault(drawn)
    assert any(said in problem for problem in modal_problems(drawn)), modal_problems(drawn)
