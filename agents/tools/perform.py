"""Doing what was authorised: the intent is on record first, and what came of it is on record whatever happens."""

from agents.outcomes import Outcome, Refusal
from agents.parts import Session
from agents.tools.asked import Asked
from agents.tools.execute import NOBODY_KNOWS, Executed, execute, look_up
from agents.tools.recorder import Recorder
from agents.tools.spec import Means, Tool, ToolCall
from agents.tools.validity import inadmissible, unfit
from store.kernel.canonical import JsonObject
from store.queries.restores import may_have_acted
from store.records import Access, Step, StepState


class Performer:
    """Executes authorised calls of one session."""

    def __init__(self, session: Session, recorder: Recorder) -> None:
        self._session = session
        self._recorder = recorder
        self._means = Means(
            store=session.store,
            team=session.parts.team,
            readings=session.parts.readings,
            sources=session.parts.sources,
            owner=session.owner(),
            given=session.parts.given,
        )

    async def perform(self, asked: Asked, tool: Tool, rule_id: str) -> Outcome:
        """Executes a call that policy allows."""
        if tool.spec.access is Access.READ:
            return await self._read(asked, tool, rule_id)
        self._recorder.begin(asked, rule_id)
        return await self.finish(asked, tool, asked.arguments)

    async def finish(self, asked: Asked, tool: Tool, arguments: JsonObject) -> Outcome:
        """Executes a call whose intent is on record, with the arguments that were authorised.

        In a run that a restored backup took back in time the call may have been made before: it is looked up first.
        """
        if not tool.spec.may_repeat and may_have_acted(self._session.store, self._session.run):
            found = await look_up(tool, self.tool_call(asked, arguments), self._means)
            if found is not None:
                return self._recorder.settle(asked, found, tool.spec)
        try:
            executed = await self._execute(asked, tool, arguments)
        except Exception as bug:
            self._recorder.settle(asked, _broken(tool, bug), tool.spec)
            raise
        return self._recorder.settle(asked, executed, tool.spec_for(executed.result))

    async def after_crash(self, asked: Asked, tool: Tool, step: Step) -> Outcome:
        """A call whose process died during it: repeated where harmless, looked up where possible, else unknown.

        An irreversible call is never repeated; its unknown outcome becomes an incident for a person.
        """
        approval = self._recorder.approval_of(step)
        arguments = approval.arguments if approval else asked.arguments
        if not tool.spec.may_repeat:
            found = await look_up(tool, self.tool_call(asked, arguments), self._means)
            if found is not None or tool.spec.irreversible:
                known = found or Executed(StepState.UNKNOWN, error=NOBODY_KNOWS)
                return self._recorder.settle(asked, known, tool.spec_for(known.result))
        self._recorder.begin(asked, step.rule_id)
        return await self.finish(asked, tool, arguments)

    async def objection(self, asked: Asked, tool: Tool) -> Refusal | None:
        """Why the call cannot be made by this agent as things stand; None when it can. Changes nothing."""
        call = self.tool_call(asked, asked.arguments)
        return unfit(self._session.agent, tool, call) or await inadmissible(tool, call, self._means)

    def tool_call(self, asked: Asked, arguments: JsonObject) -> ToolCall:
        """The call as the tool gets it."""
        return ToolCall(
            agent=self._session.agent,
            run_id=asked.run_id,
            arguments=arguments,
            idempotency_key=asked.idempotency_key,
            now=self._session.store.clock.now(),
            root=self._session.team.root,
        )

    async def _read(self, asked: Asked, tool: Tool, rule_id: str) -> Outcome:
        """A read that succeeds is recorded once, after it; one that fails is recorded in full."""
        try:
            executed = await self._execute(asked, tool, asked.arguments)
        except Exception as bug:
            self._recorder.begin(asked, rule_id)
            self._recorder.settle(asked, _broken(tool, bug), tool.spec)
            raise
        if executed.result is not None:
            return self._recorder.keep_read(asked, rule_id, executed.result, tool.spec_for(executed.result))
        self._recorder.begin(asked, rule_id)
        return self._recorder.settle(asked, executed, tool.spec_for(executed.result))

    async def _execute(self, asked: Asked, tool: Tool, arguments: JsonObject) -> Executed:
        call = self.tool_call(asked, arguments)
        executed = await execute(tool, call, self._means, self._session.parts.retry_delays_seconds)
        if executed.state is not StepState.UNKNOWN:
            return executed
        found = await look_up(tool, call, self._means)
        return found if found is not None and found.state is StepState.DONE else executed


def _broken(tool: Tool, bug: Exception) -> Executed:
    state = StepState.FAILED if tool.spec.may_repeat else StepState.UNKNOWN
    return Executed(state, error=f"The tool broke ({type(bug).__name__}).")
