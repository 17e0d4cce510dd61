"""notes.changes: what happened in the team, from its own record."""

from collections import Counter
from datetime import datetime, timedelta

from agents.changes import Change, changes_between
from agents.tools.builtin.shapes import MOMENT, closed, list_of, moment_of, shown, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.kernel.canonical import JsonObject
from store.queries import runs
from store.records import Access

DEFAULT_LOOK_BACK = timedelta(days=1)
LIMIT = 100
"""The latest changes that are told; more are said to exist."""


async def _changes(call: ToolCall, means: Means) -> JsonObject:
    since = _since(call, means)
    found = changes_between(means.store, since, LIMIT)
    others = [one for one in found if one.agent != call.agent.id]
    counted = Counter(one.kind for one in others)
    return {
        "since": shown(since),
        "until": shown(call.now),
        "counts": [{"kind": kind, "count": counted[kind]} for kind in sorted(counted)],
        "changes": [_told(one) for one in others],
        "more": len(found) == LIMIT,
    }


def _since(call: ToolCall, means: Means) -> datetime:
    """The moment given; left out, the end of the agent's last session, or one day ago when it never ran."""
    given = call.arguments.get("since")
    if isinstance(given, str):
        return moment_of(given)
    last = runs.last_finished_run(means.store, call.agent.id, call.now)
    return last.finished_at if last and last.finished_at else call.now - DEFAULT_LOOK_BACK


def _require_moment(call: ToolCall) -> None:
    given = call.arguments.get("since")
    if isinstance(given, str):
        moment_of(given)


def _told(change: Change) -> JsonObject:
    return {"at": shown(change.at), "kind": change.kind, "agent": change.agent, "text": change.text}


CHANGES = Tool(
    spec=ToolSpec(
        name="notes.changes",
        description=(
            "Tells what other agents and people did since a moment (default: the end of its last session): "
            "runs that ended, approvals, alerts, digests, incidents; at most the latest 100, and how many of each kind."
        ),
        arguments=closed({"since": MOMENT}, optional=("since",)),
        result=closed(
            {
                "since": MOMENT,
                "until": MOMENT,
                "counts": list_of(closed({"kind": text(40), "count": {"type": "integer"}}), at_most=50),
                "changes": list_of(
                    closed({"at": MOMENT, "kind": text(40), "agent": {"type": ["string", "null"]}, "text": text(300)}),
                    at_most=LIMIT,
                ),
                "more": {"type": "boolean"},
            }
        ),
        access=Access.READ,
        taints=True,
    ),
    run=_changes,
    summarise=lambda _: "Reads what changed in the team's record.",
    check=_require_moment,
)
