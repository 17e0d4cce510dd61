"""The shape of the policy: rules, their conditions, and who decides."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from agents.authority.facts import kind_of
from agents.authority.rules import EFFECTS, OPERATORS, Effect
from agents.authority.starters import STARTERS
from bot.workspace.entry import Entry, once, some
from bot.workspace.names import RoleName
from bot.workspace.values import Seconds, Text, found, matching, one_of, plain, scalar, whole, wrong

_DECIMAL = re.compile(r"[+-]?\d{1,15}\.\d{1,12}")


def _operand(value: object) -> str | int | bool | Decimal:
    """One scalar a condition compares with; a number with a point is an exact decimal."""
    allowed = "text, a number, true, false"
    node = scalar(value, allowed)
    if node.plain and _DECIMAL.fullmatch(node.text):
        return Decimal(node.text)
    read = plain(node)
    if read is None:
        raise wrong(found(node), allowed)
    return read


def _number_operand(value: object) -> int | Decimal:
    read = _operand(value)
    if isinstance(read, str | bool):
        raise wrong(found(value), "a number")
    return read


def _operands(value: object) -> tuple[str | int | bool | Decimal, ...]:
    allowed = "a list of texts, of numbers or of true and false"
    if not isinstance(value, list) or not value:
        raise wrong("found an empty list" if isinstance(value, list) else found(value), allowed)
    members = tuple(_operand(item) for item in value)
    if len({kind_of(member) for member in members}) > 1:
        raise wrong("found a mixed list", allowed)
    return members


Operand: TypeAlias = Annotated[object, BeforeValidator(_operand)]
NumberOperand: TypeAlias = Annotated[object, BeforeValidator(_number_operand)]
Operands: TypeAlias = Annotated[object, BeforeValidator(_operands)]
RuleId: TypeAlias = Annotated[
    str,
    BeforeValidator(
        matching(
            r"(?!starter\.)[A-Za-z0-9][\w.-]{0,63}", 'an id of letters, digits, . _ and -, not beginning "starter."'
        )
    ),
]


def _day(value: object) -> date:
    allowed = "a day like 2026-12-31, its end included"
    node = scalar(value, allowed)
    try:
        return date.fromisoformat(node.text)
    except ValueError:
        raise wrong(found(node), allowed) from None


Day: TypeAlias = Annotated[date, BeforeValidator(_day)]


def _effect(value: object) -> str:
    node = scalar(value, ", ".join(EFFECTS))
    if node.text == "peer":
        raise wrong('found "peer": review by another agent is not available', ", ".join(EFFECTS), "human")
    return one_of(EFFECTS)(value)


class RequireEntry(Entry):
    """Who decides, and in what time."""

    role: RoleName | None = None
    quorum: Annotated[int, BeforeValidator(whole(1, 20))] | None = None
    expires: Seconds | None = None
    execute_within: Seconds | None = None


class ConditionEntry(Entry):
    """What one fact must be; several operators must all hold."""

    eq: Operand = None
    ne: Operand = None
    in_: Operands = Field(default=None, alias="in")
    not_in: Operands = None
    lt: NumberOperand = None
    lte: NumberOperand = None
    gt: NumberOperand = None
    gte: NumberOperand = None
    same_as: Text | None = None

    @model_validator(mode="after")
    def _compares(self) -> Self:
        if not self.model_fields_set:
            raise wrong("found no operator", ", ".join(OPERATORS))
        return self


class RuleEntry(Entry):
    """One rule of the policy."""

    id: RuleId
    effect: Annotated[Effect, BeforeValidator(_effect)]
    agents: Annotated[tuple[Text, ...], AfterValidator(some)]
    tools: Annotated[tuple[Text, ...], AfterValidator(some)]
    when: dict[str, ConditionEntry] = Field(default_factory=dict)
    unless: dict[str, ConditionEntry] = Field(default_factory=dict)
    reason: Text | None = None
    require: RequireEntry | None = None
    until: Day | None = None
    instead_of: Annotated[tuple[Text, ...], AfterValidator(once)] = ()

    @model_validator(mode="after")
    def _exceptions_end(self) -> Self:
        if self.until is not None and self.effect != "allow":
            raise wrong(f"found until beside effect {self.effect}", "until beside effect allow")
        if self.instead_of and self.until is None:
            raise wrong("found instead_of without until", "an exception that ends: until, like 2026-12-31")
        return self

    @model_validator(mode="after")
    def _require_for_human(self) -> Self:
        if self.require is not None and self.effect != "human":
            raise wrong(f"found require beside effect {self.effect}", "require beside effect human")
        return self


class PolicyEntry(Entry):
    """The policy written out: a starter, rules, or both."""

    version: Annotated[Literal[1], BeforeValidator(whole(1, 1))] = 1
    starter: Annotated[str, BeforeValidator(one_of(STARTERS))] | None = None
    rules: tuple[object, ...] = ()
