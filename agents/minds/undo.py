"""Taking back an approved call: a run whose whole mind is one call of the undo tool, through the same gate."""

from agents.outcomes import Done, Halt, Outcome, Refusal
from agents.parts import Session
from agents.tools.gate import Gate
from store.kernel.canonical import Json, JsonObject
from store.queries import approvals, runs
from store.records import Approval, ApprovalState, RunState, Step
from store.records.run import SUMMARY


async def think(session: Session, gate: Gate, approval_id: str) -> JsonObject:
    """Calls the undo tool with what the approved call left behind; the result says what was taken back.

    Raises Halt when there is nothing that can be taken back, or when the undo itself is refused or fails.
    """
    approval = approvals.approval(session.store, approval_id)
    name, arguments = _undo_call(session, approval)
    return _taken_back(approval, name, await gate.call("1", name, arguments, claim=f"Takes back: {approval.summary}"))


def _undo_call(session: Session, approval: Approval) -> tuple[str, JsonObject]:
    tool = session.parts.tools.find(approval.tool)
    step = _executed_step(session, approval)
    if tool is None or tool.undo is None or tool.spec.undo_tool is None or step is None:
        raise Halt(RunState.NEEDS_ATTENTION, f"{approval.tool} was not executed here, or cannot be taken back.")
    arguments = tool.undo(_mapping(step.result))
    if arguments is None:
        raise Halt(RunState.DONE, f"{approval.tool} changed nothing, so there is nothing to take back.")
    return tool.spec.undo_tool, arguments


def _executed_step(session: Session, approval: Approval) -> Step | None:
    if approval.agent_id != session.agent.id or approval.state is not ApprovalState.EXECUTED:
        return None
    steps = runs.steps(session.store, approval.run_id)
    return next((step for step in steps if step.key == approval.step_key), None)


def _taken_back(approval: Approval, name: str, outcome: Outcome) -> JsonObject:
    if isinstance(outcome, Done):
        return {"undone": approval.id, "tool": name, **outcome.result, SUMMARY: f"Took back: {approval.summary}"}
    said = "was refused" if isinstance(outcome, Refusal) else "failed"
    raise Halt(RunState.NEEDS_ATTENTION, f"{name} {said}: {outcome.reason}")


def _mapping(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}
