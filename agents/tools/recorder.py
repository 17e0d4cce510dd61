"""The record of a session's tool calls: intents, outcomes and refusals go in, outcomes for the mind come out."""

import structlog

from agents.origins import made_by
from agents.outcomes import Done, Failure, Halt, Outcome, Refusal, mismatch
from agents.parts import Session
from agents.tools.asked import Asked
from agents.tools.execute import Executed
from agents.tools.spec import ToolSpec
from store.actions.steps import begin_step, record_read, refuse_step, settle_step
from store.kernel.canonical import JsonObject
from store.kernel.errors import Refused
from store.queries import approvals
from store.records import Approval, RunState, Step, StepState
from store.records.intent import StepIntent

log = structlog.get_logger()


class Recorder:
    """Writes one session's calls to the store and remembers what it wrote. Not for two threads."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def recorded(self, asked: Asked) -> Step | None:
        """The step at the call's place; None when the run was not here. Raises Halt when it was for another call."""
        step = self._session.memo.visit(asked.key)
        if step is not None and step.request_hash != asked.request_hash:
            raise mismatch(asked.key, step.name, asked.name)
        return step

    def intent(self, asked: Asked, rule_id: str | None) -> StepIntent:
        """The call as the store records it, at its place in this segment."""
        position = self._session.memo.position(asked.key)
        return asked.intent(position=position, segment=self._session.run.segment, rule_id=rule_id)

    def begin(self, asked: Asked, rule_id: str | None) -> None:
        """Puts the intent on record. Raises Halt when a limit of the run is reached: nothing may be executed then."""
        try:
            self._session.memo.keep(begin_step(self._session.store, self.intent(asked, rule_id)))
        except Refused as limit:
            raise Halt(RunState.NEEDS_ATTENTION, limit.message) from limit

    def settle(self, asked: Asked, executed: Executed, spec: ToolSpec) -> Outcome:
        """Records what came of a call that was begun."""
        made = made_by(asked.name, asked.arguments, executed.result, self._session.memo.steps)
        step = settle_step(
            self._session.store,
            asked.run_id,
            asked.key,
            state=executed.state,
            result=executed.result,
            error=executed.error,
            taint=spec.taints,
            made=made,
        )
        return self._kept(asked, step)

    def keep_read(self, asked: Asked, rule_id: str | None, result: JsonObject, spec: ToolSpec) -> Outcome:
        """Records a free read that has succeeded. Raises Halt when a limit of the run is reached."""
        try:
            step = record_read(self._session.store, self.intent(asked, rule_id), result=result, taint=spec.taints)
        except Refused as limit:
            raise Halt(RunState.NEEDS_ATTENTION, limit.message) from limit
        return self._kept(asked, step)

    def refuse(self, asked: Asked, refusal: Refusal) -> Outcome:
        """Records that a call was refused."""
        intent = self.intent(asked, refusal.rule)
        step = refuse_step(self._session.store, intent, reason=refusal.reason, rule_id=refusal.rule)
        return self._kept(asked, step)

    def outcome(self, asked: Asked, step: Step) -> Outcome:
        """What the record says became of the call."""
        approval = self.approval_of(step)
        if step.state is StepState.DONE:
            return _done(asked, step, approval)
        if step.state is StepState.REFUSED:
            rule = refusal_rule(approval) if approval else step.rule_id
            return Refusal(rule or "default", step.error or "It was refused.")
        return Failure(step.error or "It failed.", unknown=step.state is StepState.UNKNOWN)

    def approval_of(self, step: Step) -> Approval | None:
        """The approval the step was or is bound to, after all edits; None when nobody was asked."""
        if step.approval_id is None:
            return None
        return approvals.approval_for_step(self._session.store, step.run_id, step.key)

    def _kept(self, asked: Asked, step: Step) -> Outcome:
        log.info("tool.call", run=step.run_id, step=step.key, tool=step.name, state=step.state.value)
        return self.outcome(asked, self._session.memo.keep(step))


def refusal_rule(approval: Approval) -> str:
    """What a mind sees as the rule when people, or the clock, did not let a call through, as `approval.rejected`."""
    return f"approval.{approval.state.value}"


def _done(asked: Asked, step: Step, approval: Approval | None) -> Done:
    result = step.result if isinstance(step.result, dict) else {}
    if approval is None or approval.supersedes is None:
        return Done(result, asked.arguments)
    return Done(result, approval.arguments, edited=True)
