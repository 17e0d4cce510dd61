"""Asking people about one exact call, and acting on what they decided."""

from agents import guards
from agents.authority.decide import Decision
from agents.origins import origins_of
from agents.outcomes import Outcome, Parked, Refusal
from agents.parts import Session
from agents.roster import Person
from agents.standing import approvers_now
from agents.tools.asked import Asked, bound_call
from agents.tools.authorise import objection_to_approved, rule_of
from agents.tools.perform import Performer
from agents.tools.recorder import Recorder, refusal_rule
from agents.tools.spec import Tool
from agents.tools.validity import unfit
from store.actions.approvals import claim_approved, put_off_approved, refuse_approved, request_approval
from store.kernel.canonical import call_hash
from store.kernel.errors import Retryable
from store.queries import approvals
from store.records import Approval, ApprovalState, Requirement, Run
from store.records.intent import ApprovalRequest


class People:
    """Puts calls of one session to people."""

    def __init__(self, session: Session, recorder: Recorder, performer: Performer) -> None:
        self._session = session
        self._recorder = recorder
        self._performer = performer

    def ask(self, asked: Asked, tool: Tool, decision: Decision, require: Requirement) -> Outcome:
        """Asks and parks the run (raises Parked); refuses the call when people have this question already."""
        refusal = self._asked_already(asked)
        if refusal is not None:
            return self._recorder.refuse(asked, refusal)
        request = ApprovalRequest(
            intent=self._recorder.intent(asked, rule_of(decision)),
            agent_id=self._session.agent.id,
            tool=asked.name,
            arguments=asked.arguments,
            summary=tool.summarise(asked.arguments),
            undo=tool.undo_says,
            claim=asked.claim,
            rule_reason=decision.reason,
            requirement=require,
            origins=origins_of(asked.arguments, self._session.memo.steps),
        )
        raise Parked(request_approval(self._session.store, request).id)

    async def act_on_decision(self, asked: Asked, tool: Tool, run: Run) -> Outcome:
        """Executes the approved call, at most once and as approved, or gives it up when authority no longer holds.

        While nobody can say whether it holds, the run waits (raises Parked).
        """
        approval = approvals.approval_for_step(self._session.store, asked.run_id, asked.key)
        if approval is None or approval.state is not ApprovalState.APPROVED:
            raise RuntimeError(f"step {asked.key} of {asked.run_id} waits, but for no decision")
        votes = approvals.votes(self._session.store, approval.id)
        try:
            approvers = await approvers_now(self._session.team, votes, self._session.parts.memberships)
        except Retryable as unknown:
            return self._put_off(approval, unknown)
        return await self._execute(asked, tool, run, approval, approvers)

    async def _execute(
        self, asked: Asked, tool: Tool, run: Run, approval: Approval, approvers: tuple[Person, ...]
    ) -> Outcome:
        objection = self._objection(asked, tool, run, approval, approvers)
        if objection is not None:
            refuse_approved(self._session.store, approval.id, objection)
            return self._given_up(approval.id)
        eligible = frozenset(person.id for person in approvers if approval.requirement.role in person.roles)
        bound = self._hash_to_execute(tool, approval)
        if not claim_approved(self._session.store, approval.id, bound, eligible=eligible):
            return self._given_up(approval.id)
        return await self._performer.finish(asked, tool, approval.arguments)

    def _put_off(self, approval: Approval, unknown: Retryable) -> Outcome:
        """Raises Parked; an approval whose time is up is given up instead."""
        why = f"{unknown.message} It is asked again until it is known whether those who approved may still decide this."
        if put_off_approved(self._session.store, approval.id, why):
            raise Parked(approval.id)
        return self._given_up(approval.id)

    def _asked_already(self, asked: Asked) -> Refusal | None:
        decided = [step.request_hash for step in self._session.memo.steps if step.approval_id is not None]
        if guards.asked_before(asked.request_hash, decided):
            return Refusal("guard.asked_twice", "People have already decided exactly this call in this run.")
        known = approvals.open_for_call(self._session.store, self._session.agent.id, asked.request_hash)
        if known is not None:
            return Refusal("approval.already_open", f"Exactly this call already waits for a decision ({known.id}).")
        past = approvals.recent_approvals(self._session.store)
        rejected = guards.rejected_lately(asked.request_hash, past, self._session.store.clock.now())
        if rejected is None:
            return None
        return Refusal("guard.rejected_before", f"Exactly this call was rejected not long ago ({rejected.id}).")

    def _objection(
        self, asked: Asked, tool: Tool, run: Run, approval: Approval, approvers: tuple[Person, ...]
    ) -> str | None:
        """Scope, arguments and policy as they are now; role, time and bytes are checked in the claim's transaction."""
        refusal = unfit(self._session.agent, tool, self._performer.tool_call(asked, approval.arguments))
        if refusal is not None:
            return refusal.reason
        return objection_to_approved(self._session.team, run, approval, approvers, self._session.store.clock.now())

    def _hash_to_execute(self, tool: Tool, approval: Approval) -> str:
        """The hash of what is about to be executed, computed anew from its parts and never copied from the approval."""
        request = bound_call(self._session.agent.id, tool.spec, approval.arguments, self._session.team.env)
        return call_hash(request)

    def _given_up(self, approval_id: str) -> Refusal:
        approval = approvals.approval(self._session.store, approval_id)
        return Refusal(refusal_rule(approval), approval.outcome or "It was not executed.")
