"""What the tools of shared work have in common: who calls, which task is meant, and the forms their answers take."""

from typing import NamedTuple

from agents.tools.builtin.shapes import MOMENT, closed, list_of, moment_of, shown, text
from agents.tools.spec import Means, ToolCall
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Refused
from store.queries import runs, tasks
from store.records import Actor, ActorKind, Run, Task

TITLE_CHARS, TEXT_CHARS, REASON_CHARS, WHO_CHARS = 200, 3_000, 1_000, 64
TASK_ID: JsonObject = {"type": "string", "pattern": r"^task_[a-z2-7]{16}$", "description": "A task's id"}
TASK_IDS: JsonObject = list_of(TASK_ID, at_most=20)
WHO: JsonObject = {**text(WHO_CHARS), "description": "The id of an agent or a person of the team"}
DUE: JsonObject = {**MOMENT, "description": "A moment with its zone: 2026-11-21T08:00:00Z; empty for none"}
CHANGED = closed({"task": text(64), "state": text(20)})
"""What a tool that changes a task answers."""
TASK = closed(
    {
        "id": text(64),
        "title": text(TITLE_CHARS, at_least=0),
        "details": text(TEXT_CHARS, at_least=0),
        "state": text(20),
        "owner": text(WHO_CHARS, at_least=0),
        "due_at": text(40, at_least=0),
        "overdue": {"type": "boolean"},
        "since": text(40),
        "reason": text(TEXT_CHARS, at_least=0),
        "blocked_by": list_of(text(64), at_most=20),
        "claimed_by": text(64, at_least=0),
        "tainted": {"type": "boolean"},
        "message": text(TEXT_CHARS, at_least=0),
        "message_by": text(TITLE_CHARS, at_least=0),
    }
)
"""A task as tools tell it; what there is none of is empty."""


class Worker(NamedTuple):
    """Whoever calls: the agent as an actor, and its run as it stands now."""

    actor: Actor
    run: Run

    @property
    def agent_id(self) -> str:
        """The agent's id."""
        return self.actor.id


def worker(call: ToolCall, means: Means) -> Worker:
    """Who calls this tool."""
    return Worker(Actor(kind=ActorKind.AGENT, id=call.agent.id), runs.run(means.store, call.run_id))


def told(task: Task, call: ToolCall) -> JsonObject:
    """The task as a tool tells it."""
    source = task.source
    blocked_by: list[Json] = list(task.blocked_by)
    return {
        "id": task.id,
        "title": task.title[:TITLE_CHARS],
        "details": task.details[:TEXT_CHARS],
        "state": task.state.value,
        "owner": task.agent_id or task.person_id or "",
        "due_at": shown(task.due_at) if task.due_at else "",
        "overdue": task.is_overdue(call.now),
        "since": shown(task.changed_at),
        "reason": (task.reason or "")[:TEXT_CHARS],
        "blocked_by": blocked_by,
        "claimed_by": task.held_by or "",
        "tainted": task.is_guarded,
        "message": source.text[:TEXT_CHARS] if source else "",
        "message_by": source.author[:TITLE_CHARS] if source else "",
    }


def changed(task: Task) -> JsonObject:
    """What became of a task that a tool changed."""
    return {"task": task.id, "state": task.state.value}


def own_task(call: ToolCall, means: Means) -> Task:
    """The task that is meant, which this agent may move. Raises NotFound, and Refused (`task.owner`) for another's."""
    task, me = tasks.task(means.store, str(call.arguments["task"])), call.agent.id
    if task.agent_id != me or task.held_by not in (None, call.run_id):
        who = f"is worked on by {task.held_by}" if task.agent_id == me else f"is not {me}'s"
        raise Refused(f"The task {task.id} {who}.", "task.owner")
    return task


def holds_words(result: JsonObject) -> bool:
    """True unless the result says itself that nothing in it is a stranger's."""
    return result.get("tainted") is not False


def given_text(call: ToolCall, name: str) -> str:
    """A text argument; empty when it was left out."""
    return str(call.arguments.get(name, ""))


def given_ids(call: ToolCall, name: str) -> tuple[str, ...]:
    """A list of ids, each once, in order; empty when it was left out."""
    listed = call.arguments.get(name)
    return tuple(dict.fromkeys(str(one) for one in listed)) if isinstance(listed, list) else ()


def require_moments(call: ToolCall) -> None:
    """Raises UserMistake for a `due_at` that is no moment; empty is none."""
    if given_text(call, "due_at"):
        moment_of(given_text(call, "due_at"))
