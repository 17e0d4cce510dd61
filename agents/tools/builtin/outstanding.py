"""work.outstanding: what nobody has seen to, for whoever keeps an eye on it."""

from datetime import datetime, timedelta
from typing import TypeAlias

from agents.tools.builtin.shapes import closed, list_of, shown, text
from agents.tools.builtin.working import TASK, TITLE_CHARS, WHO_CHARS, holds_words, told
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.kernel.canonical import Json, JsonObject
from store.queries.work import outstanding, task_counts
from store.records import Access, Outstanding, Task

LISTED = 50
Lines: TypeAlias = list[tuple[str, str, tuple[str, ...], datetime]]
"""Id, what it is about, whom it waits for, since when."""
_COUNT: JsonObject = {"type": "integer", "minimum": 0}
_LINE = closed(
    {
        "id": text(64),
        "about": text(TITLE_CHARS, at_least=0),
        "waits_for": list_of(text(WHO_CHARS), at_most=LISTED),
        "since": text(40),
    }
)


async def _outstanding(call: ToolCall, means: Means) -> JsonObject:
    days = call.arguments.get("stuck_days", 1)
    after = timedelta(days=days if isinstance(days, int) else 1)
    found = outstanding(means.store, call.now, stuck_after=after)
    counts = task_counts(means.store, since=call.now - timedelta(days=1), as_of=call.now)
    listed = (*found.overdue, *found.stuck, *found.unowned)
    return {
        "as_of": shown(call.now),
        "overdue": _tasks(found.overdue, call),
        "stuck": _tasks(found.stuck, call),
        "unowned": _tasks(found.unowned, call),
        **_lines(found),
        "counts": {
            "open": counts.open,
            "in_progress": counts.in_progress,
            "blocked": counts.blocked,
            "finished_today": counts.finished,
        },
        "tainted": any(task.is_guarded for task in listed) or any(one.decision.tainted for one in found.decisions),
    }


def _tasks(found: tuple[Task, ...], call: ToolCall) -> list[Json]:
    return [told(task, call) for task in found[:LISTED]]


def _lines(found: Outstanding) -> JsonObject:
    """Notes and proposals by who wrote them, never by their words: what those say is read where it taints."""
    notes: Lines = [(one.id, f"note from {one.sender.id}", (one.to_agent,), one.created_at) for one in found.notes]
    decisions: Lines = [
        (one.decision.id, one.decision.subject, one.missing, one.decision.decided_at) for one in found.decisions
    ]
    contested: Lines = [(one.id, one.subject, (), one.decided_at) for one in found.contested]
    proposals: Lines = [(one.id, one.topic, (one.agent_id,), one.proposed_at) for one in found.proposals]
    heads: dict[str, Lines] = {
        "notes": notes,
        "decisions": decisions,
        "contested": contested,
        "proposals": proposals,
    }
    return {
        head: [
            {"id": one, "about": about[:TITLE_CHARS], "waits_for": list[Json](who[:LISTED]), "since": shown(since)}
            for one, about, who, since in lines[:LISTED]
        ]
        for head, lines in heads.items()
    }


OUTSTANDING = Tool(
    spec=ToolSpec(
        name="work.outstanding",
        description=(
            "What nobody in the team has seen to: tasks that are overdue, stuck (blocked for `stuck_days`) or unowned, "
            " notes nobody acknowledged in time, decisions not acknowledged by all they affect, decisions that "
            "contradict each other, proposals that wait; and how many tasks stand where."
        ),
        arguments=closed({"stuck_days": {"type": "integer", "minimum": 0, "maximum": 365}}, optional=("stuck_days",)),
        result=closed(
            {
                "as_of": text(40),
                **{head: list_of(TASK, at_most=LISTED) for head in ("overdue", "stuck", "unowned")},
                **{head: list_of(_LINE, at_most=LISTED) for head in ("notes", "decisions", "contested", "proposals")},
                "counts": closed(dict.fromkeys(("open", "in_progress", "blocked", "finished_today"), _COUNT)),
                "tainted": {"type": "boolean"},
            }
        ),
        access=Access.READ,
        taints=True,
    ),
    taints_with=holds_words,
    run=_outstanding,
    summarise=lambda _: "Looks for what nobody has seen to.",
)
