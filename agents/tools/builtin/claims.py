"""task.claim, task.renew, task.release and task.block: one run works on a task at a time, and says how it leaves it."""

from agents.tools.builtin.shapes import closed, shown, text
from agents.tools.builtin.working import (
    CHANGED,
    REASON_CHARS,
    TASK_ID,
    TASK_IDS,
    changed,
    given_ids,
    own_task,
    worker,
)
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.task_claims import LEASE_SECONDS, claim_task, release_task, renew_task
from store.actions.tasks import move_task, update_task
from store.kernel.canonical import JsonObject
from store.records import Access, Task, TaskState

MAX_LEASE_SECONDS = 7 * 86_400
_HELD = closed({"task": text(64), "state": text(20), "until": text(40)})


async def _claim(call: ToolCall, means: Means) -> JsonObject:
    seconds = call.arguments.get("lease_seconds", LEASE_SECONDS)
    lease = seconds if isinstance(seconds, int) else LEASE_SECONDS
    return _held(claim_task(means.store, str(call.arguments["task"]), call.run_id, lease_seconds=lease))


def _held(task: Task) -> JsonObject:
    return {**changed(task), "until": shown(task.held_until) if task.held_until else ""}


CLAIM_TASK = Tool(
    spec=ToolSpec(
        name="task.claim",
        description=(
            "Takes up a task of the agent's own, or of nobody: from then on this session alone works on it. It must "
            "be closed, blocked, handed over or released before the session ends. The claim ends with the session, or "
            "when `lease_seconds` pass without task.renew; while the session waits for people the lease stands still."
        ),
        arguments=closed(
            {
                "task": TASK_ID,
                "lease_seconds": {"type": "integer", "minimum": 60, "maximum": MAX_LEASE_SECONDS},
            },
            optional=("lease_seconds",),
        ),
        result=_HELD,
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_claim,
    summarise=lambda arguments: f"Takes up the task {arguments['task']}.",
)


async def _renew(call: ToolCall, means: Means) -> JsonObject:
    return _held(renew_task(means.store, str(call.arguments["task"]), call.run_id))


RENEW_TASK = Tool(
    spec=ToolSpec(
        name="task.renew",
        description="Begins the lease on a task this session works on anew.",
        arguments=closed({"task": TASK_ID}),
        result=_HELD,
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_renew,
    summarise=lambda arguments: f"Goes on with the task {arguments['task']}.",
)


async def _release(call: ToolCall, means: Means) -> JsonObject:
    task_id, reason = str(call.arguments["task"]), str(call.arguments["reason"])
    return changed(release_task(means.store, task_id, call.run_id, reason))


RELEASE_TASK = Tool(
    spec=ToolSpec(
        name="task.release",
        description="Returns a task this session works on, with the reason: it is open again.",
        arguments=closed({"task": TASK_ID, "reason": text(REASON_CHARS)}),
        result=CHANGED,
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_release,
    summarise=lambda arguments: f"Returns the task {arguments['task']}: {arguments['reason']}",
)


async def _block(call: ToolCall, means: Means) -> JsonObject:
    task, actor = own_task(call, means), worker(call, means).actor
    waits_for = given_ids(call, "blocked_by")
    if waits_for:
        task = update_task(means.store, task.id, actor, changes={"blocked_by": waits_for})
    reason = str(call.arguments["reason"])
    return changed(move_task(means.store, task.id, actor, to=TaskState.BLOCKED, reason=reason))


BLOCK_TASK = Tool(
    spec=ToolSpec(
        name="task.block",
        description=(
            "Says that one of the agent's own tasks cannot go on, and why; `blocked_by` names the tasks it waits for, "
            "in place of those named before."
        ),
        arguments=closed(
            {"task": TASK_ID, "reason": text(REASON_CHARS), "blocked_by": TASK_IDS}, optional=("blocked_by",)
        ),
        result=CHANGED,
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_block,
    summarise=lambda arguments: f"Blocks the task {arguments['task']}: {arguments['reason']}",
)
