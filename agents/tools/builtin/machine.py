"""machine.read and git.read: the machine and the repository as they are now, through the port of readings."""

import asyncio
from datetime import timedelta
from pathlib import Path

from agents.readings.port import Commit
from agents.tools.builtin.shapes import DECIMAL, METRIC, MOMENT, UNIT, closed, list_of, moment_of, shown, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Refused
from store.records import Access

DEFAULT_LOOK_BACK = timedelta(days=1)
REPOSITORY_SETTING = "repository"

_CANNOT_SEE = list_of({"type": "string"}, at_most=20)
_COMMIT = closed({"id": text(64), "author": {"type": "string"}, "at": MOMENT, "subject": {"type": "string"}})


async def _read_machine(call: ToolCall, means: Means) -> JsonObject:
    reading = await asyncio.to_thread(means.readings.machine, call.now)
    values: list[Json] = [{"metric": one.metric, "value": one.value, "unit": one.unit} for one in reading.values]
    return {"at": shown(reading.at), "values": values, "cannot_see": list(reading.cannot_see)}


READ_MACHINE = Tool(
    spec=ToolSpec(
        name="machine.read",
        description="Reads this machine: disk, memory and load, each as an exact number with its unit.",
        arguments=closed({}),
        result=closed(
            {
                "at": MOMENT,
                "values": list_of(closed({"metric": METRIC, "value": DECIMAL, "unit": UNIT}), at_most=50),
                "cannot_see": _CANNOT_SEE,
            }
        ),
        access=Access.READ,
    ),
    run=_read_machine,
    summarise=lambda _: "Reads this machine's disk, memory and load.",
)


async def _read_git(call: ToolCall, means: Means) -> JsonObject:
    given = call.arguments.get("since")
    since = moment_of(given) if isinstance(given, str) else call.now - DEFAULT_LOOK_BACK
    reading = await asyncio.to_thread(means.readings.repository, _repository(call), since, call.now)
    return {
        "at": shown(reading.at),
        "since": shown(since),
        "is_repository": reading.is_repository,
        "branch": reading.branch,
        "head": reading.head,
        "commit_count": reading.commit_count,
        "commits": [_commit(one) for one in reading.commits],
        "dirty_count": reading.dirty_count,
        "cannot_see": list(reading.cannot_see),
    }


def _repository(call: ToolCall) -> Path:
    """The folder the agent's setting `repository` names. Raises Refused without one: no agent reads any repository."""
    named = call.agent.settings.get(REPOSITORY_SETTING)
    if not isinstance(named, str):
        raise Refused(
            f"{call.agent.name} has no setting `{REPOSITORY_SETTING}`, so it may read none.", "lane.repository"
        )
    return call.root / named


def _require_repository(call: ToolCall) -> None:
    _repository(call)
    since = call.arguments.get("since")
    if isinstance(since, str):
        moment_of(since)


def _commit(commit: Commit) -> JsonObject:
    return {"id": commit.id, "author": commit.author, "at": shown(commit.at), "subject": commit.subject}


READ_GIT = Tool(
    spec=ToolSpec(
        name="git.read",
        description=(
            "Reads the git repository the agent's setting `repository` names: branch, head, what was committed since a "
            "moment (default: one day ago) and how many files are not committed. Nothing in it is executed."
        ),
        arguments=closed({"since": MOMENT}, optional=("since",)),
        result=closed(
            {
                "at": MOMENT,
                "since": MOMENT,
                "is_repository": {"type": "boolean"},
                "branch": {"type": ["string", "null"]},
                "head": {"type": ["string", "null"]},
                "commit_count": {"type": "integer", "minimum": 0},
                "commits": list_of(_COMMIT, at_most=20),
                "dirty_count": {"type": ["integer", "null"]},
                "cannot_see": _CANNOT_SEE,
            }
        ),
        access=Access.READ,
        taints=True,
        timeout_seconds=60,
    ),
    run=_read_git,
    summarise=lambda _: "Reads the git repository of this workspace.",
    check=_require_repository,
)
