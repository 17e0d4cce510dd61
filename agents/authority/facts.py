"""The facts a rule may ask about: one table, one reader. What is absent or of the wrong type reads as None."""

import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from store.records import Access, Actor, ActorKind

Scalar: TypeAlias = str | int | Decimal | float | bool
Kind: TypeAlias = Literal["text", "number", "flag", "any"]

ARGUMENT_PREFIX = "args."
COUNTER_PREFIX = "counters."
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class FactType:
    """What values a fact takes. `choices` lists them all, None is any value of the kind; `any` is not known further."""

    kind: Kind
    choices: tuple[str, ...] | None = None


FACTS: Mapping[str, FactType] = MappingProxyType(
    {
        "agent": FactType("text"),
        "tool": FactType("text"),
        "tool.access": FactType("text", tuple(access.value for access in Access)),
        "tool.irreversible": FactType("flag"),
        "initiator.kind": FactType("text", tuple(kind.value for kind in ActorKind)),
        "initiator.id": FactType("text"),
        "tainted": FactType("flag"),
        "env": FactType("text"),
        "time.hour": FactType("number"),
        "time.weekday": FactType("text", WEEKDAYS),
        "budget.left_pct": FactType("number"),
    }
)
"""Every fact by name, besides `args.NAME` (the tool's arguments) and `counters.NAME` (whole numbers)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """What authority knows of a registered tool. `arguments` is name → type; None means they are not known."""

    name: str
    access: Access
    irreversible: bool = False
    arguments: Mapping[str, FactType] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """One call about to be made, as the runtime knows it; nothing here comes from the mind but `args`.

    `initiator` is who made the run happen. `tainted` is True once the run has read untrusted text. `at` is aware.
    `budget_left_pct` is 0 to 100. None means the fact is not known, which never loosens a decision.
    """

    agent: str
    tool: str
    args: Mapping[str, object] = field(default_factory=dict)
    initiator: Actor | None
    tainted: bool | None
    at: datetime | None
    env: str | None = None
    budget_left_pct: int | None = None
    counters: Mapping[str, int] = field(default_factory=dict)


def kind_of(value: object) -> Kind | None:
    """`text`, `number` or `flag`; None for anything a rule cannot compare: absent, nested, infinite, not a number."""
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int) or (isinstance(value, float | Decimal) and math.isfinite(value)):
        return "number"
    return None


def read_fact(call: CallFacts, tool: ToolFacts, timezone: str, name: str) -> Scalar | None:
    """The value of one fact of a call to `tool`, made `normal`; None when it is absent or not of its kind."""
    value = _raw(call, tool, timezone, name)
    kind = kind_of(value)
    expected = fact_type(name, tool)
    if kind is None or expected is None or expected.kind not in (kind, "any"):
        return None
    return normal(value) if isinstance(value, str | int | float | Decimal) else None


def fact_type(name: str, tool: ToolFacts) -> FactType | None:
    """The type of a fact for calls to `tool`; None when there is no such fact."""
    if name.startswith(COUNTER_PREFIX):
        return FactType("number")
    if not name.startswith(ARGUMENT_PREFIX):
        return FACTS.get(name)
    if tool.arguments is None:
        return FactType("any")
    return tool.arguments.get(name.removeprefix(ARGUMENT_PREFIX))


def normal(value: Scalar) -> Scalar:
    """Text in NFC, so that two spellings of one character are equal; a float as the decimal it is written as."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, str) and not value.isascii():
        return unicodedata.normalize("NFC", value)
    return value


def argument_types(schema: Mapping[str, object]) -> Mapping[str, FactType]:
    """Argument name → type, from a tool's JSON Schema for its arguments."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {str(name): _schema_type(value) for name, value in properties.items()}


_SCHEMA_KINDS: Mapping[str, Kind] = {"string": "text", "integer": "number", "number": "number", "boolean": "flag"}


def _schema_type(schema: object) -> FactType:
    if not isinstance(schema, Mapping):
        return FactType("any")
    choices = schema.get("enum")
    if isinstance(choices, list) and choices and all(isinstance(choice, str) for choice in choices):
        return FactType("text", tuple(choices))
    named = schema.get("type")
    return FactType(_SCHEMA_KINDS.get(named, "any") if isinstance(named, str) else "any")


def _raw(call: CallFacts, tool: ToolFacts, timezone: str, name: str) -> object:
    if name.startswith(ARGUMENT_PREFIX):
        return call.args.get(name.removeprefix(ARGUMENT_PREFIX))
    if name.startswith(COUNTER_PREFIX):
        return call.counters.get(name.removeprefix(COUNTER_PREFIX))
    if name.startswith("time."):
        return _time_fact(call.at, timezone, name)
    if name.startswith("initiator."):
        return _initiator_fact(call.initiator, name)
    reader = _PLAIN.get(name)
    return None if reader is None else reader(call, tool)


_PLAIN: Mapping[str, Callable[[CallFacts, ToolFacts], object]] = {
    "agent": lambda call, _: call.agent,
    "tool": lambda _, tool: tool.name,
    "tool.access": lambda _, tool: tool.access.value,
    "tool.irreversible": lambda _, tool: tool.irreversible,
    "tainted": lambda call, _: call.tainted,
    "env": lambda call, _: call.env,
    "budget.left_pct": lambda call, _: call.budget_left_pct,
}


def _time_fact(at: datetime | None, timezone: str, name: str) -> object:
    if at is None or at.tzinfo is None:
        return None
    local = at.astimezone(ZoneInfo(timezone))
    return local.hour if name == "time.hour" else WEEKDAYS[local.weekday()]


def _initiator_fact(initiator: Actor | None, name: str) -> object:
    if initiator is None:
        return None
    return initiator.kind.value if name == "initiator.kind" else initiator.id
