"""An explanation is the decision and what every rule about the call says, in words."""

from agents.authority.decide import decide
from agents.authority.explain import why
from tests.agents.authority.world import call, policy, rule, when

POLICY = policy(
    rule("a-small", "allow", when("args.amount", "lte", 50)),
    rule("b-cap", "deny", when("counters.today", "gt", 9)),
    rule("c-ask", "human", when("args.amount", "gt", 50), unless=(when("args.urgent", "eq", "no"),)),
    rule("d-other", "deny", agents=("finance",)),
)


def test_every_rule_about_the_call_is_explained() -> None:
    explanation = why(POLICY, call(amount=60))
    assert explanation.decision == decide(POLICY, call(amount=60))
    assert explanation.lines == (
        "deny by b-cap: Rule b-cap cannot be evaluated: counters.today is not known; needs counters.today gt 9.",
        "  allow a-small does not match (args.amount is 60; needs args.amount lte 50)",
        "  deny  b-cap cannot be evaluated (counters.today is not known; needs counters.today gt 9)",
        "  human c-ask cannot be evaluated (args.urgent is not known; exempt when args.urgent eq no)",
        "Rules about other agents or tools: 1.",
    )


def test_a_stranger_is_explained_without_rules() -> None:
    explanation = why(POLICY, call(agent="nobody"))
    assert (explanation.verdicts, explanation.elsewhere) == ((), 4)
