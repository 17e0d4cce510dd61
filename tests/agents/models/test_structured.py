"""Typed answers and the form requests take on the wire."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing.exceptions import Unresolvable

from agents.models.dialect import MAX_NAME_CHARACTERS, names_for
from agents.models.port import Message, SchemaViolation, ToolCall, ToolSchema
from agents.models.structured import ANSWER_TOOL, MAX_ERRORS, Reading, Rung, parse_json, read_answer, shape, violations
from store.kernel.errors import UserMistake
from tests.agents.models.asking import DIGEST, READ_TOOL, ask
from tests.agents.models.provider import Provider

GOOD = '{"headline": "Quiet", "changes": 2}'


def call(name: str = ANSWER_TOOL, arguments: str = GOOD) -> ToolCall:
    return ToolCall(id="call_0", name=name, arguments_json=arguments)


def read(text: str | None, *calls: ToolCall) -> Reading:
    return read_answer(DIGEST, text, calls, cut_off=False)


@pytest.mark.parametrize(
    ("text", "calls"),
    [(GOOD, ()), (f"```json\n{GOOD}\n```", ()), (f"```\n{GOOD}```", ()), (f"  {GOOD}\n", ()), (None, (call(),))],
)
def test_an_answer_is_found_whichever_way_it_comes(text: str | None, calls: tuple[ToolCall, ...]) -> None:
    reading = read(text, *calls)
    assert reading.answer == {"headline": "Quiet", "changes": 2}
    assert reading.text == GOOD
    assert reading.tool_calls == ()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, "there is no answer"),
        ("", "there is no answer"),
        ("Nothing happened.", "it is not JSON"),
        ('{"headline": "Q", "changes": NaN}', "it is not JSON: NaN is not a number"),
        ('{"headline": "\\ud83d", "changes": 1}', "it is not JSON: it holds characters that are not text"),
        ('{"headline": "\\u0000", "changes": 1}', "it is not JSON: it holds characters that are not text"),
        ("[" * 100_000, "it is not JSON: it is nested too deeply"),
        ("[1]", "$: [1] is not of type 'object'"),
        ('{"headline": "Q"}', "$: 'changes' is a required property"),
        ('{"headline": "Q", "changes": -1}', "$.changes: -1 is less than the minimum of 0"),
    ],
)
def test_what_is_no_answer_says_why(text: str | None, error: str) -> None:
    reading = read(text)
    assert reading.answer is None
    assert reading.violation is not None
    assert reading.violation.errors[0].startswith(error)
    assert reading.violation.errors[0] in reading.violation.repair_prompt


def test_a_text_that_quotes_a_null_escape_is_text() -> None:
    assert parse_json('{"a": "\\\\u0000"}') == {"a": "\\u0000"}


def test_tools_come_before_an_answer_given_at_the_same_time() -> None:
    other = call("files.read", "{}")
    assert read(None, call(), other) == Reading(None, (other,))


def test_violations_are_few_and_short() -> None:
    schema: dict[str, Any] = {"type": "array", "items": {"type": "integer"}}
    found = violations(schema, ["x" * 10_000] * 50)
    assert len(found) == MAX_ERRORS
    assert max(map(len, found)) <= 300


@pytest.mark.parametrize("reference", ["http://192.0.2.1/schema.json", "#/$defs/missing", "other.json"])
def test_a_schema_that_refers_to_what_it_does_not_hold_is_refused_unsent(reference: str) -> None:
    schema = {"type": "object", "properties": {"a": {"anyOf": [{"$ref": reference}]}}}
    with pytest.raises(UserMistake, match=r"refers to .*which it does not hold"):
        shape(ask(answer_schema=schema), "native")


def test_a_schema_may_refer_to_itself() -> None:
    count: dict[str, Any] = {"$ref": "#/$defs/count"}
    schema: dict[str, Any] = {"type": "object", "properties": {"a": count}, "$defs": {"count": {"type": "integer"}}}
    shape(ask(answer_schema=schema), "native")
    assert violations(schema, {"a": "x"}) == ("$.a: 'x' is not of type 'integer'",)


def test_references_to_other_documents_are_never_fetched() -> None:
    with Provider() as somewhere:
        schema: dict[str, Any] = {"type": "object", "properties": {"a": {"$ref": f"{somewhere.url}/schema.json"}}}
        with pytest.raises(Unresolvable):
            violations(schema, {"a": 1})
        assert somewhere.seen == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_an_answer_is_taken_exactly_when_the_schema_allows_it(value: Any) -> None:
    reading = read(json.dumps(value))
    assert (reading.answer is not None) == Draft202012Validator(DIGEST).is_valid(value)
    assert (reading.answer is None) == isinstance(reading.violation, SchemaViolation)


@given(st.text(max_size=60))
def test_no_text_at_all_can_break_the_reader(text: str) -> None:
    reading = read(text)
    assert (reading.answer is None) != (reading.violation is None)


@pytest.mark.parametrize("rung", ["native", "tool", "prompt"])
def test_without_a_schema_every_rung_sends_the_same(rung: Rung) -> None:
    shaped = shape(ask(), rung)
    assert (shaped.tools, shaped.tool_choice, shaped.response_format) == ([], None, None)
    assert not shaped.provider_adds


def test_the_second_rung_makes_the_model_call_the_answer_tool() -> None:
    alone = shape(ask(answer_schema=DIGEST), "tool")
    assert alone.tool_choice == {"type": "function", "function": {"name": ANSWER_TOOL}}
    beside = shape(ask(answer_schema=DIGEST, tools=(READ_TOOL,)), "tool")
    assert beside.tool_choice == "required"
    assert len(beside.tools) == 2


@pytest.mark.parametrize("starts_with_system", [True, False])
def test_the_third_rung_asks_in_the_instructions(starts_with_system: bool) -> None:
    messages = ask().messages if starts_with_system else ask().messages[1:]
    shaped = shape(ask(messages=messages, answer_schema=DIGEST), "prompt")
    assert [message["role"] for message in shaped.messages] == ["system", "user"]
    assert json.dumps(DIGEST) in str(shaped.messages[0]["content"])


@pytest.mark.parametrize("rung", ["native", "tool", "prompt"])
def test_asking_for_a_type_is_part_of_what_is_counted(rung: Rung) -> None:
    plain = shape(ask(), rung).prompt_bytes
    assert shape(ask(answer_schema=DIGEST), rung).prompt_bytes >= plain + len(json.dumps(DIGEST))


@pytest.mark.parametrize(
    ("change", "strict"),
    [
        ({}, True),
        ({"required": ["headline"]}, False),
        ({"additionalProperties": True}, False),
        ({"properties": {"headline": {"type": "object"}, "changes": {"type": "integer"}}}, False),
    ],
)
def test_strict_is_asked_only_where_openai_accepts_it(change: dict[str, Any], strict: bool) -> None:
    shaped = shape(ask(answer_schema=DIGEST | change), "native")
    assert isinstance(shaped.response_format, dict)
    assert isinstance(shaped.response_format["json_schema"], dict)
    assert shaped.response_format["json_schema"]["strict"] is strict


def test_the_answer_tools_name_is_reserved() -> None:
    tool = ToolSchema(name=ANSWER_TOOL, description="", parameters={"type": "object"})
    with pytest.raises(UserMistake, match="may not be called 'submit_answer'"):
        shape(ask(tools=(tool,)), "native")


@given(st.lists(st.text(min_size=1, max_size=80), unique=True, max_size=12))
def test_tool_names_go_out_harmless_and_come_back_the_same(names: list[str]) -> None:
    table = names_for(names)
    wire = [table.wire(name) for name in names]
    assert [table.own(name) for name in wire] == names
    assert len(set(wire)) == len(names)
    for name in wire:
        assert 0 < len(name) <= MAX_NAME_CHARACTERS
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def test_a_malformed_call_in_the_history_is_quoted_not_repeated() -> None:
    spoke = Message(role="assistant", tool_calls=(call("files.read", '{"path": '),))
    (sent,) = shape(ask(messages=(spoke,)), "native").messages
    assert isinstance(sent["tool_calls"], list)
    assert isinstance(sent["tool_calls"][0], dict)
    assert sent["tool_calls"][0]["function"] == {"name": "files_read", "arguments": '{"not_json": "{\\"path\\": "}'}


@pytest.mark.parametrize(
    "facts",
    [
        {"role": "user", "content": "x", "tool_call_id": "call_0"},
        {"role": "tool", "content": "x"},
        {"role": "user", "content": "x", "tool_calls": [call().model_dump()]},
        {"role": "assistant"},
    ],
)
def test_a_message_that_makes_no_sense_cannot_be_made(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="message"):
        Message.model_validate(facts)


@pytest.mark.parametrize("schema", [{"type": "array"}, {}, {"enum": [1]}])
def test_an_answer_is_always_an_object(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="answer schema describes an object"):
        ask(answer_schema=schema)


def test_two_tools_of_one_name_cannot_be_offered() -> None:
    with pytest.raises(ValueError, match="same name"):
        ask(tools=(READ_TOOL, READ_TOOL))
