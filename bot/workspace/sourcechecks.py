"""Sources that could never be read: a data folder outside, tools without sources, and files that are not there yet."""

from collections.abc import Iterator
from pathlib import Path

from bot.workspace.drafts import Draft
from bot.workspace.names import inside
from bot.workspace.problems import Problem, problem_at, quoted
from bot.workspace.values import closest

READING_TOOLS = ("data.check", "data.query")
"""Tools that read the sources an agent names."""


def source_problems(draft: Draft, data: Path | None) -> Iterator[Problem]:
    """All problems of sources that could be read. `data` takes the place of the workspace's own data folder."""
    yield from _blind_agents(draft)
    if draft.team is None:
        return
    own = inside(draft.names.root, draft.team.data)
    if own is None:
        found = f"found {quoted(draft.team.data)}"
        yield problem_at(draft.place("data"), found, allowed="the path of a folder inside the workspace")
        return
    if any(source.file for source in draft.sources.values()):
        yield from _absent_files(draft, data or own, draft.team.data if data is None else str(data))


def _blind_agents(draft: Draft) -> Iterator[Problem]:
    for name, agent in draft.agents.items():
        tool = next((tool for tool in READING_TOOLS if tool in agent.tools), None)
        if tool is not None and not agent.sources:
            place = draft.place("agents", name, "tools")
            yield problem_at(place, f"{tool} reads the agent's sources, and it has none", allowed="names under sources")


def _absent_files(draft: Draft, folder: Path, shown: str) -> Iterator[Problem]:
    """Exports may come later, so what is not there yet is a warning; the running team says it again as a finding."""
    if not folder.is_dir():
        near = closest(folder.name, _names_in(folder.parent))
        place = draft.place("data") if draft.top.get("data") is not None else draft.place("sources")
        message = f"there is no data folder {quoted(shown)}; every source will be missing"
        yield problem_at(place, message, nearest=near, severity="warning")
        return
    for name, source in draft.sources.items():
        if source.file is not None and not any(folder.glob(source.file)):
            wanted = folder / source.file
            near = closest(wanted.name, _names_in(wanted.parent))
            message = f"no file matches {quoted(source.file)} in {quoted(shown)} yet"
            yield problem_at(draft.place("sources", name, "file"), message, nearest=near, severity="warning")


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(child.name for child in folder.iterdir())
    except OSError:
        return []
