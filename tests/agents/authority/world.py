"""A small registry and short ways to write rules and calls."""

from datetime import UTC, datetime

from agents.authority.facts import CallFacts, FactType, ToolFacts
from agents.authority.rules import Condition, Effect, Operand, Operator, Policy, Registry, Rule
from store.records import SYSTEM, Access, Actor, ActorKind, Requirement

REGISTRY = Registry(
    agents=frozenset({"support", "finance", "chief"}),
    tools={
        "kb.read": ToolFacts(name="kb.read", access=Access.READ, arguments={"topic": FactType("text")}),
        "refund.create": ToolFacts(
            name="refund.create",
            access=Access.WRITE,
            irreversible=True,
            arguments={
                "amount": FactType("number"),
                "currency": FactType("text", ("GBP", "EUR")),
                "urgent": FactType("flag"),
            },
        ),
        "email.send": ToolFacts(name="email.send", access=Access.EGRESS, arguments={"to": FactType("text")}),
        "plugin.call": ToolFacts(name="plugin.call", access=Access.WRITE, arguments=None),
        "metrics.record": ToolFacts(name="metrics.record", access=Access.WRITE, arguments={}),
    },
    roles={"lead": frozenset({"ann", "ben"}), "owner": frozenset({"ann"}), "finance-team": frozenset({"cat", "dan"})},
)
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
LEAD = Requirement(role="lead", quorum=1, expires_seconds=3600)


def person(who: str) -> Actor:
    return Actor(kind=ActorKind.PERSON, id=who, surface="console")


def when(fact: str, operator: Operator, operand: Operand) -> Condition:
    return Condition(fact, operator, operand)


def rule(
    name: str,
    effect: Effect,
    *conditions: Condition,
    agents: tuple[str, ...] = ("support",),
    tools: tuple[str, ...] = ("refund.create",),
    unless: tuple[Condition, ...] = (),
    require: Requirement = LEAD,
) -> Rule:
    return Rule(
        id=name,
        effect=effect,
        agents=frozenset(agents),
        tools=frozenset(tools),
        when=conditions,
        unless=unless,
        require=require if effect == "human" else None,
    )


def policy(*rules: Rule, timezone: str = "UTC") -> Policy:
    return Policy(rules=rules, registry=REGISTRY, timezone=timezone)


def call(
    tool: str = "refund.create",
    agent: str = "support",
    *,
    initiator: Actor | None = SYSTEM,
    tainted: bool | None = False,
    at: datetime | None = NOON,
    **args: object,
) -> CallFacts:
    return CallFacts(agent=agent, tool=tool, args=args, initiator=initiator, tainted=tainted, at=at)
