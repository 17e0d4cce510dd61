"""What is wrong with one rule on its own: names that match nothing, misread facts, unreachable quorums, no cap."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from agents.authority.facts import ARGUMENT_PREFIX, COUNTER_PREFIX, FACTS, FactType, Scalar, fact_type, kind_of
from agents.authority.findings import Finding, listed, nearest
from agents.authority.regions import Constraint, Region, box_of
from agents.authority.rules import ANY, ORDER_OPERATORS, STARTER_PREFIX, Condition, Policy, Rule

_WORDS = {"text": "text", "number": "a number", "flag": "true, false", "any": "any value"}


def about_rule(policy: Policy, rule: Rule, regions: Mapping[str, Region]) -> Iterator[Finding]:
    """All findings about a rule that need no other rule. `regions` are the rule's own, by tool."""
    misnamed = [*_unknown_names(policy, rule), *_misread_facts(policy, rule, regions)]
    yield from misnamed
    yield from quorum(policy, rule)
    yield from _uncapped(policy, rule, regions)
    yield from _exception(policy, rule)
    impossible = box_of(rule.when).contradiction
    if impossible is not None:
        text = f"can never match: no value of {impossible} meets its conditions"
        yield Finding(rule_id=rule.id, message=text, location=("when",))
    elif not regions and not misnamed:
        text = "can never match: no tool it names meets its conditions"
        yield Finding(rule_id=rule.id, message=text, severity="warning")


def quorum(policy: Policy, rule: Rule) -> Iterator[Finding]:
    """An error when too few people have the role; a warning when all who have it must agree."""
    if rule.require is None:
        return
    role, needed = rule.require.role, rule.require.quorum
    people = policy.registry.roles.get(role, frozenset())
    if len(people) < needed:
        text = f"needs {needed} with the role {role} to decide, and there are {len(people)}"
        known = sorted(policy.registry.roles)
        yield Finding(rule_id=rule.id, message=text, location=("require",), allowed=f"roles: {listed(known)}")
    elif len(people) == needed:
        who = "the only one" if needed == 1 else f"all {needed}"
        text = f"{who} with the role {role} must decide: what they themselves ask for, nobody can approve"
        yield Finding(rule_id=rule.id, message=text, severity="warning", location=("require",))


def _unknown_names(policy: Policy, rule: Rule) -> Iterator[Finding]:
    known = (("agents", rule.agents, policy.registry.agents), ("tools", rule.tools, frozenset(policy.registry.tools)))
    for part, names, exist in known:
        for name in sorted(names - exist - {ANY}):
            yield Finding(
                rule_id=rule.id,
                message=f'unknown {part.removesuffix("s")} "{name}"',
                location=(part, name),
                allowed=listed([*sorted(exist), ANY]),
                nearest=nearest(name, exist),
            )


def _misread_facts(policy: Policy, rule: Rule, regions: Mapping[str, Region]) -> Iterator[Finding]:
    tools = sorted(regions) or sorted(rule.tools & policy.registry.tools.keys())
    for part, conditions in (("when", rule.when), ("unless", rule.unless)):
        for condition in conditions:
            finding = _misread(policy, rule, tools, condition)
            if finding is not None:
                yield replace(finding, location=(part, *finding.location))


def _misread(policy: Policy, rule: Rule, tools: list[str], condition: Condition) -> Finding | None:
    names = [condition.fact, *([str(condition.operand)] if condition.operator == "same_as" else [])]
    unknown = next((found for name in names if (found := _unknown_fact(policy, rule, tools, name)) is not None), None)
    if unknown is not None:
        return replace(unknown, location=(condition.fact,))
    types = [one for tool in tools if (one := fact_type(condition.fact, policy.registry.tools[tool])) is not None]
    misfit = next((one for one in types if _unfit(condition, one) is not None), None)
    if misfit is None:
        return None
    return Finding(
        rule_id=rule.id,
        message=_unfit(condition, misfit) or "",
        location=(condition.fact, condition.operator),
        allowed=_WORDS[misfit.kind] if misfit.choices is None else listed(misfit.choices),
    )


def _unknown_fact(policy: Policy, rule: Rule, tools: list[str], name: str) -> Finding | None:
    if name in FACTS or (name.startswith(COUNTER_PREFIX) and name != COUNTER_PREFIX):
        return None
    if not name.startswith(ARGUMENT_PREFIX):
        known = [*FACTS, "args.NAME", "counters.NAME"]
        text = f'unknown fact "{name}"'
        return Finding(rule_id=rule.id, message=text, allowed=listed(known), nearest=nearest(name, known))
    lacking = next((tool for tool in tools if fact_type(name, policy.registry.tools[tool]) is None), None)
    if lacking is None:
        return None
    arguments = {
        argument: f"{ARGUMENT_PREFIX}{argument}" for argument in policy.registry.tools[lacking].arguments or {}
    }
    argument = name.removeprefix(ARGUMENT_PREFIX)
    return Finding(
        rule_id=rule.id,
        message=f'tool {lacking} has no argument "{argument}"',
        allowed=listed(sorted(arguments.values())),
        nearest=arguments.get(nearest(argument, arguments) or ""),
    )


def _unfit(condition: Condition, known: FactType) -> str | None:
    """Why the operator or operand can never fit the fact's type; None when it can."""
    if known.kind == "any" or condition.operator == "same_as":
        return None
    if condition.operator in ORDER_OPERATORS and known.kind != "number":
        return f"{condition.fact} has no order, so {condition.operator} never holds"
    operands = condition.operand if isinstance(condition.operand, tuple) else (condition.operand,)
    wrong = next((operand for operand in operands if not _fits(operand, known)), None)
    return None if wrong is None else f"{condition.fact} is never {wrong!r}"


def _fits(operand: Scalar, known: FactType) -> bool:
    return kind_of(operand) == known.kind and (known.choices is None or operand in known.choices)


def _exception(policy: Policy, rule: Rule) -> Iterator[Finding]:
    """An exception says exactly for whom, for what and in place of which rule; never of the team's own deny."""
    if not rule.instead_of:
        return
    known = {one.id: one for one in policy.rules}
    for name in sorted(rule.instead_of):
        text = _not_replaced(name, known.get(name))
        if text is not None:
            near = nearest(name, known)
            yield Finding(rule_id=rule.id, message=text, location=("instead_of", name), nearest=near)
    if ANY in rule.agents | rule.tools:
        text = "is an exception for every agent or tool"
        yield Finding(rule_id=rule.id, message=text, location=("agents",), allowed="the names of those it is for")
    if not any(condition.fact.startswith(ARGUMENT_PREFIX) for condition in rule.when):
        text = "is an exception that bounds no argument"
        yield Finding(rule_id=rule.id, message=text, severity="warning", location=("when",))


def _not_replaced(name: str, other: Rule | None) -> str | None:
    """Why an exception cannot stand in place of a rule; None when it can."""
    if other is None:
        return f'unknown rule "{name}"'
    if other.effect == "allow":
        return f"{name} allows already, so nothing can stand in its place"
    if other.effect == "deny" and not name.startswith(STARTER_PREFIX):
        return f"{name} is the team's own refusal; change that rule itself"
    return None


def _uncapped(policy: Policy, rule: Rule, regions: Mapping[str, Region]) -> Iterator[Finding]:
    if rule.effect != "allow":
        return
    irreversible = [tool for tool in regions if policy.registry.tools[tool].irreversible]
    bare = next((tool for tool in irreversible if not any(map(_caps, regions[tool].box.facts.items()))), None)
    if bare is not None:
        text = f"allows {bare}, which cannot be undone, without any cap"
        instead = "effect human, or lte on an argument or counter"
        yield Finding(rule_id=rule.id, message=text, severity="warning", allowed=instead)


def _caps(fact: tuple[str, Constraint]) -> bool:
    name, constraint = fact
    bounded = constraint.high is not None or constraint.allowed is not None
    return bounded and name.startswith((ARGUMENT_PREFIX, COUNTER_PREFIX))
