"""Roles bound to a surface's own: what was decided there counts only while the role is held there, at execution too."""

from dataclasses import dataclass, field, replace

import pytest

from agents.roster import SurfaceSpec, Team
from agents.standing import acting
from store.actions.deadlines import enforce_deadlines
from store.kernel.errors import Retryable
from store.queries import audit
from store.records import ApprovalState, Requirement, Run, RunState
from tests.agents.rig import ALLOW_ALL, ASK_FOR_PUSH, PEOPLE, Rig, rule

THERE = {name: one.model_copy(update={"accounts": {"discord": name}}) for name, one in PEOPLE.items()}
PUSH = """
try:
    done = await ctx.call("push", n=1)
except ToolRefused as no:
    return {"rule": no.rule, "why": no.message}
return {"n": done["n"]}
"""
BOUND = {
    "console": SurfaceSpec(name="console"),
    "discord": SurfaceSpec(name="discord", roles={"approver": "r-approver"}),
}


@dataclass
class Members:
    """A surface whose roles are these, by account; None: it does not answer."""

    roles: dict[str, set[str]] | None = field(default_factory=lambda: {"ana": {"r-approver"}, "ben": {"r-approver"}})
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def held(self, surface: str, account: str) -> frozenset[str]:
        self.asked.append((surface, account))
        if self.roles is None:
            raise Retryable("The server does not answer.")
        return frozenset(self.roles.get(account, ()))


@pytest.fixture
def members(rig: Rig) -> Members:
    found = Members()
    rig.memberships = found
    rig.change_team(surfaces=BOUND, people=THERE)
    return found


@pytest.fixture
def waiting(rig: Rig, members: Members) -> Run:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(PUSH)
    return rig.run()


def why(rig: Rig, run: Run) -> str:
    result = rig.now(run).result
    assert result is not None
    return f"{result['rule']}: {result['why']}"


def test_a_vote_counts_while_the_bound_role_is_held(rig: Rig, waiting: Run, members: Members) -> None:
    rig.decide("ana", surface="discord")
    rig.drive()
    assert rig.now(waiting).result == {"n": 1}
    assert members.asked == [("discord", "ana")]


@pytest.mark.parametrize("left", [{"ana": {"r-other"}}, {}])
def test_a_role_taken_away_or_a_person_gone_by_then_does_not_count(
    rig: Rig, waiting: Run, members: Members, left: dict[str, set[str]]
) -> None:
    asked = rig.asked()
    rig.decide("ana", surface="discord")
    members.roles = left
    rig.drive()
    assert rig.approval(asked).state is ApprovalState.REFUSED
    assert why(rig, waiting) == "approval.refused: those who approved no longer hold the role"
    assert rig.ledger.calls == []
    assert audit.events_for(rig.store, "approval", asked.id)[-1].kind == "approval.refused"


def test_what_was_decided_elsewhere_asks_nobody(rig: Rig, waiting: Run, members: Members) -> None:
    members.roles = None
    rig.decide("ana", surface="console")
    rig.drive()
    assert rig.now(waiting).result == {"n": 1}
    assert members.asked == []


def test_a_role_the_surface_gives_makes_nobody_an_approver(rig: Rig, waiting: Run, members: Members) -> None:
    members.roles = {"ana": {"r-approver"}}
    rig.decide("ana", surface="discord")
    rig.change_team(people={**THERE, "ana": THERE["ana"].model_copy(update={"roles": frozenset()})})
    rig.drive()
    assert "no longer hold the role" in why(rig, waiting)
    assert rig.ledger.calls == []


def test_an_account_that_is_not_theirs_any_more_counts_for_nothing(rig: Rig, waiting: Run, members: Members) -> None:
    rig.decide("ana", surface="discord")
    ana = THERE["ana"].model_copy(update={"accounts": {"discord": "another"}})
    rig.change_team(people={**THERE, "ana": ana})
    rig.drive()
    assert "no longer hold the role" in why(rig, waiting)
    assert (rig.ledger.calls, members.asked) == ([], [])


def test_while_the_surface_does_not_answer_the_call_waits_and_is_never_made(
    rig: Rig, waiting: Run, members: Members
) -> None:
    asked = rig.asked()
    members.roles = None
    rig.decide("ana", surface="discord")
    for _ in range(3):
        rig.drive()
        assert (rig.now(waiting).state, rig.approval(asked).state) == (RunState.WAITING, ApprovalState.APPROVED)
        assert "The server does not answer." in str(rig.approval(asked).outcome)
        rig.later(minutes=5)
        assert enforce_deadlines(rig.store) == 1
    assert rig.ledger.calls == []
    members.roles = {"ana": {"r-approver"}}
    rig.drive()
    assert (rig.approval(asked).state, rig.approval(asked).outcome) == (ApprovalState.EXECUTED, None)
    assert rig.ledger.names() == ["push"]


def test_a_call_that_cannot_be_judged_in_time_lapses(rig: Rig, members: Members) -> None:
    soon = Requirement(role="approver", expires_seconds=3600, execute_within_seconds=60)
    rig.govern(*ALLOW_ALL, rule("human", "push", require=soon))
    rig.routine(PUSH)
    run, members.roles = rig.run(), None
    rig.decide("ana", surface="discord")
    rig.drive()
    rig.later(minutes=2)
    enforce_deadlines(rig.store)
    rig.drive()
    assert why(rig, run).startswith("approval.lapsed")
    assert rig.ledger.calls == []


def test_the_role_the_policy_names_by_then_must_be_held_there_too(rig: Rig, waiting: Run, members: Members) -> None:
    both = {**THERE, "ana": THERE["ana"].model_copy(update={"roles": frozenset({"approver", "admin"})})}
    roles = {"approver": "r-approver", "admin": "r-admin"}
    rig.decide("ana", surface="discord")
    rig.change_team(people=both, surfaces={**BOUND, "discord": SurfaceSpec(name="discord", roles=roles)})
    rig.govern(*ALLOW_ALL, rule("human", "push", require=Requirement(role="admin", expires_seconds=60)))
    registry = replace(rig.team.policy.registry, roles={"admin": frozenset({"ana"})})
    rig.change_team(policy=replace(rig.team.policy, registry=registry))
    rig.drive()
    assert "the policy now asks for 1 with the role admin" in why(rig, waiting)
    assert rig.ledger.calls == []


def test_of_two_who_approved_each_is_asked_where_they_did(rig: Rig, members: Members) -> None:
    two = Requirement(role="approver", quorum=2, expires_seconds=3600)
    rig.govern(*ALLOW_ALL, rule("human", "push", require=two))
    rig.routine(PUSH)
    run = rig.run()
    rig.decide("ana", surface="discord")
    rig.decide("ben", surface="console")
    members.roles = {"ben": {"r-approver"}}
    rig.drive()
    assert "no longer hold the role" in why(rig, run)
    assert members.asked == [("discord", "ana")]
    assert rig.ledger.calls == []


def test_acting_takes_bound_roles_away_and_adds_none(rig: Rig) -> None:
    team: Team = rig.team.model_copy(update={"surfaces": BOUND})
    ana, cat = PEOPLE["ana"], PEOPLE["cat"]
    assert acting(team, ana, "discord", frozenset()).roles == frozenset()
    assert acting(team, ana, "discord", {"r-approver"}).roles == {"approver"}
    assert acting(team, ana, "console", frozenset()).roles == {"approver"}
    assert acting(team, ana, "nowhere", frozenset()).roles == {"approver"}
    assert acting(team, cat, "discord", {"r-approver"}).roles == frozenset()
