"""What holds of every policy and call: unknown is stricter, rules only tighten, order means nothing, lint is true."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agents.authority.decide import Decision, decide
from agents.authority.facts import CallFacts, FactType, ToolFacts
from agents.authority.judge import Truth, judge_all
from agents.authority.lint import lint
from agents.authority.regions import regions_of
from agents.authority.rules import ANY, EFFECTS, Condition, Policy, Registry, Rule, strictness
from store.records import SYSTEM, Access, Actor, ActorKind, Requirement

ARGUMENTS = {"amount": FactType("number"), "to": FactType("text", ("a", "b", "c")), "urgent": FactType("flag")}
TOOLS = {
    "look": ToolFacts(name="look", access=Access.READ, arguments=ARGUMENTS),
    "change": ToolFacts(name="change", access=Access.WRITE, arguments=ARGUMENTS),
    "send": ToolFacts(name="send", access=Access.EGRESS, irreversible=True, arguments=ARGUMENTS),
}
ROLES = {"lead": frozenset({"ann", "ben", "cat"}), "owner": frozenset({"ann"})}
REGISTRY = Registry(agents=frozenset({"one", "two"}), tools=TOOLS, roles=ROLES)
START = datetime(2026, 3, 2, tzinfo=UTC)

NUMBERS = st.one_of(st.integers(-3, 12), st.sampled_from([Decimal("2.5"), Decimal("7.5")]))
TEXTS = st.sampled_from(["a", "b", "c"])


def comparing(fact: str, values: st.SearchStrategy[object], *, ordered: bool = False) -> st.SearchStrategy[Condition]:
    one = st.builds(Condition, st.just(fact), st.sampled_from(["eq", "ne"]), values)
    many = st.lists(values, min_size=1, max_size=3).map(tuple)
    listed = st.builds(Condition, st.just(fact), st.sampled_from(["in", "not_in"]), many)
    order = st.builds(Condition, st.just(fact), st.sampled_from(["lt", "lte", "gt", "gte"]), values)
    return st.one_of(one, listed, order) if ordered else st.one_of(one, listed)


CONDITIONS = st.one_of(
    comparing("args.amount", NUMBERS, ordered=True),
    comparing("args.to", TEXTS),
    comparing("args.urgent", st.booleans()),
    comparing("tainted", st.booleans()),
    comparing("env", TEXTS),
    comparing("tool.access", st.sampled_from(["read", "write", "egress"])),
    comparing("tool.irreversible", st.booleans()),
    comparing("initiator.kind", st.sampled_from(["person", "system", "agent"])),
    comparing("initiator.id", st.sampled_from(["ann", "quarterdeck"])),
    comparing("time.hour", st.integers(0, 23), ordered=True),
    comparing("time.weekday", st.sampled_from(["mon", "tue", "sun"])),
    comparing("budget.left_pct", st.integers(0, 100), ordered=True),
    comparing("counters.today", st.integers(0, 5), ordered=True),
    st.just(Condition("args.to", "same_as", "env")),
)
REQUIREMENTS = st.builds(
    Requirement,
    role=st.sampled_from(["lead", "lead", "owner"]),
    quorum=st.integers(1, 4),
    expires_seconds=st.integers(60, 300),
    execute_within_seconds=st.one_of(st.none(), st.integers(60, 300)),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    effect = draw(st.sampled_from(EFFECTS))
    return Rule(
        id=f"r{draw(st.integers(0, 10**6))}",
        effect=effect,
        agents=draw(st.sampled_from([frozenset({ANY}), frozenset({"one"}), frozenset({"two"})])),
        tools=draw(st.frozensets(st.sampled_from([ANY, *TOOLS]), min_size=1, max_size=2)),
        when=tuple(draw(st.lists(CONDITIONS, max_size=3))),
        unless=tuple(draw(st.lists(CONDITIONS, max_size=2))),
        require=draw(REQUIREMENTS) if effect == "human" else None,
    )


POLICIES = st.lists(rules(), max_size=6, unique_by=lambda rule: rule.id).map(
    lambda given_rules: Policy(rules=tuple(given_rules), registry=REGISTRY, timezone="Europe/London")
)
INITIATORS = st.sampled_from(
    [SYSTEM, *[Actor(kind=ActorKind.PERSON, id=who, surface="console") for who in ("ann", "ben", "eve")]]
)
CALLS = st.builds(
    CallFacts,
    agent=st.sampled_from(["one", "two"]),
    tool=st.sampled_from(list(TOOLS)),
    args=st.fixed_dictionaries({"amount": NUMBERS, "to": TEXTS, "urgent": st.booleans()}),
    initiator=INITIATORS,
    tainted=st.booleans(),
    at=st.integers(0, 24 * 14).map(lambda hours: START + timedelta(hours=hours)),
    env=TEXTS,
    budget_left_pct=st.integers(0, 100),
    counters=st.fixed_dictionaries({"today": st.integers(0, 5)}),
)
LOSSES = [
    {"args": ("amount", None)},
    {"args": ("amount", "7")},
    {"args": ("amount", math.nan)},
    {"args": ("amount", [7])},
    {"args": ("amount", True)},
    {"args": ("to", None)},
    {"args": ("to", 7)},
    {"args": ("to", {"a": "b"})},
    {"args": ("urgent", None)},
    {"args": ("urgent", "true")},
    {"args": ("urgent", 1)},
    {"initiator": None},
    {"tainted": None},
    {"tainted": "no"},
    {"tainted": 0},
    {"at": None},
    {"at": START.replace(tzinfo=None)},
    {"env": None},
    {"env": 3},
    {"budget_left_pct": None},
    {"budget_left_pct": "100"},
    {"budget_left_pct": math.inf},
    {"counters": {}},
    {"counters": {"today": "0"}},
    {"agent": "nobody"},
    {"agent": None},
    {"tool": "nothing"},
    {"tool": None},
]

often = settings(max_examples=200, deadline=None)


def without(call: CallFacts, loss: dict[str, object]) -> CallFacts:
    """The call with one fact lost or corrupted."""
    [(field, value)] = loss.items()
    if field != "args" or not isinstance(value, tuple):
        return replace(call, **{field: value})  # type: ignore[arg-type]  # wrong types are the point
    name, wrong = value
    kept = {key: one for key, one in call.args.items() if key != name}
    return replace(call, args=kept if wrong is None else {**kept, name: wrong})


def no_looser(after: Decision, before: Decision) -> bool:
    """True when `after` lets through no more than `before`."""
    if after.effect != before.effect:
        return strictness(after.effect) > strictness(before.effect)
    if after.require is None or before.require is None:
        return after.require == before.require
    one, two = after.require, before.require
    in_time = (one.execute_within_seconds or math.inf) <= (two.execute_within_seconds or math.inf)
    return one.role == two.role and one.quorum >= two.quorum and one.expires_seconds <= two.expires_seconds and in_time


@settings(max_examples=400, deadline=None)
@given(policy=POLICIES, call=CALLS, loss=st.sampled_from(LOSSES))
def test_losing_or_corrupting_any_one_fact_never_loosens(
    policy: Policy, call: CallFacts, loss: dict[str, object]
) -> None:
    assert no_looser(decide(policy, without(call, loss)), decide(policy, call))


@often
@given(policy=POLICIES, call=CALLS, more=rules())
def test_a_further_rule_never_loosens_what_a_rule_already_decided(policy: Policy, call: CallFacts, more: Rule) -> None:
    before = decide(policy, call)
    assume(before.rule_id is not None)
    assert no_looser(decide(replace(policy, rules=(*policy.rules, more)), call), before)


@often
@given(policy=POLICIES, call=CALLS, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_the_rules_means_nothing(policy: Policy, call: CallFacts, shuffled: object) -> None:
    turned = list(policy.rules)
    shuffled.shuffle(turned)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert decide(replace(policy, rules=tuple(turned)), call) == decide(policy, call)


@often
@given(policy=POLICIES, call=CALLS)
def test_without_a_rule_that_allows_or_asks_everything_is_refused(policy: Policy, call: CallFacts) -> None:
    strict = replace(policy, rules=tuple(rule for rule in policy.rules if rule.effect == "deny"))
    assert decide(strict, call).effect == "deny"
    assert decide(replace(policy, rules=()), call) == Decision(
        "deny", None, f"No rule lets {call.agent} call {call.tool} like this."
    )


@often
@given(policy=POLICIES, call=CALLS)
def test_a_decision_names_who_decides_exactly_when_a_person_must(policy: Policy, call: CallFacts) -> None:
    decision = decide(policy, call)
    assert (decision.require is not None) == (decision.effect == "human")
    assert decision.reason
    assert decision.rule_id is None or decision.rule_id in {rule.id for rule in policy.rules}


@often
@given(policy=POLICIES, call=CALLS)
def test_a_rule_that_matches_lies_in_its_region(policy: Policy, call: CallFacts) -> None:
    for verdict in judge_all(policy, call):
        if verdict.truth is Truth.YES:
            region = regions_of(verdict.rule, REGISTRY)[call.tool]
            assert call.agent in region.agents
            assert region.box.contradiction is None


@settings(max_examples=300, deadline=None)
@given(policy=POLICIES, call=CALLS)
def test_a_rule_that_lint_calls_idle_can_be_left_out(policy: Policy, call: CallFacts) -> None:
    idle = [one.rule_id for one in lint(policy) if one.message.startswith(("never decides", "can never match"))]
    for rule_id in idle:
        rest = tuple(rule for rule in policy.rules if rule.id != rule_id)
        assert decide(replace(policy, rules=rest), call).effect == decide(policy, call).effect


@often
@given(one=rules(), two=rules(), call=CALLS)
def test_human_rules_that_lint_lets_pass_never_clash_over_roles(one: Rule, two: Rule, call: CallFacts) -> None:
    assume(one.id != two.id)
    policy = Policy(rules=(one, two), registry=REGISTRY)
    clashes = "ask different roles" in decide(policy, call).reason
    assert not clashes or any(found.message.startswith("asks another role") for found in lint(policy))
