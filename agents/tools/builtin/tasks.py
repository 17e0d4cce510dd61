"""task.list, task.create, task.update and task.close: what there is to do, and what has been done."""

from agents.tools.builtin.evidence import looked_at
from agents.tools.builtin.shapes import closed, list_of, moment_of, text
from agents.tools.builtin.working import (
    CHANGED,
    DUE,
    REASON_CHARS,
    TASK,
    TASK_ID,
    TASK_IDS,
    TEXT_CHARS,
    TITLE_CHARS,
    WHO,
    changed,
    given_ids,
    given_text,
    holds_words,
    own_task,
    require_moments,
    told,
    worker,
)
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.tasks import assign_task, create_task, move_task, update_task
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Refused, UserMistake
from store.kernel.ids import derive
from store.queries import tasks
from store.records import Access, Evidence, EvidenceKind, Owner, Task, TaskState

LISTED = 50
MINE, UNOWNED, EVERYBODY = "mine", "unowned", "everybody"
_EVIDENCE = closed(
    {"kind": {"type": "string", "enum": [kind.value for kind in EvidenceKind]}, "value": text(REASON_CHARS)}
)


async def _list(call: ToolCall, means: Means) -> JsonObject:
    found = _asked_for(call, means)[:LISTED]
    listed: list[Json] = [told(task, call) for task in found]
    return {"tasks": listed, "tainted": any(task.is_guarded for task in found)}


def _asked_for(call: ToolCall, means: Means) -> list[Task]:
    whose = call.arguments.get("whose", MINE)
    if whose == UNOWNED:
        return tasks.unowned_tasks(means.store, LISTED)
    return tasks.tasks(means.store, agent_id=call.agent.id if whose == MINE else None, limit=LISTED)


LIST_TASKS = Tool(
    spec=ToolSpec(
        name="task.list",
        description=(
            "Unfinished tasks, what is due first: the agent's own, those of nobody (`unowned`) or of everybody. "
            "What there is none of is empty. Tasks made from a message hold a stranger's words."
        ),
        arguments=closed(
            {"whose": {"type": "string", "enum": [MINE, UNOWNED, EVERYBODY]}},
            optional=("whose",),
        ),
        result=closed({"tasks": list_of(TASK, at_most=LISTED), "tainted": {"type": "boolean"}}),
        access=Access.READ,
        taints=True,
    ),
    taints_with=holds_words,
    run=_list,
    summarise=lambda arguments: f"Lists tasks: {arguments.get('whose', MINE)}.",
)


async def _create(call: ToolCall, means: Means) -> JsonObject:
    me, owner = worker(call, means), _owner(means, given_text(call, "owner"))
    task = Task(
        id=derive("task", call.idempotency_key),
        title=str(call.arguments["title"]),
        details=given_text(call, "details"),
        agent_id=owner.agent_id,
        person_id=owner.person_id,
        created_by=me.actor,
        created_at=call.now,
        changed_at=call.now,
        due_at=moment_of(given_text(call, "due_at")) if given_text(call, "due_at") else None,
        blocked_by=given_ids(call, "blocked_by"),
        tainted=me.run.tainted,
    )
    return changed(create_task(means.store, task))


def _owner(means: Means, name: str) -> Owner:
    if not name:
        return Owner()
    if name in means.team.agents:
        return Owner(agent_id=name)
    if name in means.team.people:
        return Owner(person_id=name)
    there_are = ", ".join((*means.team.agents, *means.team.people))
    raise UserMistake(f"There is nobody called {name!r} here.", f"There are {there_are}.")


CREATE_TASK = Tool(
    spec=ToolSpec(
        name="task.create",
        description=(
            "Makes a task, for an agent, a person, or nobody yet. One that waits for others (`blocked_by`) is blocked "
            "until they are closed."
        ),
        arguments=closed(
            {
                "title": text(TITLE_CHARS),
                "details": text(TEXT_CHARS, at_least=0),
                "owner": WHO,
                "due_at": DUE,
                "blocked_by": TASK_IDS,
            },
            optional=("details", "owner", "due_at", "blocked_by"),
        ),
        result=CHANGED,
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_create,
    summarise=lambda arguments: f"Makes the task: {arguments['title']}.",
    check=require_moments,
)


async def _update(call: ToolCall, means: Means) -> JsonObject:
    task, me = tasks.task(means.store, str(call.arguments["task"])), worker(call, means)
    if not _may_update(task, me.agent_id):
        raise Refused(f"The task {task.id} is neither {me.agent_id}'s nor made by it.", "task.owner")
    wanted = _changes(call)
    updated = update_task(means.store, task.id, me.actor, changes=wanted) if wanted else task
    if "owner" in call.arguments:
        owner = _owner(means, given_text(call, "owner"))
        updated = assign_task(means.store, task.id, me.actor, to=owner, reason=given_text(call, "reason") or None)
    return changed(updated)


def _may_update(task: Task, agent_id: str) -> bool:
    """Its owner may, whoever made it may, and anybody may see to what belongs to nobody."""
    unowned = task.agent_id is None and task.person_id is None
    return unowned or agent_id in (task.agent_id, task.created_by.id)


def _changes(call: ToolCall) -> dict[str, object]:
    wanted: dict[str, object] = {name: call.arguments[name] for name in ("title", "details") if name in call.arguments}
    if "due_at" in call.arguments:
        wanted["due_at"] = moment_of(given_text(call, "due_at")) if given_text(call, "due_at") else None
    if "blocked_by" in call.arguments:
        wanted["blocked_by"] = given_ids(call, "blocked_by")
    return wanted


UPDATE_TASK = Tool(
    spec=ToolSpec(
        name="task.update",
        description=(
            "Changes a task of the agent's own, one it made, or one of nobody: what is named, and nothing else. "
            "`owner` hands it over, with the `reason`; `blocked_by` replaces what it waits for."
        ),
        arguments=closed(
            {
                "task": TASK_ID,
                "title": text(TITLE_CHARS),
                "details": text(TEXT_CHARS, at_least=0),
                "owner": WHO,
                "reason": text(REASON_CHARS),
                "due_at": DUE,
                "blocked_by": TASK_IDS,
            },
            optional=("title", "details", "owner", "reason", "due_at", "blocked_by"),
        ),
        result=CHANGED,
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_update,
    summarise=lambda arguments: (
        f"Changes the task {arguments['task']}: {', '.join(sorted(set(arguments) - {'task'}))}."
    ),
    check=require_moments,
)


async def _close(call: ToolCall, means: Means) -> JsonObject:
    task = own_task(call, means)
    shown = tuple(looked_at(means.store, call.root, one) for one in _evidence(call.arguments["evidence"]))
    words = " ".join(one.value for one in shown if one.kind is EvidenceKind.TEXT) or None
    moved = move_task(
        means.store,
        task.id,
        worker(call, means).actor,
        to=TaskState.DONE,
        reason=words,
        evidence=shown,
        revision=task.revision,
    )
    return changed(moved)


def _evidence(given: Json) -> tuple[Evidence, ...]:
    """Words alone, or a list of pieces of evidence."""
    if not isinstance(given, list):
        return (Evidence(kind=EvidenceKind.TEXT, value=str(given)),)
    return tuple(Evidence.model_validate(one) for one in given)


def _said(given: Json) -> str:
    return (
        "; ".join(f"{one.kind.value} {one.value}" for one in _evidence(given))
        if isinstance(given, list)
        else str(given)
    )


CLOSE_TASK = Tool(
    spec=ToolSpec(
        name="task.close",
        description=(
            "Says that one of the agent's own tasks is done. `evidence` says by what that can be seen: words, or a "
            "list of pieces, each a text, a link, a file of the workspace, a published digest or a run. Files, digests "
            "and runs are looked at, now and when the session ends. People may open the task again."
        ),
        arguments=closed(
            {
                "task": TASK_ID,
                "evidence": {"anyOf": [text(REASON_CHARS, at_least=10), list_of(_EVIDENCE, at_least=1, at_most=10)]},
            }
        ),
        result=CHANGED,
        access=Access.WRITE,
        idempotent=True,
        version=2,
    ),
    run=_close,
    summarise=lambda arguments: f"Closes the task {arguments['task']}: {_said(arguments['evidence'])}",
)
