"""Every builtin tool is described in docs/tools.md: what it does, what it takes, what it may do."""

from pathlib import Path

import pytest

from agents.tools.builtin import builtin_tools
from agents.tools.spec import Tool

PAGE = Path(__file__).parents[2] / "docs" / "tools.md"


def section(name: str) -> str:
    """The text under the tool's heading; empty when it has none."""
    _, found, rest = PAGE.read_text(encoding="utf-8").partition(f"### `{name}`\n")
    return rest.partition("\n### ")[0] if found else ""


@pytest.mark.parametrize("tool", builtin_tools(), ids=lambda tool: tool.spec.name)
def test_the_tool_its_arguments_and_its_rights_are_documented(tool: Tool) -> None:
    text = section(tool.spec.name)
    assert text, f"docs/tools.md has no section `{tool.spec.name}`"
    properties = tool.spec.arguments["properties"]
    assert isinstance(properties, dict)
    missing = [name for name in properties if f"`{name}`" not in text]
    assert missing == []
    assert tool.spec.access.value in text
    assert tool.spec.undo_tool is None or f"`{tool.spec.undo_tool}`" in text


def test_no_section_describes_a_tool_that_does_not_exist() -> None:
    headings = [line[5:-1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("### `")]
    assert sorted(headings) == sorted(tool.spec.name for tool in builtin_tools())
