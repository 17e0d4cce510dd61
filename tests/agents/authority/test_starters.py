"""What each starter policy means, call by call."""

import pytest

from agents.authority.decide import decide
from agents.authority.lint import lint
from agents.authority.rules import Policy
from agents.authority.starters import STARTERS, starter_rules
from tests.agents.authority.world import LEAD, REGISTRY, call


def starter(name: str) -> Policy:
    return Policy(rules=starter_rules(name, LEAD), registry=REGISTRY)


@pytest.mark.parametrize(
    ("tool", "tainted", "effects"),
    [
        ("kb.read", False, ("allow", "allow", "allow")),
        ("kb.read", True, ("allow", "allow", "allow")),
        ("metrics.record", True, ("allow", "allow", "allow")),
        ("plugin.call", True, ("deny", "human", "allow")),
        ("email.send", False, ("deny", "human", "allow")),
        ("email.send", True, ("deny", "human", "human")),
        ("email.send", None, ("deny", "human", "deny")),
        ("refund.create", False, ("deny", "human", "human")),
    ],
)
def test_what_each_starter_decides(tool: str, tainted: bool | None, effects: tuple[str, ...]) -> None:
    made = tuple(decide(starter(name), call(tool, tainted=tainted)).effect for name in STARTERS)
    assert made == effects


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_is_in_order_and_every_decision_has_a_reason(name: str) -> None:
    assert lint(starter(name)) == ()
    assert all(one.reason and one.id.startswith(f"starter.{name}.") for one in starter(name).rules)


def test_the_requirement_given_is_the_one_asked_for() -> None:
    assert decide(starter("ask-for-writes"), call("email.send")).require == LEAD
