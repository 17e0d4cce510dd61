"""Lint finds each kind of mistake in a policy, and is silent about one that is right."""

from dataclasses import replace

import pytest

from agents.authority.decide import decide
from agents.authority.facts import argument_types
from agents.authority.findings import Finding
from agents.authority.lint import lint
from agents.authority.rules import Condition, Policy, Rule
from agents.authority.starters import starter_rules
from store.records import Requirement
from tests.agents.authority.world import LEAD, REGISTRY, call, policy, rule, when

TWO = Requirement(role="lead", quorum=2, expires_seconds=60)
SMALL = rule("small", "allow", when("args.amount", "lte", 50))
REST = rule("rest", "human", when("args.amount", "gt", 50), when("args.amount", "lte", 500))
CAP = rule("cap", "deny", when("args.amount", "gt", 500))


def said(*rules: Rule) -> list[tuple[str, str, str]]:
    return [(one.rule_id, one.severity, one.message) for one in lint(policy(*rules))]


def only(*rules: Rule) -> Finding:
    [finding] = lint(policy(*rules))
    return finding


def test_a_policy_in_order_has_no_findings() -> None:
    assert said(SMALL, REST, CAP) == []


@pytest.mark.parametrize(
    ("agents", "tools", "location", "nearest"),
    [
        (("suport",), ("kb.read",), ("agents", "suport"), "support"),
        (("support",), ("kb.raed",), ("tools", "kb.raed"), "kb.read"),
    ],
)
def test_a_misspelt_name(
    agents: tuple[str, ...], tools: tuple[str, ...], location: tuple[str, ...], nearest: str
) -> None:
    finding = only(rule("r", "deny", agents=agents, tools=tools))
    assert (finding.location, finding.nearest, finding.severity) == (location, nearest, "error")


@pytest.mark.parametrize(
    ("condition", "location", "nearest"),
    [
        (when("args.amuont", "gt", 5), ("when", "args.amuont"), "args.amount"),
        (when("taint", "eq", "x"), ("when", "taint"), "tainted"),
        (when("counters.", "gt", 5), ("when", "counters."), "counters.NAME"),
        (when("agent", "same_as", "args.ownr"), ("when", "agent"), None),
        (when("args.amount", "eq", "many"), ("when", "args.amount", "eq"), None),
        (when("args.currency", "in", ("GBP", "USD")), ("when", "args.currency", "in"), None),
        (when("args.currency", "gt", 5), ("when", "args.currency", "gt"), None),
        (when("time.weekday", "eq", "Monday"), ("when", "time.weekday", "eq"), None),
    ],
)
def test_a_misread_fact(condition: Condition, location: tuple[str, ...], nearest: str | None) -> None:
    finding = only(rule("r", "deny", condition))
    assert (finding.location, finding.nearest, finding.severity) == (location, nearest, "error")


def test_an_argument_must_belong_to_every_tool_of_the_rule() -> None:
    finding = only(rule("r", "deny", when("args.amount", "gt", 5), tools=("refund.create", "kb.read")))
    assert finding.message == 'tool kb.read has no argument "amount"'


def test_arguments_of_a_tool_without_a_schema_are_not_judged() -> None:
    assert said(rule("r", "deny", when("args.whatever", "gt", 5), tools=("plugin.call",))) == []


def test_a_rule_that_contradicts_itself() -> None:
    finding = only(rule("r", "deny", when("args.amount", "gt", 5), when("args.amount", "lt", 3)))
    assert finding.message == "can never match: no value of args.amount meets its conditions"


def test_a_rule_whose_tools_never_meet_its_conditions() -> None:
    assert said(rule("r", "deny", when("tool.access", "eq", "egress"))) == [
        ("r", "warning", "can never match: no tool it names meets its conditions")
    ]


def test_a_rule_hidden_by_a_stricter_one() -> None:
    hidden = rule("small", "human", when("args.amount", "lte", 50))
    wider = rule("none", "deny", when("args.amount", "lt", 51), agents=("*",), tools=("refund.create", "kb.read"))
    assert ("small", "warning", "never decides: none (deny) matches every call it matches") in said(hidden, wider)


def test_a_rule_said_twice_is_reported_once() -> None:
    assert said(REST, replace(REST, id="again")) == [
        ("rest", "warning", "never decides: again (human) matches every call it matches")
    ]


def test_a_rule_hidden_only_outside_an_exemption_is_not_hidden() -> None:
    wide = rule("wide", "deny", unless=(when("args.currency", "eq", "GBP"),))
    assert said(rule("r", "human", when("args.amount", "lte", 5)), wide) == []
    assert said(rule("r", "human", when("args.currency", "eq", "EUR")), wide)[0][2].startswith("never decides")


def test_human_rules_that_ask_different_roles_about_one_call() -> None:
    other = rule("z", "human", when("args.amount", "gt", 400), require=replace_role("finance-team"))
    found = [one for one in said(REST, other) if one[1] == "error"]
    assert found == [
        (
            "z",
            "error",
            (
                "asks another role than rest about the same call "
                "(support calling refund.create, args.amount = 500), which is refused"
            ),
        )
    ]
    assert decide(policy(REST, other), call(amount=500)).effect == "deny"


def replace_role(role: str) -> Requirement:
    return Requirement(role=role, expires_seconds=60)


def test_human_rules_that_never_meet_do_not_collide() -> None:
    other = rule("z", "human", when("args.amount", "gt", 500), require=replace_role("finance-team"))
    assert [one for one in said(REST, other) if one[1] == "error"] == []


def test_quorums() -> None:
    impossible = only(rule("r", "human", require=TWO.model_copy(update={"quorum": 3})))
    assert (impossible.severity, impossible.message) == (
        "error",
        "needs 3 with the role lead to decide, and there are 2",
    )
    tight = only(rule("r", "human", require=TWO))
    assert (tight.severity, tight.location) == ("warning", ("require",))
    nobody = only(rule("r", "human", require=replace_role("nobody")))
    assert nobody.message == "needs 1 with the role nobody to decide, and there are 0"


def test_the_quorum_of_a_starter_is_judged_too() -> None:
    rules = starter_rules("ask-for-writes", replace_role("nobody"))
    assert {one.severity for one in lint(Policy(rules=rules, registry=REGISTRY))} == {"error"}


def test_an_irreversible_tool_allowed_without_a_cap() -> None:
    assert said(rule("r", "allow")) == [
        ("r", "warning", "allows refund.create, which cannot be undone, without any cap")
    ]
    assert said(rule("r", "allow", when("counters.refunds_today", "lt", 20))) == []
    assert said(rule("r", "allow", when("args.amount", "gt", 5)))[0][1] == "warning"


def test_a_gap_between_two_ranges_is_shown_with_an_example() -> None:
    late = rule("late", "human", when("args.amount", "gt", 100), when("args.amount", "lte", 500))
    assert said(SMALL, late, CAP) == [
        (
            "small",
            "warning",
            "leaves a gap: no rule speaks about refund.create with args.amount = 100, which is refused",
        )
    ]
    assert decide(policy(SMALL, late, CAP), call(amount=100)).rule_id is None


def test_a_shared_bound_left_out_by_both_is_a_gap() -> None:
    assert "args.amount = 50" in said(rule("a", "allow", when("args.amount", "lt", 50)), REST)[0][2]


def test_an_exception_to_a_starter_is_compared_with_it() -> None:
    own = rule("own", "allow", when("args.amount", "lte", 5))
    both = Policy(rules=(*starter_rules("ask-for-writes", LEAD), own), registry=REGISTRY)
    assert [one.message for one in lint(both)] == [
        "never decides: starter.ask-for-writes.change (human) matches every call it matches"
    ]


def test_types_come_from_a_json_schema() -> None:
    schema = {
        "properties": {
            "a": {"type": "integer"},
            "b": {"type": "string", "enum": ["x", "y"]},
            "c": {"type": "boolean"},
            "d": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "e": {"type": ["string", "null"]},
            "f": True,
        }
    }
    kinds = {name: (one.kind, one.choices) for name, one in argument_types(schema).items()}
    assert kinds == {
        "a": ("number", None),
        "b": ("text", ("x", "y")),
        "c": ("flag", None),
        "d": ("any", None),
        "e": ("any", None),
        "f": ("any", None),
    }
    assert argument_types({"type": "object"}) == {}
