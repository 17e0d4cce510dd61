"""What one part of the file cannot know of another: shared accounts, folders, crons, empty sections."""

from collections.abc import Iterator
from pathlib import Path

from agents.minds.builtins import BUILTINS
from bot.workspace.drafts import Draft
from bot.workspace.metricchecks import metric_problems
from bot.workspace.names import inside
from bot.workspace.nodes import MapNode, ScalarNode
from bot.workspace.problems import Problem, problem_at, quoted
from bot.workspace.sourcechecks import source_problems
from bot.workspace.topicchecks import topic_problems
from bot.workspace.values import closest
from bot.workspace.watchchecks import watch_problems
from scheduler.plan import validate_policy
from scheduler.schedules import validate_cron
from store.kernel.errors import UserMistake

PATH_SUFFIXES = ("_folder", "_file")
"""A setting whose name ends so is a path inside the workspace, and must exist."""


def cross_problems(draft: Draft, data: Path | None = None) -> list[Problem]:
    """All problems between parts that could be read. `data` takes the place of the workspace's data folder."""
    return [
        *_empty_sections(draft),
        *_shared_accounts(draft),
        *_missing_paths(draft),
        *_bad_crons(draft),
        *_contrary_policies(draft),
        *watch_problems(draft),
        *_builtin_needs(draft),
        *source_problems(draft, data),
        *topic_problems(draft),
        *metric_problems(draft),
    ]


def _empty_sections(draft: Draft) -> Iterator[Problem]:
    for section, least in (("agents", "at least one agent"), ("people", "at least one person")):
        node = draft.top.get(section)
        if isinstance(node, MapNode) and not node.entries:
            yield problem_at(draft.place(section), f"found no {section}", allowed=least)


def _shared_accounts(draft: Draft) -> Iterator[Problem]:
    taken: dict[tuple[str, str], str] = {}
    for name, person in draft.people.items():
        given = {"console": name} | person.accounts.model_dump(exclude_none=True)
        for surface, account in given.items():
            owner = taken.setdefault((surface, account), name)
            if owner != name:
                place = draft.place("people", name, "accounts", surface)
                yield problem_at(
                    place,
                    f"the {surface} account {quoted(account)} is {owner}'s",
                    allowed="each account for one person",
                )


def _missing_paths(draft: Draft) -> Iterator[Problem]:
    for name in draft.names.agents:
        settings = _below(draft.top, "agents", name, "settings")
        for entry in settings.entries if isinstance(settings, MapNode) else ():
            if entry.key.endswith(PATH_SUFFIXES) and isinstance(entry.value, ScalarNode) and not entry.value.settled:
                yield from _missing_path(draft, entry.key, entry.value)


def _below(node: object, *keys: str) -> object:
    for key in keys:
        node = node.get(key) if isinstance(node, MapNode) else None
    return node


def _missing_path(draft: Draft, key: str, value: ScalarNode) -> Iterator[Problem]:
    kind = "folder" if key.endswith("_folder") else "file"
    allowed = f"the path of a {kind} inside the workspace"
    path = inside(draft.names.root, value.text) if value.text else None
    if path is None:
        yield problem_at(value.place, f"found {quoted(value.text)}", allowed=allowed)
        return
    try:
        there = path.is_dir() if kind == "folder" else path.is_file()
        near = None if there else closest(path.name, [child.name for child in path.parent.iterdir()])
    except OSError:  # the folder above is not there either, or the name is too long
        there, near = False, None
    if not there:
        yield problem_at(value.place, f"there is no {kind} {quoted(value.text)}", allowed=allowed, nearest=near)


def _bad_crons(draft: Draft) -> Iterator[Problem]:
    zone = draft.team.timezone if draft.team is not None else "UTC"
    for name, agent in draft.agents.items():
        for key, schedule in agent.schedules.items():
            complaint = None if schedule.cron is None else _cron_complaint(schedule.cron, schedule.timezone or zone)
            if complaint is not None:
                place = draft.place("agents", name, "schedules", key, "cron")
                yield problem_at(place, str(complaint))


def _contrary_policies(draft: Draft) -> Iterator[Problem]:
    for name, agent in draft.agents.items():
        for key, schedule in agent.schedules.items():
            try:
                validate_policy(schedule.misfire, schedule.misfire_max, schedule.overlap)
            except UserMistake as mistake:
                yield problem_at(draft.place("agents", name, "schedules", key, "misfire"), str(mistake))


def _builtin_needs(draft: Draft) -> Iterator[Problem]:
    """A builtin routine without the tools it calls, or the settings it reads, would fail at its first run."""
    for name, agent in draft.agents.items():
        known = BUILTINS.get(agent.routine or "")
        if known is None:
            continue
        tools = [tool for tool in known.tools if tool not in agent.tools]
        settings = [setting for setting in known.settings if setting not in agent.settings]
        if tools:
            place = draft.place("agents", name, "tools")
            yield problem_at(place, f"{agent.routine} calls {', '.join(tools)}", allowed="its tools among the agent's")
        if settings:
            place = draft.place("agents", name, "settings")
            yield problem_at(place, f"{agent.routine} needs the setting {', '.join(settings)}")


def _cron_complaint(cron: str, timezone: str) -> UserMistake | None:
    try:
        validate_cron(cron, timezone)
    except UserMistake as mistake:
        return mistake
    return None
