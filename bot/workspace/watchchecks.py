"""Watches that could never be read: of a surface that is off, without the reading tool, or of one channel twice."""

from collections.abc import Iterator

from bot.workspace.drafts import Draft
from bot.workspace.problems import Problem, problem_at, quoted

READING_TOOL = "channel.read"


def watch_problems(draft: Draft) -> Iterator[Problem]:
    """All problems of watches that could be read."""
    for name, agent in draft.agents.items():
        if agent.watches and READING_TOOL not in agent.tools:
            place = draft.place("agents", name, "tools")
            yield problem_at(place, f"a watch is read with the tool {READING_TOOL}", allowed=f"{READING_TOOL} in tools")
        yield from _of_agent(draft, name)


def _of_agent(draft: Draft, name: str) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for key, watch in draft.agents[name].watches.items():
        if draft.surfaces is not None and draft.surfaces.slack is None:
            place = draft.place("agents", name, "watches", key)
            yield problem_at(place, f"{watch.surface} is off here", allowed=f"{watch.surface} under surfaces")
        first = taken.setdefault(watch.channel, key)
        if first != key:
            place = draft.place("agents", name, "watches", key, "channel")
            yield problem_at(place, f"{quoted(watch.channel)} is watched as {first}", allowed="each channel once")
