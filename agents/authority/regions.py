"""Rules as boxes: which calls a rule can match, exactly enough to find rules that collide, hide or leave gaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce

from agents.authority.facts import Scalar, ToolFacts, kind_of
from agents.authority.rules import ANY, Condition, Registry, Rule


@dataclass(frozen=True, slots=True)
class Constraint:
    """The values of one fact that are let through: bounds (None is unbounded), a closed list, and exceptions."""

    low: Decimal | None = None
    low_open: bool = False
    high: Decimal | None = None
    high_open: bool = False
    allowed: frozenset[Scalar] | None = None
    denied: frozenset[Scalar] = field(default=frozenset())

    def admits(self, value: Scalar) -> bool:
        """True when the value passes."""
        if value in self.denied or (self.allowed is not None and value not in self.allowed):
            return False
        return self.low is None and self.high is None if kind_of(value) != "number" else self._within(number(value))

    def _within(self, value: Decimal) -> bool:
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        below = self.high is None or value < self.high or (value == self.high and not self.high_open)
        return above and below

    @property
    def is_empty(self) -> bool:
        """True when no value passes."""
        if self.allowed is not None:
            return not any(self.admits(value) for value in self.allowed)
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not self.admits(self.low))

    def holds_all_of(self, other: "Constraint") -> bool:
        """True when every value that passes `other` passes here; may say False for equal sets written differently."""
        if other.allowed is not None:
            return all(self.admits(value) for value in other.allowed if other.admits(value))
        if self.allowed is not None or not self._bounds_hold(other):
            return False
        return all(value in other.denied or not other.admits(value) for value in self.denied)

    def _bounds_hold(self, other: "Constraint") -> bool:
        return _lowest(self, other) == (other.low, other.low_open) and _highest(self, other) == (
            other.high,
            other.high_open,
        )

    def meet(self, other: "Constraint") -> "Constraint":
        """The values that pass both."""
        low, low_open = _lowest(self, other)
        high, high_open = _highest(self, other)
        lists = [one.allowed for one in (self, other) if one.allowed is not None]
        allowed = reduce(frozenset.intersection, lists) if lists else None
        return Constraint(low, low_open, high, high_open, allowed, self.denied | other.denied)

    def example(self) -> Scalar | None:
        """A value that passes, whole where there is one; None when any would do or none is easily found."""
        if self.allowed is not None:
            return next((value for value in sorted(self.allowed, key=str) if self.admits(value)), None)
        return next((value for value in self._candidates() if self.admits(value)), None)

    def _candidates(self) -> Iterable[Scalar]:
        if self.low is not None and self.high is not None:
            return (self.high, self.low + 1, self.high - 1, (self.low + self.high) / 2, self.low)
        if self.low is not None:
            return (self.low + 1, self.low)
        return (self.high, self.high - 1) if self.high is not None else ()


def number(value: Scalar) -> Decimal:
    """The number as an exact decimal."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _lowest(one: Constraint, two: Constraint) -> tuple[Decimal | None, bool]:
    """The tighter of two lower bounds."""
    if one.low is None or two.low is None:
        return (two.low, two.low_open) if one.low is None else (one.low, one.low_open)
    return max((one.low, one.low_open), (two.low, two.low_open))


def _highest(one: Constraint, two: Constraint) -> tuple[Decimal | None, bool]:
    """The tighter of two upper bounds."""
    if one.high is None or two.high is None:
        return (two.high, two.high_open) if one.high is None else (one.high, one.high_open)
    high, closed = min((one.high, not one.high_open), (two.high, not two.high_open))
    return high, not closed


@dataclass(frozen=True, slots=True)
class Box:
    """A conjunction of conditions: a constraint per fact, and comparisons of two facts, which stay as they are."""

    facts: Mapping[str, Constraint]
    links: frozenset[Condition] = frozenset()

    @property
    def contradiction(self) -> str | None:
        """The fact no value of which passes; None when the box can be met."""
        return next((name for name, constraint in self.facts.items() if constraint.is_empty), None)

    def holds_all_of(self, other: "Box") -> bool:
        """True when whatever is in `other` is in here."""
        free = Constraint()
        inside = all(constraint.holds_all_of(other.facts.get(name, free)) for name, constraint in self.facts.items())
        return inside and self.links <= other.links

    def meet(self, other: "Box") -> "Box":
        """What is in both."""
        free = Constraint()
        names = self.facts.keys() | other.facts.keys()
        facts = {name: self.facts.get(name, free).meet(other.facts.get(name, free)) for name in sorted(names)}
        return Box(facts, self.links | other.links)


def box_of(conditions: Iterable[Condition]) -> Box:
    """The box of the calls that meet all the conditions."""
    facts: dict[str, Constraint] = {}
    links: set[Condition] = set()
    for condition in conditions:
        if condition.operator == "same_as":
            links.add(condition)
        else:
            facts[condition.fact] = facts.get(condition.fact, Constraint()).meet(_constraint(condition))
    return Box(facts, frozenset(links))


def _constraint(condition: Condition) -> Constraint:
    operand = condition.operand
    if isinstance(operand, tuple):
        values = frozenset(operand)
        return Constraint(allowed=values) if condition.operator == "in" else Constraint(denied=values)
    match condition.operator:
        case "eq":
            return Constraint(allowed=frozenset({operand}))
        case "ne":
            return Constraint(denied=frozenset({operand}))
        case "lt" | "lte":
            return Constraint(high=number(operand), high_open=condition.operator == "lt")
        case _:
            return Constraint(low=number(operand), low_open=condition.operator == "gt")


@dataclass(frozen=True, slots=True)
class Region:
    """The calls of one tool a rule can match: by its agents, inside `box`, outside `exempt` (None exempts nothing)."""

    agents: frozenset[str]
    box: Box
    exempt: Box | None

    def hides(self, other: "Region") -> bool:
        """True when every call `other` can match is surely matched here too."""
        if not self.agents >= other.agents or not self.box.holds_all_of(other.box):
            return False
        return self.exempt is None or _exempts_nothing_of(self.exempt, other)

    def overlap(self, other: "Region") -> tuple[str, Box] | None:
        """An agent, and the box, for which both may match; None when they surely never do."""
        agents, box = self.agents & other.agents, self.box.meet(other.box)
        if not agents or box.contradiction is not None:
            return None
        exempting = [one.exempt for one in (self, other) if one.exempt is not None]
        return None if any(exempt.holds_all_of(box) for exempt in exempting) else (min(agents), box)


def _exempts_nothing_of(exempt: Box, other: Region) -> bool:
    if not exempt.links and exempt.meet(other.box).contradiction is not None:
        return True
    return other.exempt is not None and other.exempt.holds_all_of(exempt)


def regions_of(rule: Rule, registry: Registry) -> Mapping[str, Region]:
    """Tool name → the rule's region there. Tools it can never match, by what is fixed for them, are left out."""
    agents = registry.agents if ANY in rule.agents else rule.agents & registry.agents
    tools = registry.tools.keys() if ANY in rule.tools else rule.tools & registry.tools.keys()
    regions = {name: _region(rule, agents, registry.tools[name]) for name in sorted(tools)}
    return {name: region for name, region in regions.items() if region is not None and region.agents}


def _region(rule: Rule, agents: frozenset[str], tool: ToolFacts) -> Region | None:
    when, unless = _left_open(rule.when, tool), _left_open(rule.unless, tool)
    if when is None or (rule.unless and unless == ()):
        return None
    return Region(agents, box_of(when), box_of(unless) if unless else None)


def _left_open(conditions: tuple[Condition, ...], tool: ToolFacts) -> tuple[Condition, ...] | None:
    """The conditions not settled by what is fixed for the tool; None when one of them is settled as not met."""
    fixed: Mapping[str, Scalar] = {
        "tool": tool.name,
        "tool.access": tool.access.value,
        "tool.irreversible": tool.irreversible,
    }
    settled = [one for one in conditions if one.fact in fixed and one.operator != "same_as"]
    if not all(_constraint(one).admits(fixed[one.fact]) for one in settled):
        return None
    return tuple(one for one in conditions if one not in settled)
