"""Looking once at what the first agent is to watch, so that a wrong answer is found while somebody is there to ask."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from agents.readings.git import read_repository
from agents.readings.live import LiveReadings
from agents.readings.port import PageTarget
from agents.readings.web import read_page
from bot.first_hour.choices import Kind, Watched
from bot.first_hour.seen import Seen
from bot.first_hour.tables import look_at_tables
from bot.first_hour.team_text import FirstAgent, Setting
from store.kernel.crash import outside
from store.kernel.errors import UserMistake


def look_at(watched: Watched, folder: Path, now: datetime) -> Seen:
    """Looks once, changing nothing. Raises UserMistake, with what to do, for what cannot be watched."""
    with outside("workspace.look"):
        return _LOOKS[watched.kind](watched, folder, now)


def _machine(_: Watched, folder: Path, now: datetime) -> Seen:
    reading = LiveReadings(_existing(folder)).machine(now)
    told = ", ".join(f"{one.metric.replace('_', ' ')} {one.value} {one.unit}" for one in reading.values)
    agent = FirstAgent(
        id="machine-watch", routine="watch-machine", purpose="Watches this machine.", owns="readings of this machine"
    )
    return Seen(agent, (f"This machine: {told}.",))


def _existing(folder: Path) -> Path:
    return next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())


def _git(watched: Watched, folder: Path, now: datetime) -> Seen:
    path = _path(watched)
    reading = read_repository(path, now - timedelta(days=7), now)
    if not reading.is_repository:
        why = " ".join(reading.cannot_see)
        raise UserMistake(f"{path} cannot be watched as a git repository. {why}", "Name the folder of a repository.")
    agent = FirstAgent(
        id="git-watch",
        routine="watch-git",
        purpose=f"Watches the git repository {path.resolve().name}.",
        owns="what is said about the repository",
        settings={"repository": _from(folder, path)},
    )
    branch = f" on {reading.branch}" if reading.branch else ""
    dirty = "" if reading.dirty_count is None else f", {reading.dirty_count} files not committed"
    return Seen(agent, (f"The repository {path}{branch}: {reading.commit_count} commits in the last week{dirty}.",))


def _from(folder: Path, path: Path) -> str:
    """The path as the file names it: from its folder, where it is at or near it."""
    return os.path.relpath(path.resolve(), folder.resolve())


def _page(watched: Watched, folder: Path, now: datetime) -> Seen:
    url = watched.url or ""
    page = read_page(PageTarget(url=url, own_network=watched.own_network), now)
    if any("own_network" in said for said in page.cannot_see):
        raise UserMistake(f"{url} is at no public address.", f"If it is in your own network, write: own {url}")
    settings: dict[str, Setting] = {"url": url} | ({"own_network": True} if watched.own_network else {})
    agent = FirstAgent(
        id="page-watch",
        routine="watch-url",
        purpose=f"Watches {url}.",
        owns="whether the page answers",
        settings=settings,
    )
    if not page.reachable:
        return Seen(
            agent, (f"{url} does not answer now: {' '.join(page.cannot_see)} It will be watched all the same.",)
        )
    plain = " It is not encrypted: http, not https." if url.startswith("http:") else ""
    return Seen(agent, (f"{url} answers {page.status} in {page.latency_ms} ms.{plain}",))


def _path(watched: Watched) -> Path:
    if watched.path is None:
        raise UserMistake("A path is missing.", "Write git:FOLDER or csv:FOLDER.")
    return watched.path


_LOOKS: Mapping[Kind, Callable[[Watched, Path, datetime], Seen]] = MappingProxyType(
    {"machine": _machine, "git": _git, "url": _page, "csv": look_at_tables}
)
