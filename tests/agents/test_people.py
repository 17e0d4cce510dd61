"""People and the gate: asked about one exact call, decided once, checked again, executed once and as approved."""

from dataclasses import replace

import pytest

from agents.authority.rules import Condition, Rule
from agents.tools.edits import edited_call
from store.actions.approvals import edit_approval, expire_approval
from store.actions.runs import request_stop
from store.kernel.canonical import call_hash
from store.kernel.errors import Refused, UserMistake
from store.queries import approvals, runs
from store.queries.undos import undo
from store.records import Approval, ApprovalState, Requirement, Run, RunState, StepState, UndoState, undo_key
from tests.agents.rig import AGENT, ALLOW_ALL, ASK_FOR_PUSH, PEOPLE, Rig, person, rule

PUSH = """
try:
    done = await ctx.call("push", n=1)
except ToolRefused as no:
    return {"rule": no.rule, "why": no.message}
except ToolFailed as error:
    return {"failed": error.message, "unknown": error.unknown}
return {"n": done["n"], "with": done.arguments, "edited": done.edited}
"""


@pytest.fixture
def waiting(rig: Rig) -> Run:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(PUSH)
    return rig.run()


def test_the_approval_binds_the_exact_call_and_shows_its_bytes(rig: Rig, waiting: Run) -> None:
    asked = rig.asked()
    (step,) = rig.steps(waiting)
    assert asked.call_hash == call_hash(step.request) == step.request_hash
    assert '"arguments":{"n":1}' in asked.payload
    assert (step.state, step.attempts) == (StepState.WAITING, 0)


def test_an_approved_call_is_executed_once_and_settled(rig: Rig, waiting: Run) -> None:
    asked = rig.asked()
    rig.decide()
    rig.drive()
    assert rig.now(waiting).result == {"n": 1, "with": {"n": 1}, "edited": False}
    assert rig.approval(asked).state is ApprovalState.EXECUTED
    assert rig.ledger.names() == ["push"]


def test_a_rejection_is_data_with_its_reason(rig: Rig, waiting: Run) -> None:
    rig.decide(approve=False, reason="not now")
    rig.drive()
    result = rig.now(waiting).result
    assert result is not None
    assert result["rule"] == "approval.rejected"
    assert "not now" in str(result["why"])
    assert rig.ledger.calls == []


def test_an_expiry_is_its_own_outcome(rig: Rig, waiting: Run) -> None:
    rig.later(hours=2)
    expire_approval(rig.store, rig.asked().id)
    rig.drive()
    assert rig.now(waiting).result == {"rule": "approval.expired", "why": "nobody decided in time"}


def test_a_stopped_run_withdraws_its_question(rig: Rig, waiting: Run) -> None:
    asked = rig.asked()
    request_stop(rig.store, waiting.id, person("ana"))
    rig.drive()
    assert rig.now(waiting).state is RunState.CANCELLED
    assert rig.approval(asked).state is ApprovalState.WITHDRAWN


def given_up(rig: Rig, waiting: Run, state: ApprovalState, why: str) -> None:
    asked = rig.asked()
    rig.decide()
    rig.drive()
    assert rig.approval(asked).state is state
    result = rig.now(waiting).result
    assert result is not None
    assert result["rule"] == f"approval.{state.value}"
    assert why in str(result["why"])
    assert rig.ledger.calls == []


def test_a_policy_that_refuses_by_then_stops_the_approved_call(rig: Rig, waiting: Run) -> None:
    rig.govern(*ALLOW_ALL, rule("deny", "push"))
    given_up(rig, waiting, ApprovalState.REFUSED, "the policy refuses it now")


def test_a_tool_taken_from_the_agent_stops_the_approved_call(rig: Rig, waiting: Run) -> None:
    rig.change_agent(tools=("see",))
    given_up(rig, waiting, ApprovalState.REFUSED, "not among the tools")


def test_a_policy_that_asks_for_more_people_by_then_stops_the_approved_call(rig: Rig, waiting: Run) -> None:
    two = Requirement(role="approver", quorum=2, expires_seconds=60)
    rig.govern(*ALLOW_ALL, rule("human", "push", require=two))
    given_up(rig, waiting, ApprovalState.REFUSED, "the policy now asks for 2")


def test_an_approver_who_lost_the_role_by_then_does_not_count(rig: Rig, waiting: Run) -> None:
    asked = rig.asked()
    rig.decide("ana")
    ana = PEOPLE["ana"].model_copy(update={"roles": frozenset()})
    rig.change_team(people={**PEOPLE, "ana": ana})
    rig.drive()
    assert rig.approval(asked).state is ApprovalState.REFUSED
    assert rig.ledger.calls == []


def test_an_approval_not_executed_in_time_lapses(rig: Rig) -> None:
    soon = Requirement(role="approver", expires_seconds=3600, execute_within_seconds=60)
    rig.govern(*ALLOW_ALL, rule("human", "push", require=soon))
    rig.routine(PUSH)
    run = rig.run()
    asked = rig.asked()
    rig.decide()
    rig.later(minutes=2)
    rig.drive()
    assert rig.approval(asked).state is ApprovalState.LAPSED
    assert (rig.now(run).result or {})["rule"] == "approval.lapsed"
    assert rig.ledger.calls == []


def test_a_tool_that_came_to_mean_something_else_is_not_what_was_approved(rig: Rig, waiting: Run) -> None:
    found = rig.tools.find("push")
    assert found is not None
    rig.replace_tool("push", spec=replace(found.spec, version=2))
    rig.decide()
    rig.drive()
    assert rig.now(waiting).state is RunState.NEEDS_ATTENTION
    assert rig.ledger.calls == []


def edited(rig: Rig, n: int, editor: str = "ana") -> Approval:
    asked = rig.asked()
    run = runs.run(rig.store, asked.run_id)
    now = rig.clock.now()
    call = edited_call(rig.team, rig.tools, run, asked, {"n": n}, editor=person(editor), now=now)
    return edit_approval(
        rig.store, asked.id, person_id=editor, surface="console", edited=call, eligible=frozenset({"ana", "ben"})
    )


def test_an_edited_call_is_decided_anew_by_somebody_else_and_the_mind_is_told(rig: Rig, waiting: Run) -> None:
    before = rig.asked()
    after = edited(rig, 5)
    assert rig.approval(before).state is ApprovalState.SUPERSEDED
    assert after.call_hash != before.call_hash
    rig.decide("ana")
    assert rig.approval(after).state is ApprovalState.OPEN, "who edited a call asks for it, and may not decide it"
    rig.decide("ben")
    rig.drive()
    assert rig.now(waiting).result == {"n": 5, "with": {"n": 5}, "edited": True}
    assert rig.ledger.numbers("push") == [5]


def test_an_edited_call_is_told_the_same_when_the_routine_runs_again(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(
        """
        done = await ctx.call("push", n=1)
        await ctx.call("poke", n=2)
        return {"with": done.arguments, "edited": done.edited}
        """
    )
    run = rig.run()
    edited(rig, 5)
    rig.decide("ben")
    rig.drive()
    rig.decide("ana")
    rig.drive()
    assert rig.now(run).result == {"with": {"n": 5}, "edited": True}
    assert rig.ledger.names() == ["push", "poke"]


def test_an_edit_that_policy_refuses_or_the_tool_does_not_take_is_no_edit(rig: Rig, waiting: Run) -> None:
    asked, run, now = rig.asked(), waiting, rig.clock.now()
    with pytest.raises(UserMistake):
        edited_call(rig.team, rig.tools, run, asked, {"n": "five"}, editor=person("ana"), now=now)
    rig.govern(rule("deny", "push"))
    with pytest.raises(Refused):
        edited_call(rig.team, rig.tools, run, asked, {"n": 5}, editor=person("ana"), now=now)


def test_an_edit_that_policy_would_allow_is_still_asked_about(rig: Rig, waiting: Run) -> None:
    asked = rig.asked()
    rig.govern(*ALLOW_ALL)
    call = edited_call(rig.team, rig.tools, waiting, asked, {"n": 5}, editor=person("ana"), now=rig.clock.now())
    assert call.requirement == asked.requirement


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("tool", "state"),
    [("push", ApprovalState.EXECUTED), ("poke", ApprovalState.UNKNOWN), ("send", ApprovalState.UNKNOWN)],
)
def test_a_crash_while_an_approved_call_is_executed_never_executes_it_twice(
    rig: Rig, tool: str, state: ApprovalState, moment: str
) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(PUSH.replace("push", tool))
    run = rig.run()
    asked = rig.asked()
    rig.decide()
    getattr(rig.ledger, moment)[tool] = rig.process.die
    rig.dies(run)
    assert rig.approval(asked).state is ApprovalState.EXECUTING
    rig.drive()
    assert rig.approval(asked).state is state
    repeats = moment == "before" and state is ApprovalState.EXECUTED
    assert len(rig.ledger.calls) == int(moment == "after") + int(repeats)


def test_the_same_open_question_is_not_asked_again_by_another_run(rig: Rig, waiting: Run) -> None:
    second = rig.run(key="second")
    assert second.state is RunState.DONE
    assert (second.result or {})["rule"] == "approval.already_open"
    assert len(approvals.open_approvals(rig.store)) == 1


def test_another_call_is_another_question(rig: Rig, waiting: Run) -> None:
    rig.routine(PUSH.replace("n=1", "n=2"))
    assert rig.run(key="second").state is RunState.WAITING
    assert len(approvals.open_approvals(rig.store)) == 2


def test_people_are_not_asked_twice_in_one_run(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(
        """
        rules = []
        for _ in range(2):
            try:
                await ctx.call("push", n=1)
            except ToolRefused as no:
                rules.append(no.rule)
        return {"rules": rules}
        """
    )
    run = rig.run()
    rig.decide(approve=False, reason="no")
    rig.drive()
    assert rig.now(run).result == {"rules": ["approval.rejected", "guard.asked_twice"]}


def test_an_approved_call_can_be_taken_back(rig: Rig, waiting: Run) -> None:
    asked = rig.asked()
    rig.decide()
    rig.drive()
    run = rig.run(key=undo_key(asked.id, 1), by=person("cat"), undo_of=asked.id)
    assert run.state is RunState.DONE
    taken_back = undo(rig.store, rig.approval(asked))
    assert taken_back is not None
    assert (taken_back.state, taken_back.by) == (UndoState.UNDONE, "cat")
    assert (run.result or {})["undone"] == asked.id
    assert run.said == "Took back: push 1"
    assert rig.ledger.names() == ["push", "pull"]
    assert rig.ledger.numbers("pull") == [1]


def test_taking_back_asks_where_policy_says_so(rig: Rig, waiting: Run) -> None:
    asked = rig.asked()
    rig.decide()
    rig.drive()
    rig.govern(*ASK_FOR_PUSH, rule("human", "pull"))
    run = rig.run(key="undo", by=person("ana"), undo_of=asked.id)
    assert run.state is RunState.WAITING
    assert rig.asked().claim == "Takes back: push 1"
    rig.decide("ana")
    assert rig.asked().state is ApprovalState.OPEN, "who asks to take it back may not decide it"
    rig.decide("ben")
    rig.drive()
    assert rig.now(run).state is RunState.DONE


def test_what_was_not_executed_cannot_be_taken_back(rig: Rig, waiting: Run) -> None:
    run = rig.run(key="undo", undo_of=rig.asked().id)
    assert run.state is RunState.NEEDS_ATTENTION
    assert "cannot be taken back" in (run.reason or "")
    assert rig.ledger.calls == []


def test_the_agent_cannot_decide(rig: Rig, waiting: Run) -> None:
    rig.decide(AGENT)
    assert rig.asked().state is ApprovalState.OPEN


def test_a_crash_while_an_edited_call_is_executed_repeats_the_edited_one(rig: Rig, waiting: Run) -> None:
    edited(rig, 5)
    rig.decide("ben")
    rig.ledger.before["push"] = rig.process.die
    rig.dies(waiting)
    rig.drive()
    assert rig.ledger.numbers("push") == [5]
    assert (rig.now(waiting).result or {})["with"] == {"n": 5}


def test_an_edit_is_judged_as_the_wish_of_the_editor(rig: Rig, waiting: Run) -> None:
    asked = rig.asked()
    not_ana = Rule(
        id="not-ana",
        effect="deny",
        agents=frozenset({"*"}),
        tools=frozenset({"push"}),
        when=(Condition("initiator.id", "eq", "ana"),),
    )
    rig.govern(*ASK_FOR_PUSH, not_ana)
    now = rig.clock.now()
    with pytest.raises(Refused):
        edited_call(rig.team, rig.tools, waiting, asked, {"n": 5}, editor=person("ana"), now=now)
    assert edited_call(rig.team, rig.tools, waiting, asked, {"n": 5}, editor=person("ben"), now=now).rule_id
