"""Tasks that wait for one another and who may take one up. Pure."""

from collections.abc import Collection, Iterable, Mapping

from store.records.task import Task, TaskState

MAX_BLOCKERS = 20
"""How many tasks one task may wait for."""


def still_open(blockers: Iterable[Task]) -> tuple[Task, ...]:
    """Those that are waited for: neither done nor dropped."""
    return tuple(task for task in blockers if not task.state.is_closed)


def circle(links: Mapping[str, Collection[str]], task_id: str, blockers: Collection[str]) -> tuple[str, ...] | None:
    """The circle that would close if the task waited for these; None when none would.

    `links` is task → what it waits for now. The circle begins and ends with the task.
    """
    open_paths: list[tuple[str, ...]] = [(task_id, blocker) for blocker in sorted(blockers)]
    seen: set[str] = set()
    while open_paths:
        path = open_paths.pop()
        last = path[-1]
        if last == task_id:
            return path
        if last not in seen:
            seen.add(last)
            open_paths.extend((*path, onward) for onward in sorted(links.get(last, ())))
    return None


def objection_to_claim(task: Task, agent_id: str, waits_for: Collection[Task]) -> str | None:
    """Why a run of this agent may not take the task up now; None when it may."""
    if task.state.is_closed:
        return f"The task is {task.state.value}; open it again first."
    if task.held_by is not None:
        return f"The run {task.held_by} works on it."
    if task.person_id is not None or task.agent_id not in (None, agent_id):
        return f"It belongs to {task.agent_id or task.person_id}."
    if waits_for:
        return f"It waits for {', '.join(sorted(one.id for one in waits_for))}."
    return None


def settled_state(task: Task, *, waits: bool) -> TaskState | None:
    """Where what it waits for moves a task by itself: None for nowhere.

    What nobody has begun is blocked while it waits for others; what is blocked is open once it no longer does.
    """
    if waits and task.state is TaskState.OPEN:
        return TaskState.BLOCKED
    return TaskState.OPEN if not waits and task.state is TaskState.BLOCKED else None
