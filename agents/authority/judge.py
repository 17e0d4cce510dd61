"""What one rule says of one call: it matches, it does not, or that cannot be told."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeAlias

from agents.authority.facts import CallFacts, Scalar, kind_of, normal, read_fact
from agents.authority.rules import LIST_OPERATORS, ORDER_OPERATORS, Condition, Operator, Policy, Rule

_SHOWN_CHARACTERS = 40

Facts: TypeAlias = Callable[[str], Scalar | None]


class Truth(Enum):
    """Whether something holds; UNKNOWN when a fact it needs is missing or of another type."""

    NO = 0
    UNKNOWN = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Because:
    """The condition that settled a rule, and the value found, cut short; `found` is None when there was none."""

    condition: Condition
    found: str | None
    exempts: bool = False

    def __str__(self) -> str:
        found = "is not known" if self.found is None else f"is {self.found}"
        return f"{self.condition.fact} {found}; {'exempt when' if self.exempts else 'needs'} {self.condition}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one call. `because` is what kept the rule from matching; None if it matches."""

    rule: Rule
    truth: Truth
    because: Because | None = None


def judge_all(policy: Policy, call: CallFacts) -> tuple[Verdict, ...]:
    """What each rule about this agent and tool says, by rule id. The agent and tool must be registered (KeyError)."""
    tool = policy.registry.tools[call.tool]
    concerned = sorted(
        (rule for rule in policy.rules if rule.concerns(call.agent, call.tool)), key=lambda rule: rule.id
    )
    facts = cache(lambda name: read_fact(call, tool, policy.timezone, name))
    return tuple(_over(rule, call.at) or _judge(rule, facts) for rule in concerned)


def _over(rule: Rule, at: datetime | None) -> Verdict | None:
    """The verdict on a rule whose time is over, or of which that cannot be told; None for any other."""
    if rule.until is None or (at is not None and at < rule.until):
        return None
    end = Condition("time", "lt", rule.until.isoformat(timespec="minutes"))
    return Verdict(rule, Truth.NO, Because(end, None if at is None else at.isoformat(timespec="minutes")))


def _judge(rule: Rule, facts: Facts) -> Verdict:
    when, blocking = _all_hold(rule.when, facts)
    if when is Truth.NO:
        return Verdict(rule, Truth.NO, blocking)
    exempt, _ = _all_hold(rule.unless, facts) if rule.unless else (Truth.NO, None)
    if exempt is Truth.YES:
        last = rule.unless[-1]
        return Verdict(rule, Truth.NO, Because(last, _shown(facts(last.fact)), exempts=True))
    if when is Truth.UNKNOWN:
        return Verdict(rule, Truth.UNKNOWN, blocking)
    return Verdict(rule, Truth.YES) if exempt is Truth.NO else Verdict(rule, Truth.UNKNOWN, _first_unknown(rule, facts))


def _first_unknown(rule: Rule, facts: Facts) -> Because:
    unknown = next(condition for condition in rule.unless if _test(condition, facts) is Truth.UNKNOWN)
    return Because(unknown, _shown(facts(unknown.fact)), exempts=True)


def _all_hold(conditions: Iterable[Condition], facts: Facts) -> tuple[Truth, Because | None]:
    """Whether all hold, and the condition that decides it. One that fails settles it, however many are unknown."""
    result, because = Truth.YES, None
    for condition in conditions:
        truth = _test(condition, facts)
        if truth.value < result.value:
            result, because = truth, Because(condition, _shown(facts(condition.fact)))
    return result, because


_COMPARE: Mapping[Operator, Callable[[Any, Any], bool]] = {
    "eq": lambda value, operand: value == operand,
    "same_as": lambda value, operand: value == operand,
    "ne": lambda value, operand: value != operand,
    "in": lambda value, operand: value in operand,
    "not_in": lambda value, operand: value not in operand,
    "lt": lambda value, operand: value < operand,
    "lte": lambda value, operand: value <= operand,
    "gt": lambda value, operand: value > operand,
    "gte": lambda value, operand: value >= operand,
}


def _test(condition: Condition, facts: Facts) -> Truth:
    value, operand = facts(condition.fact), _operand(condition, facts)
    if value is None or not operand or any(kind_of(one) != kind_of(value) for one in operand):
        return Truth.UNKNOWN
    if condition.operator in ORDER_OPERATORS and kind_of(value) != "number":
        return Truth.UNKNOWN
    against: object = operand if condition.operator in LIST_OPERATORS else operand[0]
    return Truth.YES if _COMPARE[condition.operator](value, against) else Truth.NO


def _operand(condition: Condition, facts: Facts) -> tuple[Scalar, ...]:
    """The operand as a tuple; empty when it is another fact that is not known."""
    if condition.operator == "same_as":
        other = facts(str(condition.operand))
        return () if other is None else (other,)
    operand = condition.operand if isinstance(condition.operand, tuple) else (condition.operand,)
    return tuple(normal(one) for one in operand)


def _shown(value: Scalar | None) -> str | None:
    """The value for a sentence: numbers as they are, text quoted with what cannot be printed escaped, cut short."""
    if value is None or isinstance(value, bool | int | float | Decimal):
        return None if value is None else str(value).lower()
    return repr(value) if len(value) <= _SHOWN_CHARACTERS else repr(value[:_SHOWN_CHARACTERS]) + "…"
