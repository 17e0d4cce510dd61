"""What exists, and that every builtin tool can be governed."""

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from agents.authority.facts import FactType
from agents.tools.builtin import builtin_tools
from agents.tools.fitness import ARGUMENTS_MAX_BYTES, objection_to_arguments
from agents.tools.registry import Registry, tool_facts
from agents.tools.spec import Tool
from store.kernel.canonical import JsonObject
from store.records import Access

TOOLS = builtin_tools()


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.spec.name)
def test_a_builtin_tool_can_be_governed_and_understood(tool: Tool) -> None:
    spec = tool.spec
    Draft202012Validator.check_schema(spec.arguments)
    Draft202012Validator.check_schema(spec.result)
    assert spec.description.endswith(".")
    assert spec.result["additionalProperties"] is False
    assert len(json.dumps(spec.arguments)) < 4_000, "a model reads this at every turn"
    assert tool_facts(spec).arguments is not None
    if spec.undo_tool is not None:
        assert tool.undo is not None
        assert tool.undo_says
        assert spec.undo_tool in {one.spec.name for one in TOOLS}
    if spec.access is not Access.READ and not spec.idempotent:
        assert tool.lookup is not None, "a write whose outcome is lost must be found again"


def test_names_are_unique_and_arguments_closed() -> None:
    registry = Registry(TOOLS)
    assert registry.names == tuple(sorted(tool.spec.name for tool in TOOLS))
    assert registry.find("nothing") is None
    with pytest.raises(ValueError, match="two tools"):
        Registry((*TOOLS, TOOLS[0]))
    open_ones: tuple[JsonObject, ...] = ({"type": "object"}, {"type": "string", "additionalProperties": False})
    for schema in open_ones:
        with pytest.raises(ValueError, match="no further properties"):
            Registry((replace(TOOLS[0], spec=replace(TOOLS[0].spec, arguments=schema)),))


def test_no_tool_takes_an_argument_that_the_call_itself_takes() -> None:
    schema: JsonObject = {"type": "object", "properties": {"claim": {"type": "string"}}, "additionalProperties": False}
    with pytest.raises(ValueError, match="claim"):
        Registry((replace(TOOLS[0], spec=replace(TOOLS[0].spec, arguments=schema)),))


def test_authority_knows_the_types_of_arguments() -> None:
    (move,) = [tool for tool in TOOLS if tool.spec.name == "files.move_old"]
    facts = tool_facts(move.spec)
    assert facts.arguments is not None
    assert facts.arguments["older_than_days"] == FactType("number")
    assert facts.arguments["folder"] == FactType("text")


@pytest.mark.parametrize(
    "arguments", [None, [], "text", {"n": 1.0}, {"a": "x" * ARGUMENTS_MAX_BYTES}, {"é": 1, "e\u0301": 2}]
)
def test_arguments_without_one_exact_form_are_objected_to(arguments: object) -> None:
    assert objection_to_arguments(TOOLS[0].spec, arguments)
