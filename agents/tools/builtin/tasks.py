"""An agent's own tasks: reading what there is to do, and saying what was done."""

from agents.tools.builtin.shapes import closed, list_of, shown, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.tasks import move_task
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Refused
from store.queries import tasks
from store.records import Access, Actor, ActorKind, Task, TaskState

LISTED = 50
_TITLE, _TEXT, _EVIDENCE = 200, 3_000, 1_000
_TASK_ID: JsonObject = {"type": "string", "pattern": r"^task_[a-z2-7]{16}$", "description": "A task's id"}


async def _list(call: ToolCall, means: Means) -> JsonObject:
    found = tasks.tasks(means.store, agent_id=call.agent.id, limit=LISTED)
    listed: list[Json] = [_told(task) for task in found]
    return {"tasks": listed}


def _told(task: Task) -> JsonObject:
    source = task.source
    return {
        "id": task.id,
        "title": task.title[:_TITLE],
        "details": task.details[:_TEXT],
        "state": task.state.value,
        "due_at": shown(task.due_at) if task.due_at else "",
        "message": source.text[:_TEXT] if source else "",
        "message_by": source.author[:_TITLE] if source else "",
    }


LIST_TASKS = Tool(
    spec=ToolSpec(
        name="task.list",
        description=(
            "The agent's unfinished tasks, what is due first: their words, and the message each was made from. "
            "An empty `due_at` means no date."
        ),
        arguments=closed({}),
        result=closed(
            {
                "tasks": list_of(
                    closed(
                        {
                            "id": text(64),
                            "title": text(_TITLE, at_least=0),
                            "details": text(_TEXT, at_least=0),
                            "state": text(20),
                            "due_at": text(40, at_least=0),
                            "message": text(_TEXT, at_least=0),
                            "message_by": text(_TITLE, at_least=0),
                        }
                    ),
                    at_most=LISTED,
                )
            }
        ),
        access=Access.READ,
        taints=True,
    ),
    run=_list,
    summarise=lambda _: "Lists the agent's tasks.",
)


async def _close(call: ToolCall, means: Means) -> JsonObject:
    task_id, me = str(call.arguments["task"]), call.agent.id
    task = tasks.task(means.store, task_id)
    if task.agent_id != me:
        raise Refused(f"The task {task_id} is not {me}'s.", "task.owner")
    actor, evidence = Actor(kind=ActorKind.AGENT, id=me), str(call.arguments["evidence"])
    moved = move_task(means.store, task_id, actor, to=TaskState.DONE, reason=evidence, revision=task.revision)
    return {"task": moved.id, "state": moved.state.value}


CLOSE_TASK = Tool(
    spec=ToolSpec(
        name="task.close",
        description=(
            "Says that one of the agent's own tasks is done. `evidence` says by what that can be seen: what was made "
            "or changed, and where it stands. People read it on the task's card and may open the task again."
        ),
        arguments=closed({"task": _TASK_ID, "evidence": text(_EVIDENCE, at_least=10)}),
        result=closed({"task": text(64), "state": text(20)}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_close,
    summarise=lambda arguments: f"Closes the task {arguments['task']}: {arguments['evidence']}",
)
