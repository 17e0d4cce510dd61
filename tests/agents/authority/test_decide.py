"""The strictest matching rule decides, no match is a refusal, and what is not known is never read as permission."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations

import pytest

from agents.authority.decide import decide
from agents.authority.rules import Rule
from store.records import Requirement
from tests.agents.authority.world import LEAD, call, person, policy, rule, when

SMALL = rule("r1-small", "allow", when("args.amount", "gt", 0), when("args.amount", "lte", 50))
MEDIUM = rule("r2-medium", "human", when("args.amount", "gt", 50), when("args.amount", "lte", 500))
CAP = rule("r3-cap", "deny", when("args.amount", "gt", 500), agents=("*",))


@pytest.mark.parametrize(
    ("amount", "effect", "rule_id"),
    [(1, "allow", "r1-small"), (50, "allow", "r1-small"), (51, "human", "r2-medium"), (501, "deny", "r3-cap")],
)
def test_the_strictest_matching_rule_decides_in_any_order(amount: int, effect: str, rule_id: str) -> None:
    for rules in permutations((SMALL, MEDIUM, CAP)):
        decision = decide(policy(*rules), call(amount=amount))
        assert (decision.effect, decision.rule_id) == (effect, rule_id)


def test_no_match_is_a_refusal_that_names_what_nearly_allowed_it() -> None:
    decision = decide(policy(SMALL), call(amount=51))
    assert (decision.effect, decision.rule_id) == ("deny", None)
    assert decision.reason == "No rule lets support call refund.create like this."
    [near] = decision.near_misses
    assert (near.rule_id, near.because) == ("r1-small", "args.amount is 51; needs args.amount lte 50")


def test_an_omitted_argument_slips_past_no_cap() -> None:
    generous = rule("all", "allow")
    decision = decide(policy(generous, CAP), call())
    assert (decision.effect, decision.rule_id) == ("deny", "r3-cap")
    assert decision.reason == ("Rule r3-cap cannot be evaluated: args.amount is not known; needs args.amount gt 500.")


@pytest.mark.parametrize("corrupt", ["600", None, [600], {"n": 600}, float("nan"), float("inf"), True, object()])
def test_a_corrupt_argument_slips_past_no_cap(corrupt: object) -> None:
    assert decide(policy(rule("all", "allow"), CAP), call(amount=corrupt)).effect == "deny"


def test_an_argument_of_another_kind_than_the_tool_takes_is_not_known() -> None:
    refused = rule("r", "deny", when("args.amount", "ne", "big"))
    assert decide(policy(rule("all", "allow"), refused), call(amount="big")).rule_id == "r"


def test_an_argument_of_another_kind_than_the_rule_compares_with_is_not_known() -> None:
    refused = rule("r", "deny", when("args.path", "eq", "/etc"), tools=("plugin.call",))
    everything = rule("all", "allow", tools=("plugin.call",))
    assert decide(policy(everything, refused), call("plugin.call", path=5)).effect == "deny"
    assert decide(policy(everything, refused), call("plugin.call", path="/tmp")).effect == "allow"


def test_an_allow_rule_that_cannot_be_evaluated_does_not_match() -> None:
    assert decide(policy(SMALL), call()).rule_id is None


def test_one_condition_that_fails_settles_a_rule_whatever_else_is_unknown() -> None:
    never = rule("never", "deny", when("counters.refunds", "gt", 9), when("args.amount", "gt", 500))
    assert decide(policy(SMALL, never), call(amount=5)).effect == "allow"


@pytest.mark.parametrize("agent", ["stranger", "", "Support"])
def test_an_agent_that_is_not_registered_may_do_nothing(agent: str) -> None:
    decision = decide(policy(rule("all", "allow", agents=("*",), tools=("*",))), call("kb.read", agent))
    assert (decision.effect, decision.rule_id) == ("deny", None)


def test_a_tool_that_is_not_registered_may_be_called_by_nobody() -> None:
    assert decide(policy(rule("all", "allow", tools=("*",))), call("shell.exec")).effect == "deny"


def test_only_rules_about_the_acting_agent_count() -> None:
    assert decide(policy(rule("f", "allow", agents=("finance",))), call(amount=1)).effect == "deny"
    assert decide(policy(SMALL, rule("f", "deny", agents=("finance",))), call(amount=1)).effect == "allow"


def test_unless_exempts_only_when_all_of_it_holds() -> None:
    both = (when("args.amount", "lte", 50), when("args.currency", "in", ("GBP",)))
    asks = rule("ask", "human", unless=both)
    assert decide(policy(asks), call(amount=10, currency="EUR")).effect == "human"
    assert decide(policy(asks), call(amount=10, currency="GBP")).rule_id is None
    assert decide(policy(asks), call(amount=10)).reason.startswith("Rule ask cannot be evaluated")
    assert decide(policy(asks), call(amount=60)).effect == "human"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (when("args.currency", "eq", "GBP"), True),
        (when("args.currency", "ne", "GBP"), False),
        (when("args.currency", "in", ("EUR", "GBP")), True),
        (when("args.currency", "not_in", ("EUR",)), True),
        (when("args.amount", "lt", 50), False),
        (when("args.amount", "lte", Decimal("50.0")), True),
        (when("args.amount", "gt", Decimal("49.9")), True),
        (when("args.amount", "gte", 51), False),
        (when("args.urgent", "eq", True), True),
        (when("tool.access", "eq", "write"), True),
        (when("tool.irreversible", "eq", True), True),
        (when("initiator.kind", "eq", "system"), True),
        (when("initiator.id", "eq", "ann"), False),
        (when("time.weekday", "in", ("wed",)), True),
        (when("time.hour", "gte", 12), True),
        (when("agent", "same_as", "args.owner"), False),
        (when("args.currency", "same_as", "args.currency"), True),
    ],
)
def test_each_operator(condition: object, *, holds: bool) -> None:
    allowing = rule("r", "allow", condition)  # type: ignore[arg-type]  # the table's type is too wide
    assert (decide(policy(allowing), call(amount=50, currency="GBP", urgent=True)).effect == "allow") is holds


def test_hours_and_weekdays_are_the_teams_own() -> None:
    evening = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)  # Thursday, 05:00 in Tokyo
    morning = rule("morning", "allow", when("time.weekday", "eq", "thu"), when("time.hour", "eq", 5))
    assert decide(policy(morning, timezone="Asia/Tokyo"), call(at=evening)).effect == "allow"
    assert decide(policy(morning), call(at=evening)).effect == "deny"


def test_two_spellings_of_one_character_are_one_text() -> None:
    refused = rule("r", "deny", when("args.to", "eq", "caf\u00e9@example.org"), tools=("email.send",))
    everything = rule("all", "allow", tools=("email.send",))
    assert decide(policy(refused, everything), call("email.send", to="cafe\u0301@example.org")).effect == "deny"


def test_a_float_is_compared_as_it_is_written() -> None:
    exact = rule("r", "allow", when("args.amount", "lte", Decimal("0.1")), when("args.amount", "gte", Decimal("0.1")))
    assert decide(policy(exact), call(amount=0.1)).effect == "allow"
    assert decide(policy(exact), call(amount=0.1000000001)).effect == "deny"


def test_two_human_rules_ask_for_the_stricter_of_each() -> None:
    one = rule("a", "human", require=Requirement(role="lead", quorum=2, expires_seconds=900))
    two = rule("b", "human", require=Requirement(role="lead", expires_seconds=600, execute_within_seconds=60))
    decision = decide(policy(two, one), call())
    assert decision.require == Requirement(role="lead", quorum=2, expires_seconds=600, execute_within_seconds=60)
    assert decision.rule_id == "a"


def test_two_human_rules_with_different_roles_refuse() -> None:
    other = rule("b", "human", require=Requirement(role="finance-team", expires_seconds=600))
    decision = decide(policy(rule("a", "human"), other), call())
    assert (decision.effect, decision.reason) == (
        "deny",
        "Rules a, b ask different roles to decide this call; only one may.",
    )


def test_a_quorum_that_nobody_can_reach_is_refused_at_once() -> None:
    both = rule("a", "human", require=Requirement(role="lead", quorum=2, expires_seconds=900))
    assert decide(policy(both), call()).effect == "human"
    refused = decide(policy(both), call(initiator=person("ann")))
    assert (refused.effect, refused.rule_id) == ("deny", "a")
    assert refused.reason == (
        "It needs 2 with the role lead to decide; there are 1 besides the person who asked for it."
    )
    assert decide(policy(both), call(initiator=person("cat"))).effect == "human"


def test_without_knowing_who_asked_nobody_is_asked() -> None:
    assert decide(policy(rule("a", "human")), call(initiator=None)).effect == "deny"


def test_a_rule_asks_somebody_exactly_when_its_effect_is_human() -> None:
    with pytest.raises(ValueError, match="require"):
        Rule(id="x", effect="human", agents=frozenset(), tools=frozenset())
    with pytest.raises(ValueError, match="require"):
        replace(rule("x", "deny"), require=LEAD)


def test_what_a_near_miss_shows_is_short_and_inert() -> None:
    text = "\u202e" + "x" * 100 + "\x1b[2J"
    decision = decide(
        policy(rule("r", "allow", when("args.to", "eq", "me"), tools=("email.send",))), call("email.send", to=text)
    )
    [near] = decision.near_misses
    assert near.because.isprintable()
    assert len(near.because) < 120
