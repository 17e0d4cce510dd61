"""An edit changes what was edited and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.arguments import argument_fields, argument_table, edited_arguments
from blocks.elements import FieldKind, Form
from blocks.fit import fit_form
from blocks.limits import DISCORD, READABLE, SLACK
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake

_scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=200)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)
_arguments = st.dictionaries(st.text(min_size=1, max_size=20), _values, max_size=8)


@given(_arguments)
def test_sending_the_form_untouched_changes_nothing(arguments: JsonObject) -> None:
    answers = {field.name: field.initial or "" for field in argument_fields(arguments)}
    assert edited_arguments(arguments, answers) == arguments
    as_a_browser_sends = {name: text.replace("\n", "\r\n") for name, text in answers.items()}
    assert edited_arguments(arguments, as_a_browser_sends) == arguments


@given(_arguments, st.text(max_size=50))
def test_one_edited_text_is_the_only_change(arguments: JsonObject, text: str) -> None:
    before: JsonObject = {**arguments, "!": "as it was"}
    after = edited_arguments(before, {"!": text})
    assert after == {**before, "!": text.replace("\r\n", "\n").replace("\r", "\n")}


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=4000), min_size=1, max_size=8))
def test_every_field_holds_its_whole_value_on_every_surface(arguments: JsonObject) -> None:
    fields = argument_fields(arguments)
    if not fields:
        return
    for limits in (SLACK, DISCORD, READABLE):
        fitted = fit_form(Form(title="t", submit="s", token="t", fields=fields), limits)
        assert [field.initial for field in fitted.fields] == [field.initial for field in fields]


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (30, "45", 45),
        (True, "false", False),
        (["a"], '["a", "b"]', ["a", "b"]),
        ({"k": 1}, '{"k": 2}', {"k": 2}),
        (None, '"now"', "now"),
        ("x", "", ""),
    ],
)
def test_an_answer_is_read_back_as_what_it_was(before: Json, text: str, after: Json) -> None:
    assert edited_arguments({"a": before}, {"a": text}) == {"a": after}


@pytest.mark.parametrize(
    ("before", "text", "said"),
    [
        (30, "many", "a cannot be read"),
        (30, "1.5", "not a whole number"),
        (30, "true", "a must stay a whole number"),
        (True, "1", "a must stay yes or no"),
        (["a"], '{"a": 1}', "a must stay a list"),
        ({}, "[]", "a must stay an object"),
        (1, "NaN", "not a whole number"),
    ],
)
def test_a_wrong_answer_names_its_field(before: Json, text: str, said: str) -> None:
    with pytest.raises(UserMistake, match=said):
        edited_arguments({"a": before}, {"a": text})


def test_an_argument_that_was_not_asked_for_is_refused() -> None:
    with pytest.raises(UserMistake, match="no argument 'b'"):
        edited_arguments({"a": 1}, {"b": "2"})


def test_what_does_not_fit_a_field_is_not_offered() -> None:
    arguments: JsonObject = {"short": "x", "long": "y" * 2600, **{f"z{number}": number for number in range(7)}}
    assert [field.name for field in argument_fields(arguments)] == ["short", "z0", "z1", "z2", "z3"]


def test_each_kind_of_value_gets_its_kind_of_field() -> None:
    arguments: JsonObject = {"a": "one line", "b": "two\nlines", "c": 3, "d": True, "e": [1]}
    kinds = [field.kind for field in argument_fields(arguments)]
    assert kinds == [FieldKind.TEXT, FieldKind.MULTILINE, FieldKind.NUMBER, FieldKind.CHOICE, FieldKind.MULTILINE]


def test_records_alike_are_a_table_words_before_numbers() -> None:
    entries: list[Json] = [{"status": 301, "from": f"/old-{n}", "to": f"/new-{n}"} for n in range(3)]
    table = argument_table({"note": "x", "entries": entries})
    assert table is not None
    assert [column.name for column in table.columns] == ["from", "to", "status"]
    assert table.rows[1] == ("/old-1", "/new-1", "301")
    assert (table.caption, table.hidden) == ("entries", 0)


@pytest.mark.parametrize(
    "value",
    [
        [],
        "text",
        [{"a": 1}, {"b": 1}],
        [{"a": 1}, 2],
        [{"a": [1]}],
        [{" ": 1}],
        [{}],
        [dict.fromkeys("abcdef", 1)],
    ],
)
def test_what_is_no_list_of_records_alike_is_no_table(value: Json) -> None:
    assert argument_table({"entries": value}) is None


@given(_arguments)
def test_a_table_says_every_record_of_its_argument(arguments: JsonObject) -> None:
    table = argument_table(arguments)
    if table is not None:
        value = arguments[table.caption or ""]
        assert isinstance(value, list)
        assert len(table.rows) == len(value)
