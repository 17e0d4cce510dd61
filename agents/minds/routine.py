"""A routine: a Python function of the workspace that thinks in code, acts only through `ctx`, and replays exactly."""

import json
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any

from agents.minds import places
from agents.minds.loading import load_routine
from agents.outcomes import Done, Failure, Outcome, Refusal
from agents.parts import Session
from agents.roster import RoutineMind
from agents.tools.gate import Gate
from agents.tools.messages import Heard
from store.kernel.canonical import JsonObject
from store.kernel.errors import QuarterdeckError, Refused, UserMistake


class ToolRefused(Refused):
    """The call was not made: out of scope, against policy, not approved. `rule` says which (`approval.rejected` …)."""


class ToolFailed(QuarterdeckError):
    """The call was tried and failed. `unknown` is True when it may have taken effect all the same."""

    def __init__(self, message: str, *, unknown: bool) -> None:
        super().__init__(message)
        self.unknown = unknown


class ToolResult(dict[str, Any]):
    """A tool's result. `arguments` are those it was executed with; `edited` is True when a person had changed them."""

    def __init__(self, done: Done) -> None:
        super().__init__(done.result)
        self.arguments = done.arguments
        self.edited = done.edited


class Context:
    """What a routine is given. Everything it returns is on record, so a routine that runs again sees the same.

    A routine must take everything it decides on from here: no clock, no file, no network of its own. After a wait of
    days, or a crash, it is run again from its first line and every call that was made is answered from the record.
    """

    def __init__(self, session: Session, gate: Gate) -> None:
        self._session = session
        self._gate = gate
        self.result: JsonObject | None = None

    @property
    def input(self) -> Mapping[str, Any]:
        """What the trigger gave."""
        return self._session.run.trigger.input

    @property
    def settings(self) -> Mapping[str, Any]:
        """The agent's settings, as they were when the run began."""
        return dict(self._layer("role").get("settings", {}))

    @property
    def due_at(self) -> datetime:
        """When this run was due; for one without a schedule, when it was asked for."""
        return self._session.run.trigger.due_at or self._session.run.created_at

    @property
    def timezone(self) -> str:
        """The team's time zone."""
        return self._session.team.timezone

    @property
    def since(self) -> datetime | None:
        """When the agent's previous session ended; None when there was none."""
        last = self._layer("state").get("since")
        return datetime.fromisoformat(last["ended_at"]) if last else None

    @property
    def open_alerts(self) -> frozenset[str]:
        """Metrics of the agent's alerts that stood when this session began."""
        return frozenset(self._layer("state").get("open_alerts", ()))

    @property
    def notes(self) -> tuple[Mapping[str, Any], ...]:
        """What the agent was told and had not acknowledged when this session began: `id`, `by`, `due_at`, `text`.

        Each must be acknowledged with `note.acknowledge` before the session ends. `text` is None where a stranger's
        words may be in it: `note.list` reads it.
        """
        return tuple(self._layer("notes").get("notes", ()))

    @property
    def tasks(self) -> tuple[Mapping[str, Any], ...]:
        """The agent's unfinished tasks when this session began: `id`, `state`, `due_at`, `title`."""
        return tuple(self._layer("tasks").get("tasks", ()))

    @property
    def decisions(self) -> tuple[Mapping[str, Any], ...]:
        """Decisions that affect the agent and that it had not acknowledged: `id`, `by`, `subject`, `choice`."""
        return tuple(self._layer("decisions").get("decisions", ()))

    def knows(self, topic: str) -> str | None:
        """What a topic said when this session began; None when the agent was not told, or nothing is written."""
        known = [*self._layer("inherited").get("topics", ()), *self._layer("knowledge").get("topics", ())]
        return next((str(one["text"]) for one in known if one["topic"] == topic and one["text"]), None)

    def asks_already(self, tool: str) -> bool:
        """True when a request of this agent to use `tool` waited for a decision as this session began."""
        return any(request["tool"] == tool for request in self._layer("state").get("open_requests", ()))

    def now(self) -> datetime:
        """The moment this session began: the same however often the routine is run again."""
        return self._session.receipt.booted_at

    def call(self, tool: str, /, *, claim: str | None = None, **arguments: Any) -> Coroutine[Any, Any, ToolResult]:
        """Calls a tool and gives its result; await it, alone or with others in `asyncio.gather`.

        `claim` is the reason shown to people when they are asked. Raises ToolRefused and ToolFailed. When people must
        decide, the routine stops here and is continued after their decision.
        """
        return self._call(places.next_key(), tool, json.loads(json.dumps(arguments)), claim)

    def messages(self) -> Coroutine[Any, Any, tuple[Heard, ...]]:
        """What people wrote to this run since it last looked, oldest first; await it. Looking is a step of the run."""
        return self._gate.messages(places.next_key())

    def finish(self, result: JsonObject) -> None:
        """Sets the session's result; the last one set stands. `return result` does the same."""
        self.result = result

    async def _call(self, key: str, tool: str, arguments: JsonObject, claim: str | None) -> ToolResult:
        return _result_or_raise(await self._gate.call(key, tool, arguments, claim))

    def _layer(self, name: str) -> dict[str, Any]:
        layer = self._session.receipt.context.get(name)
        return layer if isinstance(layer, dict) else {}


async def think(session: Session, gate: Gate) -> JsonObject:
    """Runs the agent's routine from its first line and gives its result, an empty one when it gives none."""
    mind = session.agent.mind
    if not isinstance(mind, RoutineMind):
        raise TypeError(f"{session.agent.id} is no routine")
    digest = session.began_in or session.team.digest
    run = load_routine(session.team.root, mind.file, digest, session.routine_source)
    context = Context(session, gate)
    places.begin()
    returned = await run(context)
    result = context.result if returned is None else returned
    if result is None:
        return {}
    if not isinstance(result, dict):
        raise UserMistake(
            f"{mind.file} returned {type(result).__name__}.", "A routine's result is a mapping, or nothing."
        )
    return result


def _result_or_raise(outcome: Outcome) -> ToolResult:
    if isinstance(outcome, Refusal):
        raise ToolRefused(outcome.reason, outcome.rule)
    if isinstance(outcome, Failure):
        raise ToolFailed(outcome.reason, unknown=outcome.unknown)
    return ToolResult(outcome)
