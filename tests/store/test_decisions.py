"""Decisions: of two that contradict each other somebody is told, and those affected are asked until they know."""

import pytest

from store.actions import Store
from store.actions.decisions import acknowledge_decision, record_decision, uphold_decision
from store.kernel.errors import Refused, UserMistake
from store.queries import incidents
from store.queries.decisions import decision, decisions, unacknowledged
from store.records import Actor, ActorKind, Decision, DecisionStanding
from tests.store.conftest import START
from tests.store.samples import person

ANA = person("ana")
WATCH = Actor(kind=ActorKind.AGENT, id="watch")


def made(store: Store, name: str, choice: str, subject: str = "Deploys on Friday", **changes: object) -> Decision:
    one = Decision(
        id=f"decision_{name}", subject=subject, subject_key="", choice=choice, decided_by=ANA, decided_at=START
    )
    return record_decision(store, one.model_copy(update=changes))


def stands(store: Store, name: str) -> DecisionStanding:
    return decision(store, f"decision_{name}").standing


def test_two_that_say_something_else_of_one_subject_are_contested_and_shown_once(store: Store) -> None:
    made(store, "a", "allowed")
    made(store, "b", "Forbidden", subject="  deploys on FRIDAY. ")
    assert (stands(store, "a"), stands(store, "b")) == (DecisionStanding.CONTESTED, DecisionStanding.CONTESTED)
    [incident] = incidents.open_incidents(store)
    assert (incident.kind, incident.count) == ("contradiction", 1)
    assert "allowed / Forbidden" in incident.detail


def test_what_says_the_same_or_speaks_of_something_else_contradicts_nothing(store: Store) -> None:
    made(store, "a", "allowed")
    made(store, "b", "Allowed.")
    made(store, "c", "forbidden", subject="Deploys on Sunday")
    assert {stands(store, name) for name in "abc"} == {DecisionStanding.STANDS}
    assert incidents.open_incidents(store) == []


def test_one_that_supersedes_another_retires_it(store: Store) -> None:
    made(store, "a", "allowed")
    made(store, "b", "forbidden", supersedes="decision_a")
    assert decision(store, "decision_a").superseded_by == "decision_b"
    assert (stands(store, "a"), stands(store, "b")) == (DecisionStanding.SUPERSEDED, DecisionStanding.STANDS)
    assert [one.id for one in decisions(store, subject="deploys ON friday")] == ["decision_b"]
    with pytest.raises(UserMistake, match="superseded already"):
        made(store, "c", "allowed", supersedes="decision_a")
    with pytest.raises(UserMistake, match="is about"):
        made(store, "d", "allowed", subject="Lunch", supersedes="decision_b")


def test_whoever_lets_one_stand_ends_the_contradiction(store: Store) -> None:
    made(store, "a", "allowed")
    made(store, "b", "forbidden")
    made(store, "c", "with a second pair of eyes")
    upheld = uphold_decision(store, "decision_c", ANA, "safest")
    assert upheld.standing is DecisionStanding.STANDS
    assert [stands(store, name) for name in "ab"] == [DecisionStanding.SUPERSEDED] * 2
    assert incidents.open_incidents(store) == []
    assert uphold_decision(store, "decision_c", ANA) == upheld
    with pytest.raises(UserMistake, match="was superseded"):
        uphold_decision(store, "decision_a", ANA)


def test_superseding_one_of_two_settles_it_too(store: Store) -> None:
    made(store, "a", "allowed")
    made(store, "b", "forbidden")
    made(store, "c", "forbidden", supersedes="decision_a")
    assert (stands(store, "b"), stands(store, "c")) == (DecisionStanding.STANDS, DecisionStanding.STANDS)
    assert incidents.open_incidents(store) == []


def test_those_it_affects_are_asked_until_each_has_taken_note(store: Store) -> None:
    made(store, "a", "allowed", affects=("watch", "ana"))
    assert [missing for _, missing in unacknowledged(store)] == [("watch", "ana")]
    assert acknowledge_decision(store, "decision_a", WATCH)
    assert not acknowledge_decision(store, "decision_a", WATCH)
    assert [missing for _, missing in unacknowledged(store)] == [("ana",)]
    assert unacknowledged(store, "watch") == []
    with pytest.raises(Refused, match="does not ask ben"):
        acknowledge_decision(store, "decision_a", person("ben"))
    acknowledge_decision(store, "decision_a", ANA)
    assert unacknowledged(store) == []
