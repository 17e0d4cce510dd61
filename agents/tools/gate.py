"""The one door: every tool call of a session passes here, in one order, and leaves a record whatever becomes of it."""

import asyncio
from collections.abc import Coroutine

from agents import guards
from agents.outcomes import Done, Halt, Outcome, Parked, Refusal
from agents.parts import Session
from agents.present import live_run, run_with_room
from agents.tools.asked import Asked, asked_for, asked_in_vain
from agents.tools.authorise import authorise_for, rule_of
from agents.tools.messages import AT_ONCE, LISTENING, RULE, Heard, heard, read_result, spec_for
from agents.tools.people import People
from agents.tools.perform import Performer
from agents.tools.recorder import Recorder
from agents.tools.spec import Tool
from store.kernel.canonical import JsonObject, fingerprint
from store.queries import handoffs
from store.queries.messages import messages
from store.records import RunMessage, RunState, StepState
from store.rules.messages import read_up_to

ACCEPTING = "handoff.accept"
"""The tool by which a run takes on work, and with it whose wish it is."""


class Gate:
    """Passes the calls of one segment, one at a time, in the order they were asked.

    A call whose place is on record is answered from the record. Any other is: registered → in the agent's scope →
    valid → judged by policy, and by people where it says so → on record with its intent → executed → its result checked
    → settled. Parked and Halt end the segment: once one is raised, every later call raises it again.
    """

    def __init__(self, session: Session) -> None:
        if session.receipt.run_id != session.run.id:
            raise ValueError("a session without its own boot receipt may call no tool")
        self._session = session
        self._recorder = Recorder(session)
        self._performer = Performer(session, self._recorder)
        self._people = People(session, self._recorder, self._performer)
        self._turn = asyncio.Lock()
        self._calls: set[asyncio.Task[Outcome]] = set()
        self._seen: list[guards.Seen] = []
        self._closing = False
        self.ended: Parked | Halt | None = None

    async def call(self, key: str, name: str, arguments: JsonObject, claim: str | None = None) -> Outcome:
        """What became of the call at place `key`. A caller that is cancelled leaves the call itself to finish.

        `claim` is the mind's own reason, shown to people apart from what the tool says it does.
        """
        tool = self._session.parts.tools.find(name)
        if tool is None:
            return await self.refuse(
                key, name, repr(arguments), Refusal("gate.registered", f"There is no tool {name!r}.")
            )
        run, agent = self._session.run, self._session.agent
        env = self._session.team.env
        asked = asked_for(run.id, key, agent_id=agent.id, spec=tool.spec, arguments=arguments, env=env, claim=claim)
        return await self._in_turn(asked, self._answer(asked, tool))

    async def messages(self, key: str) -> tuple[Heard, ...]:
        """What was written to the run since it last looked, or what was read at this place before."""
        run, team = self._session.run, self._session.team
        asked = asked_for(run.id, key, agent_id=self._session.agent.id, spec=LISTENING, arguments={}, env=team.env)
        outcome = await self._in_turn(asked, self._answer_messages(asked))
        return heard(outcome.result) if isinstance(outcome, Done) else ()

    def unread(self) -> list[RunMessage]:
        """What was written to the run and not read yet, the first of it."""
        session = self._session
        return messages(session.store, session.run.id, after=read_up_to(session.memo.steps), limit=AT_ONCE)

    async def refuse(self, key: str, name: str, raw: str, refusal: Refusal) -> Outcome:
        """Records a call that cannot even be asked for; `raw` is what the mind wrote."""
        asked = asked_in_vain(self._session.run.id, key, self._session.agent.id, name, raw)
        return await self._in_turn(asked, self._answer_in_vain(asked, refusal))

    def end(self, early: Halt) -> None:
        """Lets no further call begin: each raises `early`. A call on its way is not touched."""
        self.ended = self.ended or early

    async def drained(self) -> None:
        """Waits until the calls on their way are on record; what they raise is for whoever asked."""
        while self._calls:
            await asyncio.wait(self._calls)

    async def closed(self) -> Parked | Halt | None:
        """Lets no call begin, waits for those on their way, and gives what ended the segment early, if anything."""
        self._closing = True
        await self.drained()
        return self.ended

    async def _in_turn(self, asked: Asked, answer: Coroutine[object, object, Outcome]) -> Outcome:
        # Not through create_task: a call is no branch of the mind and takes no place among its branches.
        task = asyncio.Task(self._guarded(asked, answer), loop=asyncio.get_running_loop())
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return await asyncio.shield(task)

    async def _guarded(self, asked: Asked, answer: Coroutine[object, object, Outcome]) -> Outcome:
        async with self._turn:
            if self.ended is not None or self._closing:
                answer.close()
                raise self.ended or Halt(RunState.FAILED, "The session is over; no call can be made.")
            try:
                outcome = await answer
                self._require_progress(asked, outcome)
            except (Parked, Halt) as early:
                self.ended = early
                raise
            return outcome

    async def _answer(self, asked: Asked, tool: Tool) -> Outcome:
        step = self._recorder.recorded(asked)
        if step is None:
            return await self._first(asked, tool)
        if step.state is StepState.WAITING:
            return await self._people.act_on_decision(asked, tool, live_run(self._session))
        if step.state is StepState.STARTED:
            return await self._performer.after_crash(asked, tool, step)
        return self._recorder.outcome(asked, step)

    async def _answer_messages(self, asked: Asked) -> Outcome:
        step = self._recorder.recorded(asked)
        if step is not None:
            return self._recorder.outcome(asked, step)
        run_with_room(self._session)
        unread = self.unread()
        result = read_result(unread, self._session.team.people)
        return self._recorder.keep_read(asked, RULE, result, spec_for(unread))

    async def _answer_in_vain(self, asked: Asked, refusal: Refusal) -> Outcome:
        step = self._recorder.recorded(asked)
        if step is not None:
            return self._recorder.outcome(asked, step)
        run_with_room(self._session)
        return self._recorder.refuse(asked, refusal)

    async def _first(self, asked: Asked, tool: Tool) -> Outcome:
        run = run_with_room(self._session)
        refusal = await self._performer.objection(asked, tool)
        if refusal is not None:
            return self._recorder.refuse(asked, refusal)
        now = self._session.store.clock.now()
        wished_by = handoffs.wished_by(self._session.store, run.id) if self._has_accepted() else None
        decision = authorise_for(self._session.team, run, asked.name, asked.arguments, now, wished_by=wished_by)
        if decision.effect == "deny":
            return self._recorder.refuse(asked, Refusal(rule_of(decision), decision.reason))
        if decision.require is not None:
            return self._people.ask(asked, tool, decision, decision.require)
        return await self._performer.perform(asked, tool, rule_of(decision))

    def _has_accepted(self) -> bool:
        """True when the run has taken on what was handed to it."""
        return any(step.name == ACCEPTING for step in self._session.memo.steps)

    def _require_progress(self, asked: Asked, outcome: Outcome) -> None:
        if asked.name == LISTENING.name:
            return  # to look again whether somebody has written is no loop
        self._seen.append(guards.Seen(asked.request_hash, fingerprint(repr(outcome)), isinstance(outcome, Refusal)))
        objection = guards.objection(self._seen)
        if objection is not None:
            raise Halt(RunState.NEEDS_ATTENTION, objection)
