"""Exceptions: bounded, with an end, in place of the rules they name, and of nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agents.authority.decide import decide
from agents.authority.facts import CallFacts, FactType, ToolFacts
from agents.authority.lint import lint
from agents.authority.rules import Condition, Policy, Registry, Rule
from agents.authority.starters import starter_rules
from store.records import SYSTEM, Access, Requirement

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
END = NOW + timedelta(days=7)
ASK = Requirement(role="approver", quorum=1, expires_seconds=3600)
MOVE = ToolFacts(name="move", access=Access.WRITE, arguments={"count": FactType("number"), "to": FactType("text")})
REGISTRY = Registry(
    agents=frozenset({"tidy", "other"}), tools={"move": MOVE}, roles={"approver": frozenset({"ann", "ben"})}
)
LIKE = Rule(
    id="like-this",
    effect="allow",
    agents=frozenset({"tidy"}),
    tools=frozenset({"move"}),
    when=(Condition("args.count", "lte", 5),),
    until=END,
    instead_of=frozenset({"starter.ask-for-writes.change"}),
)
CALL = CallFacts(agent="tidy", tool="move", args={"count": 3, "to": "x"}, initiator=SYSTEM, tainted=False, at=NOW)


def policy(*rules: Rule, starter: str = "ask-for-writes") -> Policy:
    return Policy(rules=(*starter_rules(starter, ASK), *rules), registry=REGISTRY)


def test_a_call_like_this_is_allowed_and_any_other_is_asked_as_before() -> None:
    assert decide(policy(), CALL).effect == "human"
    assert decide(policy(LIKE), CALL).rule_id == "like-this"
    assert decide(policy(LIKE), replace(CALL, args={"count": 6})).effect == "human"
    assert decide(policy(LIKE), replace(CALL, args={})).effect == "human"
    assert decide(policy(LIKE), replace(CALL, agent="other")).effect == "human"


def test_its_end_is_its_end() -> None:
    assert decide(policy(LIKE), replace(CALL, at=END - timedelta(seconds=1))).effect == "allow"
    assert decide(policy(LIKE), replace(CALL, at=END)).effect == "human"
    assert decide(policy(LIKE), replace(CALL, at=None)).effect == "human"


def test_without_the_exception_the_strictest_rule_decides_as_ever() -> None:
    plain = replace(LIKE, until=None, instead_of=frozenset())
    assert decide(policy(plain), CALL).effect == "human"


def test_another_rule_than_the_one_it_names_still_decides() -> None:
    deny = Rule(id="never", effect="deny", agents=frozenset({"tidy"}), tools=frozenset({"move"}))
    assert decide(policy(LIKE, deny), CALL).rule_id == "never"


def test_a_refusal_of_a_starter_may_be_excepted_and_the_team_s_own_may_not() -> None:
    excepting = replace(LIKE, instead_of=frozenset({"starter.watch-only.change"}))
    assert decide(policy(excepting, starter="watch-only"), CALL).effect == "allow"
    deny = Rule(id="never", effect="deny", agents=frozenset({"tidy"}), tools=frozenset({"move"}))
    found = lint(policy(replace(LIKE, instead_of=frozenset({"never"})), deny))
    assert any("the team's own refusal" in one.message and one.severity == "error" for one in found)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"instead_of": frozenset({"starter.ask-for-writes.chang"})}, "unknown rule"),
        ({"instead_of": frozenset({"starter.ask-for-writes.read"})}, "allows already"),
        ({"agents": frozenset({"*"})}, "every agent or tool"),
        ({"tools": frozenset({"*"}), "when": ()}, "every agent or tool"),
    ],
)
def test_an_exception_that_is_not_bounded_is_an_error(changes: dict[str, object], says: str) -> None:
    found = lint(policy(replace(LIKE, **changes)))  # type: ignore[arg-type] # fields of Rule
    assert any(says in one.message and one.severity == "error" for one in found)


def test_a_bounded_exception_is_in_order() -> None:
    assert [one for one in lint(policy(LIKE)) if one.rule_id == "like-this"] == []


@pytest.mark.parametrize("changes", [{"until": None}, {"effect": "deny"}])
def test_an_exception_without_an_end_or_that_forbids_cannot_be_made(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="like-this"):
        replace(LIKE, **changes)  # type: ignore[arg-type] # fields of Rule
