"""What a session accounts for before it ends: the tasks it took up, the evidence it gave, the notes it was shown."""

from collections.abc import Sequence

from agents.parts import Session
from agents.tools.builtin.evidence import objection_to
from store.kernel.canonical import Json
from store.queries.notes import open_among
from store.queries.tasks import held_tasks, tasks_by_id
from store.records import UNDO_OF, Step, StepState, TaskState

CLOSE, LIST_NOTES = "task.close", "note.list"


def unaccounted(session: Session, steps: Sequence[Step]) -> list[str]:
    """What is left open, one sentence each: `steps` are the session's tool calls.

    A claimed task must be done with evidence that still holds, blocked with a reason, handed over or returned; a note
    that the session was shown must be acknowledged. A run that takes a call back has no mind that was shown anything.
    """
    if UNDO_OF in session.run.trigger.input:
        return []
    return [*_held(session), *_evidence_gone(session, steps), *_unacknowledged(session, steps)]


def _held(session: Session) -> list[str]:
    return [
        f"The task {task.id} is still taken up: close it with evidence, block it, hand it over or return it."
        for task in held_tasks(session.store, session.run.id)
    ]


def _evidence_gone(session: Session, steps: Sequence[Step]) -> list[str]:
    """Evidence of tasks this session closed, and nobody opened again, that does not hold any more."""
    closed = {str(one) for one in _results(steps, CLOSE, "task")}
    found = tasks_by_id(session.store, closed).values()
    shown = [(task.id, one) for task in found if task.state is TaskState.DONE for one in task.evidence]
    objections = [(task_id, objection_to(session.store, session.team.root, one)) for task_id, one in shown]
    return [f"The evidence of {task_id} does not hold: {why}" for task_id, why in objections if why is not None]


def _unacknowledged(session: Session, steps: Sequence[Step]) -> list[str]:
    layer = session.receipt.context.get("notes")
    shown = _ids(layer.get("notes") if isinstance(layer, dict) else None)
    for listed in _results(steps, LIST_NOTES, "notes"):
        shown |= _ids(listed)
    return [f"The note {note_id} was not acknowledged." for note_id in open_among(session.store, frozenset(shown))]


def _results(steps: Sequence[Step], tool: str, name: str) -> list[Json]:
    done = [step.result for step in steps if step.name == tool and step.state is StepState.DONE]
    return [result[name] for result in done if isinstance(result, dict) and name in result]


def _ids(listed: Json) -> set[str]:
    return {str(one["id"]) for one in listed if isinstance(one, dict)} if isinstance(listed, list) else set()
