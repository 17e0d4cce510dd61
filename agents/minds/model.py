"""A model: asked, given tools through the gate, and asked again until it reports or the runtime ends it."""

import itertools
import json

from agents import closeout
from agents.minds import conversation
from agents.minds.asking import Asker, Question, first_attempt
from agents.models.port import Message, ModelReply, ToolCall
from agents.outcomes import Done, Halt, Outcome, Refusal
from agents.parts import Session
from agents.roster import ModelMind
from agents.tools.gate import Gate
from store.kernel.canonical import JsonObject
from store.records import RunState

HOW_TO_ADD = (
    "Add a model under `models` in team.yaml and name it as this agent's `model`.",
    "Put the provider's key into the environment variable that its `key_env` names, then restart.",
)
_NO_MODEL = "No model is configured, so nothing was read or written"


async def think(session: Session, gate: Gate) -> JsonObject:
    """The model's report. Without a configured model: a card that says so, and a report that says so.

    Raises ModelError when the model cannot be asked, and Halt when a limit, a guard or the close-out ends the run.
    """
    mind, port = session.agent.mind, session.parts.model
    if not isinstance(mind, ModelMind):
        raise TypeError(f"{session.agent.id} has no model for a mind")
    if mind.model is None or port is None:
        return await _say_no_model(gate)
    return await _Loop(session, gate, Asker(session, port, session.team.models[mind.model])).run()


class _Loop:
    """One conversation, from its opening to an accepted report."""

    def __init__(self, session: Session, gate: Gate, asker: Asker) -> None:
        self._session = session
        self._gate = gate
        self._asker = asker
        self._messages: list[Message] = list(conversation.opening(session.receipt))
        self._tools = conversation.tool_schemas(session.receipt, session.parts.tools)
        self._repaired = False

    async def run(self) -> JsonObject:
        """Turn by turn. The run's limits end it if nothing else does."""
        told = 0
        for turn in itertools.count(1):
            await self._hear(turn)
            question = self._question(turn, new=len(self._messages) - told)
            told = len(self._messages)
            reply = await self._asker.ask(question)
            self._messages.append(conversation.spoken(reply))
            if reply.tool_calls:
                await self._act(turn, reply.tool_calls)
                continue
            objections = self._objections(reply)
            if not objections and reply.answer is not None:
                if self._somebody_wrote(turn + 1):
                    continue  # said while it wrote its report: it is read before the run ends
                return reply.answer
            self._repair_once(objections)
        raise AssertionError("unreachable: turns are endless")

    async def _hear(self, turn: int) -> None:
        """Reads what was written to the run, before the turn's question."""
        if self._somebody_wrote(turn):
            self._messages.append(conversation.overheard(await self._gate.messages(_hearing(turn))))

    def _somebody_wrote(self, turn: int) -> bool:
        """True when this turn has messages to read. Once its question was asked, what comes is for the next turn."""
        memo = self._session.memo
        if memo.knows(_hearing(turn)):
            return True
        return not memo.knows(first_attempt(turn)) and bool(self._gate.unread())

    def _question(self, turn: int, new: int) -> Question:
        return Question(
            turn=turn,
            messages=tuple(self._messages),
            new=new,
            tools=self._tools,
            answer=conversation.REPORT_SCHEMA,
        )

    async def _act(self, turn: int, calls: tuple[ToolCall, ...]) -> None:
        """Makes the calls one after the other, in the order the model wrote them."""
        for number, call in enumerate(calls, start=1):
            outcome = await self._call(f"{turn}.{number}", call)
            tool = self._session.parts.tools.find(call.name)
            result = outcome.result if isinstance(outcome, Done) else None
            untrusted = tool is not None and tool.spec_for(result).taints
            self._messages.append(conversation.answered(call, outcome, untrusted=untrusted))

    async def _call(self, key: str, call: ToolCall) -> Outcome:
        arguments = _parsed(call.arguments_json)
        if arguments is None:
            refusal = Refusal("gate.arguments", "The arguments are not a JSON object.")
            return await self._gate.refuse(key, call.name, call.arguments_json, refusal)
        return await self._gate.call(key, call.name, arguments)

    def _objections(self, reply: ModelReply) -> tuple[str, ...]:
        if reply.violation is not None and reply.violation.cut_off:
            raise Halt(RunState.NEEDS_ATTENTION, "The model's report was cut off at its token limit.")
        if reply.violation is not None:
            return reply.violation.errors
        if reply.answer is None:
            return ("The report is not the typed report that was asked for.",)
        return closeout.objections(self._session, reply.answer)

    def _repair_once(self, objections: tuple[str, ...]) -> None:
        if self._repaired:
            raise closeout.not_accepted(objections)
        self._repaired = True
        self._messages.append(conversation.repair(objections))


def _hearing(turn: int) -> str:
    return f"{turn}.messages"


async def _say_no_model(gate: Gate) -> JsonObject:
    await gate.call(
        "1",
        "digest.publish",
        {
            "headline": f"{_NO_MODEL}.",
            "sections": [{"heading": "How to add one", "lines": list(HOW_TO_ADD)}],
            "cannot_see": ["Everything: this agent needs a model to read and write."],
        },
    )
    return {"summary": f"{_NO_MODEL}.", "cannot_see": ["No model is configured."]}


def _parsed(text: str) -> JsonObject | None:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
