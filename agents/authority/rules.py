"""A policy as data: rules over facts with a closed set of operators, so every rule can be checked and explained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from agents.authority.facts import Scalar, ToolFacts
from store.records import Requirement

Effect: TypeAlias = Literal["allow", "human", "deny"]
Operator: TypeAlias = Literal["eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte", "same_as"]
Operand: TypeAlias = Scalar | tuple[Scalar, ...]

EFFECTS: tuple[Effect, ...] = get_args(Effect)
"""From the loosest to the strictest; the strictest matching rule decides."""

OPERATORS: tuple[Operator, ...] = get_args(Operator)
LIST_OPERATORS: frozenset[Operator] = frozenset({"in", "not_in"})
ORDER_OPERATORS: frozenset[Operator] = frozenset({"lt", "lte", "gt", "gte"})

ANY = "*"
"""In a rule's agents or tools: every registered one."""

STARTER_PREFIX = "starter."
"""Rules of a starter policy carry ids that begin so; a workspace's own rules may not."""


def strictness(effect: Effect) -> int:
    """0 for allow, 1 for human, 2 for deny."""
    return EFFECTS.index(effect)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of one fact. The operand is a tuple for `in` and `not_in`, another fact's name for `same_as`."""

    fact: str
    operator: Operator
    operand: Operand

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.operand)) if isinstance(self.operand, tuple) else str(self.operand)
        return (
            f"{self.fact} {self.operator} [{shown}]"
            if isinstance(self.operand, tuple)
            else f"{self.fact} {self.operator} {shown}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Matches a call of its agents to its tools when every `when` holds and not every `unless` does.

    `require` says who must decide: present exactly for `human` (else ValueError). An empty `unless` exempts nothing.
    From `until` on an `allow` rule matches nothing any more. Where it matches, the rules that `instead_of` names are
    silent: an exception, which always has an end (else ValueError).
    """

    id: str
    effect: Effect
    agents: frozenset[str]
    tools: frozenset[str]
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    reason: str | None = None
    require: Requirement | None = None
    until: datetime | None = None
    instead_of: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.until is not None and self.effect != "allow":
            raise ValueError(f"rule {self.id}: `until` belongs to effect allow, and to no other")
        if self.instead_of and self.until is None:
            raise ValueError(f"rule {self.id}: an exception needs an end")
        if (self.require is not None) != (self.effect == "human"):
            raise ValueError(f"rule {self.id}: `require` belongs to effect human, and to no other")

    def concerns(self, agent: str, tool: str) -> bool:
        """True when the rule is about calls of `agent` to `tool`, whatever its conditions."""
        return not self.agents.isdisjoint((ANY, agent)) and not self.tools.isdisjoint((ANY, tool))


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What exists: agent ids, tools by name, role → ids of its people. Nothing else may act or be called."""

    agents: frozenset[str] = frozenset()
    tools: Mapping[str, ToolFacts] = field(default_factory=dict)
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All rules of one team, in any order, and what they are read against; hours and weekdays are in `timezone`."""

    rules: tuple[Rule, ...]
    registry: Registry
    timezone: str = "UTC"
