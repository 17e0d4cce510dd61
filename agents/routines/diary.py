"""A diary: one topic in which a routine keeps what happened, a line each, so that later sessions remember it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from agents.minds.routine import Context

LINES = 60
"""What a diary holds; the oldest lines go first."""


async def read_diary(ctx: Context, topic: str) -> Mapping[str, Any]:
    """The diary as `topic.read` gives it: `topic`, `text` and `version`."""
    found: Mapping[str, Any] = (await ctx.call("topic.read", topic=topic))["topics"][0]
    return found


async def write_diary(ctx: Context, diary: Mapping[str, Any], lines: Sequence[str]) -> None:
    """Adds lines, each `CAUSE: words`, dated with the day this run was due."""
    dated = [f"{ctx.due_at:%Y-%m-%d} {line}" for line in lines]
    text = "\n".join([*diary["text"].splitlines(), *dated][-LINES:])
    await ctx.call("topic.write", topic=diary["topic"], text=text, why="New incidents.", based_on=diary["version"])


def recent_causes(diary: Mapping[str, Any], since: datetime) -> frozenset[str]:
    """The causes that stand in the diary since then."""
    lines = [line.partition(" ") for line in diary["text"].splitlines()]
    return frozenset(rest.partition(":")[0] for day, _, rest in lines if day >= f"{since:%Y-%m-%d}" and ":" in rest)
