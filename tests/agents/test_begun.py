"""A run that waits goes on as it began, whatever became of the workspace meanwhile; its authority is today's."""

import pytest

from agents.roster import ModelMind, RoutineMind
from store.actions.workspaces import Version, adopt_workspace, dismiss_run
from store.queries.minds import kept_mind, unfinished_runs_of_others
from store.records import SYSTEM, ApprovalState, KeptMind, Run, RunState
from tests.agents.rig import AGENT, ALLOW_ALL, ASK_FOR_PUSH, Rig, rule

PUSH_ONE = """
    done = await ctx.call("push", n=1)
    return {"version": 1, "pushed": done["n"]}
"""
PUSH_TWO = """
    await ctx.call("see", n=5)
    done = await ctx.call("push", n=2)
    return {"version": 2, "pushed": done["n"]}
"""


def adopt(rig: Rig, previous: str | None = None) -> str:
    """Takes the rig's workspace up as it stands, as a start or a reload does."""
    mind = rig.team.agents[AGENT].mind
    source = (rig.root / mind.file).read_text() if isinstance(mind, RoutineMind) else None
    kept = KeptMind(workspace_digest=rig.team.digest, agent_id=AGENT, mind=mind.model_dump(mode="json"), source=source)
    adopt_workspace(rig.store, Version(digest=rig.team.digest, minds=(kept,)), SYSTEM, previous=previous)
    return rig.team.digest


@pytest.fixture
def parked(rig: Rig) -> Run:
    """A run of the first version that waits for a decision, after which the second version was taken up."""
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(PUSH_ONE)
    first = adopt(rig)
    run = rig.run()
    assert run.state is RunState.WAITING
    rig.routine(PUSH_TWO)
    adopt(rig, first)
    return run


def test_it_goes_on_with_the_code_it_began_with(rig: Rig, parked: Run) -> None:
    rig.decide()
    rig.drive()
    assert rig.now(parked).result == {"version": 1, "pushed": 1}
    later = rig.run(key="later")
    assert later.state is RunState.WAITING
    rig.decide()
    rig.drive()
    assert rig.now(later).result == {"version": 2, "pushed": 2}
    assert rig.ledger.numbers("push") == [1, 2]


def test_after_two_edits_and_a_restart_without_the_old_files_too(rig: Rig, parked: Run) -> None:
    second = rig.team.digest
    rig.routine("return {'version': 3}")
    adopt(rig, second)
    (rig.root / "routine.py").unlink()
    rig.decide()
    rig.drive()
    assert rig.now(parked).result == {"version": 1, "pushed": 1}


def test_an_agent_that_became_a_model_meanwhile_ends_its_routine_first(rig: Rig, parked: Run) -> None:
    rig.change_agent(mind=ModelMind(model=None, prompt_file="p.md", prompt="Think."))
    rig.decide()
    rig.drive()
    assert rig.now(parked).result == {"version": 1, "pushed": 1}


def test_a_policy_that_is_stricter_by_now_refuses_what_was_approved(rig: Rig, parked: Run) -> None:
    rig.govern(*ALLOW_ALL, rule("deny", "push"))
    rig.decide()
    rig.drive()
    assert rig.now(parked).state is RunState.NEEDS_ATTENTION
    assert "the policy refuses it now" in (rig.now(parked).reason or "")
    assert rig.ledger.calls == []


def test_a_tool_that_was_taken_from_the_agent_is_not_called(rig: Rig, parked: Run) -> None:
    rig.change_agent(tools=("see",))
    rig.decide()
    rig.drive()
    assert rig.now(parked).state is RunState.NEEDS_ATTENTION
    assert rig.ledger.calls == []


def test_an_agent_that_is_gone_leaves_nothing_waiting(rig: Rig, parked: Run) -> None:
    asked = rig.asked()
    (left,) = unfinished_runs_of_others(rig.store, frozenset({"somebody"}))
    dismiss_run(rig.store, left.id)
    assert rig.now(parked).state is RunState.CANCELLED
    assert rig.now(parked).reason == "worker is no longer part of this team."
    assert rig.approval(asked).state is ApprovalState.WITHDRAWN
    assert unfinished_runs_of_others(rig.store, frozenset({"somebody"})) == []
    assert unfinished_runs_of_others(rig.store, frozenset({AGENT})) == []


def test_a_model_that_the_team_has_no_more_stops_the_run_clearly(rig: Rig, parked: Run) -> None:
    rig.change_agent(mind=ModelMind(model="small", prompt_file="p.md", prompt="Think."))
    rig.change_team(digest="with-a-model")
    adopt(rig)
    run = rig.run(key="model")
    assert run.state is RunState.NEEDS_ATTENTION
    assert "no longer has" in (run.reason or "")


def test_old_minds_are_kept_as_long_as_a_run_may_need_them_and_no_longer(rig: Rig, parked: Run) -> None:
    began = parked.workspace_digest
    assert kept_mind(rig.store, began, AGENT) is not None
    rig.decide()
    rig.drive()
    rig.later(minutes=1)
    adopt(rig, rig.team.digest)
    assert kept_mind(rig.store, began, AGENT) is None
    assert kept_mind(rig.store, rig.team.digest, AGENT) is not None


def test_a_mind_that_was_not_kept_is_today_s_and_a_disagreement_stops_the_run(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(PUSH_ONE)
    run = rig.run()
    rig.routine(PUSH_TWO)
    rig.decide()
    rig.drive()
    assert rig.now(run).state is RunState.NEEDS_ATTENTION
    assert rig.ledger.numbers("push") == []
