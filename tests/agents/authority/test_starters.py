"""What each starter policy means, call by call."""

from dataclasses import replace

import pytest

from agents.authority.decide import decide
from agents.authority.facts import ToolFacts
from agents.authority.lint import lint
from agents.authority.rules import Policy
from agents.authority.starters import STARTERS, starter_rules
from store.records import SYSTEM, Access, Actor, ActorKind
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


PERSON = Actor(kind=ActorKind.PERSON, id="ana", surface="console")
WITH_UNDO = replace(
    REGISTRY, tools={**REGISTRY.tools, "files.undo_move": ToolFacts(name="files.undo_move", access=Access.WRITE)}
)


@pytest.mark.parametrize(
    ("by", "tainted", "effect"),
    [(PERSON, False, "allow"), (PERSON, True, "human"), (PERSON, None, "human"), (SYSTEM, False, "human")],
)
def test_a_person_takes_back_what_was_done_and_an_agent_asks(by: Actor, tainted: bool | None, effect: str) -> None:
    policy = Policy(rules=starter_rules("ask-for-writes", LEAD), registry=WITH_UNDO)
    decision = decide(policy, call("files.undo_move", initiator=by, tainted=tainted))
    assert decision.effect in (effect, "deny" if tainted is None else effect)
    assert decision.effect != "allow" or effect == "allow"


def test_the_requirement_given_is_the_one_asked_for() -> None:
    assert decide(starter("ask-for-writes"), call("email.send")).require == LEAD
