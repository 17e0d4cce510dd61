"""Which tools exist: the only list the gate, the policy and the workspace check read."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from agents.authority.facts import ToolFacts, argument_types
from agents.tools.spec import Tool, ToolSpec

RESERVED_ARGUMENTS = frozenset({"claim"})
"""Argument names no tool may have: the call itself takes them."""


class Registry:
    """Tools by name, fixed once made. A name given twice, or a reserved argument, is a bug (ValueError)."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        by_name: dict[str, Tool] = {}
        for tool in tools:
            if tool.spec.name in by_name:
                raise ValueError(f"two tools are named {tool.spec.name!r}")
            require_sound(tool.spec)
            by_name[tool.spec.name] = tool
        self._tools: Mapping[str, Tool] = MappingProxyType(by_name)

    def find(self, name: str) -> Tool | None:
        """The tool of that name; None when there is none."""
        return self._tools.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every tool's name, sorted."""
        return tuple(sorted(self._tools))


def tool_facts(spec: ToolSpec) -> ToolFacts:
    """What authority may know of the tool."""
    return ToolFacts(
        name=spec.name, access=spec.access, irreversible=spec.irreversible, arguments=argument_types(spec.arguments)
    )


def require_sound(spec: ToolSpec) -> None:
    """Raises ValueError for a tool that could not be governed: open arguments, or names the call itself uses."""
    if spec.arguments.get("type") != "object" or spec.arguments.get("additionalProperties") is not False:
        raise ValueError(f"{spec.name}: arguments must be an object that allows no further properties")
    taken = RESERVED_ARGUMENTS & set(argument_types(spec.arguments))
    if taken:
        raise ValueError(f"{spec.name}: {', '.join(sorted(taken))} cannot be an argument's name")
