"""What is wrong between rules: one that hides another, two that ask different people, numbers nobody speaks about."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TypeAlias

from agents.authority.facts import ARGUMENT_PREFIX, COUNTER_PREFIX, Scalar
from agents.authority.findings import Finding
from agents.authority.regions import Box, Constraint, Region, box_of
from agents.authority.rules import STARTER_PREFIX, Policy, Rule, strictness

Regions: TypeAlias = Mapping[str, Mapping[str, Region]]
"""Rule id → tool → region."""


def between_rules(policy: Policy, regions: Regions) -> Iterator[Finding]:
    """All findings that take two rules to see; each is about one of the workspace's own rules."""
    own = [rule for rule in policy.rules if not rule.id.startswith(STARTER_PREFIX)]
    yield from _hidden(policy, own, regions)
    yield from _collisions(policy, regions)
    yield from _gaps(own, {name: _possible(by_tool) for name, by_tool in regions.items()})


def _possible(by_tool: Mapping[str, Region]) -> dict[str, Region]:
    """The regions a call can lie in: a rule that contradicts itself speaks about nothing."""
    return {tool: region for tool, region in by_tool.items() if region.box.contradiction is None}


def _hidden(policy: Policy, own: list[Rule], regions: Regions) -> Iterator[Finding]:
    """Rules that never decide anything, because another one matches all they match and is at least as strict."""
    for rule in own:
        if not regions[rule.id] or box_of(rule.when).contradiction is not None:
            continue
        hiding = next((other for other in policy.rules if _makes_idle(other, rule, regions)), None)
        if hiding is not None:
            text = f"never decides: {hiding.id} ({hiding.effect}) matches every call it matches"
            yield Finding(rule_id=rule.id, message=text, severity="warning")


def _makes_idle(other: Rule, rule: Rule, regions: Regions) -> bool:
    if other is rule or other.id in rule.instead_of or strictness(other.effect) < strictness(rule.effect):
        return False
    if not _hides(regions[other.id], regions[rule.id]):
        return False
    if other.effect != rule.effect:
        return True
    alike = _hides(regions[rule.id], regions[other.id])
    return other.require == rule.require and (not alike or other.id < rule.id)


def _hides(wide: Mapping[str, Region], narrow: Mapping[str, Region]) -> bool:
    return all(tool in wide and wide[tool].hides(region) for tool, region in narrow.items())


def _collisions(policy: Policy, regions: Regions) -> Iterator[Finding]:
    """Human rules that ask different roles about one call, which is then refused."""
    asking = [(rule, rule.require.role) for rule in policy.rules if rule.require is not None]
    for (one, role), (two, other_role) in combinations(asking, 2):
        example = None if role == other_role else _common_call(one, two, regions)
        if example is not None:
            blamed, other = (one, two) if two.id.startswith(STARTER_PREFIX) else (two, one)
            text = f"asks another role than {other.id} about the same call ({example}), which is refused"
            yield Finding(rule_id=blamed.id, message=text)


def _common_call(one: Rule, two: Rule, regions: Regions) -> str | None:
    """A call both may match, in words; None when there is none."""
    for tool in sorted(regions[one.id].keys() & regions[two.id].keys()):
        common = regions[one.id][tool].overlap(regions[two.id][tool])
        if common is not None:
            return _example(common[0], tool, common[1])
    return None


def _example(agent: str, tool: str, box: Box) -> str:
    values = {name: constraint.example() for name, constraint in box.facts.items()}
    given = [f"{name} = {value}" for name, value in values.items() if value is not None]
    return ", ".join([f"{agent} calling {tool}", *given])


def _gaps(own: list[Rule], regions: Regions) -> Iterator[Finding]:
    """Numbers between the ranges of two rules no rule speaks about: such a call is refused, perhaps by oversight."""
    seen: set[tuple[str, str]] = set()
    for rule, tool, name, gap in _gaps_above(own, regions):
        if (tool, f"{name} {gap}") not in seen:
            seen.add((tool, f"{name} {gap}"))
            text = f"leaves a gap: no rule speaks about {tool} with {name} = {gap}, which is refused"
            yield Finding(rule_id=rule.id, message=text, severity="warning")


def _gaps_above(own: list[Rule], regions: Regions) -> Iterator[tuple[Rule, str, str, Scalar]]:
    for rule in own:
        for tool, region in regions[rule.id].items():
            for name, constraint in region.box.facts.items():
                gap = _gap_above(constraint, name, _neighbours(tool, region, regions))
                if gap is not None and name.startswith((ARGUMENT_PREFIX, COUNTER_PREFIX)):
                    yield rule, tool, name, gap


def _neighbours(tool: str, region: Region, regions: Regions) -> list[Region]:
    """The regions of all rules for the tool that share an agent with this one."""
    return [one[tool] for one in regions.values() if tool in one and one[tool].agents & region.agents]


def _gap_above(constraint: Constraint, name: str, neighbours: list[Region]) -> Scalar | None:
    """A number just above the constraint that no neighbour takes, though one takes numbers further up."""
    if constraint.high is None:
        return None
    ranges = [one.box.facts.get(name, Constraint()) for one in neighbours]
    starts = [(one.low, one.low_open) for one in ranges if one.low is not None and one.low >= constraint.high]
    if not starts:
        return None
    low, low_open = min(starts)
    between = Constraint(constraint.high, not constraint.high_open, low, not low_open)
    gap = None if between.is_empty else between.example()
    return None if gap is None or any(one.admits(gap) for one in ranges) else gap
