"""Turns the policy as written into the engine's rules, and the engine's findings into problems at exact places."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.authority.findings import Finding
from agents.authority.lint import lint
from agents.authority.rules import OPERATORS, Condition, Policy, Registry, Rule
from agents.authority.starters import starter_rules
from bot.workspace import nodes
from bot.workspace.drafts import Draft, Placed
from bot.workspace.nodes import ListNode, ScalarNode
from bot.workspace.policy_schema import ConditionEntry, RequireEntry, RuleEntry
from bot.workspace.problems import Problem, problem_at
from store.records import Requirement

DEFAULT_REQUIREMENT = Requirement(role="approver", quorum=1, expires_seconds=24 * 3600, execute_within_seconds=3600)


def requirement(entry: RequireEntry | None, default: Requirement = DEFAULT_REQUIREMENT) -> Requirement:
    """Who decides, with what is left out taken from the default."""
    if entry is None:
        return default
    return Requirement(
        role=entry.role or default.role,
        quorum=entry.quorum or default.quorum,
        expires_seconds=entry.expires or default.expires_seconds,
        execute_within_seconds=entry.execute_within or default.execute_within_seconds,
    )


def policy_of(draft: Draft) -> Policy:
    """The policy of all rules that could be read, over everything that is declared."""
    default = requirement(draft.approvals)
    starter = draft.policy.starter if draft.policy is not None else None
    given = starter_rules(starter, default) if starter is not None else ()
    timezone = draft.team.timezone if draft.team is not None else "UTC"
    own = tuple(_rule(placed.rule, default, timezone) for placed in draft.rules)
    return Policy(rules=(*given, *own), registry=_registry(draft), timezone=timezone)


def _registry(draft: Draft) -> Registry:
    roles = {
        role: frozenset(who for who, person in draft.people.items() if role in person.roles)
        for role in draft.names.roles or ()
    }
    return Registry(agents=frozenset(draft.names.agents), tools=draft.names.tools, roles=roles)


def _rule(entry: RuleEntry, default: Requirement, timezone: str) -> Rule:
    return Rule(
        id=entry.id,
        effect=entry.effect,
        agents=frozenset(entry.agents),
        tools=frozenset(entry.tools),
        when=_conditions(entry.when),
        unless=_conditions(entry.unless),
        reason=entry.reason,
        require=requirement(entry.require, default) if entry.effect == "human" else None,
        until=None if entry.until is None else _end_of(entry.until, timezone),
        instead_of=frozenset(entry.instead_of),
    )


def _end_of(day: date, timezone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone))


def _conditions(entries: Mapping[str, ConditionEntry]) -> tuple[Condition, ...]:
    return tuple(
        Condition(fact, operator, value)
        for fact, entry in entries.items()
        for operator in OPERATORS
        if (value := getattr(entry, "in_" if operator == "in" else operator)) is not None
    )


def policy_problems(draft: Draft) -> list[Problem]:
    """What the engine's lint finds: quorums only when all people could be read, warnings only when all rules could."""
    policy = policy_of(draft)
    placed = {one.rule.id: one for one in draft.rules}
    problems = _repeated_ids(draft)
    for finding in lint(policy):
        if _can_be_said(draft, finding):
            problems.append(_problem(draft, placed.get(finding.rule_id), finding))
    return problems


def _can_be_said(draft: Draft, finding: Finding) -> bool:
    """False for what may only follow from another mistake in the file."""
    if finding.location[:1] == ("require",) and not draft.people_complete:
        return False
    if finding.location[:1] == ("agents",) and not draft.names.agents:
        return False
    return finding.severity == "error" or draft.rules_complete


def _repeated_ids(draft: Draft) -> list[Problem]:
    seen: dict[str, Placed] = {}
    problems = []
    for placed in draft.rules:
        first = seen.setdefault(placed.rule.id, placed)
        if first is not placed:
            text = f'the rule id "{placed.rule.id}" is used again; it was first given in line {first.entry.place.line}'
            problems.append(problem_at(nodes.follow(placed.entry, ("id",)).place, text))
    return problems


def _problem(draft: Draft, placed: Placed | None, finding: Finding) -> Problem:
    place = _starter_place(draft) if placed is None else _within(placed.entry, finding).place
    whose = "" if placed is None else f'rule "{finding.rule_id}": '
    return problem_at(
        place, whose + finding.message, allowed=finding.allowed, nearest=finding.nearest, severity=finding.severity
    )


def _within(entry: nodes.Entry, finding: Finding) -> nodes.Entry:
    """The part of the rule the finding is about; a name in a list is found by its text."""
    part = nodes.follow(entry, finding.location[:1])
    if not isinstance(part.value, ListNode):
        return nodes.follow(entry, finding.location)
    named = (item for item in part.value.items if isinstance(item, ScalarNode) and item.text == finding.location[-1])
    return next((nodes.Entry(part.key, item.place, item) for item in named), part)


def _starter_place(draft: Draft) -> nodes.Place:
    return draft.place("approvals" if draft.top.entry("approvals") else "policy")
