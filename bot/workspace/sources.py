"""Finds the files of a workspace and joins them: one team.yaml, or the same thing split over a folder."""

from dataclasses import dataclass
from pathlib import Path

from bot.workspace.nodes import Entry, MapNode, Node, Place, ScalarNode
from bot.workspace.problems import Problem, problem_at, quoted
from bot.workspace.values import closest
from bot.workspace.yaml_reader import read_yaml

TEAM_FILE = "team.yaml"
AGENTS_FOLDER = "agents"
SPLIT_FILES = {
    "people.yaml": "people",
    "policy.yaml": "policy",
    "models.yaml": "models",
    "topics.yaml": "topics",
    "metrics.yaml": "metrics",
}
"""Files that may hold one key of team.yaml each; agents/NAME.yaml holds one agent."""
SCRIPT_SUFFIX = "-script.yaml"
"""What a simulation is given (people-script.yaml) may lie beside the team; nobody takes it for a part of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A workspace joined into one mapping. `top` is None when that is not possible; the problems then say why."""

    root: Path
    top: MapNode | None
    problems: tuple[Problem, ...]


def read_source(path: Path, instead: bytes | None = None) -> Source:
    """Reads the team.yaml at `path`, or in the folder at `path`, and the files beside it that hold its split parts.

    `instead` is read in place of the content of team.yaml: what would be if it were written.
    """
    file = path if path.is_file() else path / TEAM_FILE
    root = file.parent
    problems: list[Problem] = []
    top = _read(file, file.name, "", problems) if instead is None else _parsed(file.name, "", instead, problems)
    if not isinstance(top, MapNode):
        if top is not None:
            problems.append(
                problem_at(top.place, "found no keys", allowed="a mapping with name, timezone, agents, people")
            )
        return Source(root, None, tuple(problems))
    for part in _parts(root, problems):
        top = _joined(top, part, problems)
    return Source(root, top, tuple(problems))


def _read(file: Path, shown: str, prefix: str, problems: list[Problem]) -> Node | None:
    place = Place(shown, 1, 1, prefix)
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        problems.append(problem_at(place, f"there is no file {quoted(str(file))}"))
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        problems.append(problem_at(place, f"the file cannot be read: {reason}"))
        return None
    return _parsed(shown, prefix, content, problems)


def _parsed(shown: str, prefix: str, content: bytes, problems: list[Problem]) -> Node | None:
    document = read_yaml(shown, content, prefix)
    problems.extend(document.problems)
    return document.node


def _parts(root: Path, problems: list[Problem]) -> list[Entry]:
    """The keys that stand in files of their own, each placed at the top of its file."""
    parts = [
        _part(root / name, name, key, key, problems) for name, key in SPLIT_FILES.items() if (root / name).is_file()
    ]
    agents = _agents(root, problems)
    _misnamed(root, problems)
    return parts if agents is None else [agents, *parts]


def _part(file: Path, shown: str, path: str, key: str, problems: list[Problem]) -> Entry:
    """One file as the value of one key. A file that cannot be read still declares it, so that one mistake stays one."""
    place = Place(shown, 1, 1, path)
    node = _read(file, shown, path, problems)
    return Entry(key, place, ScalarNode(place, "", plain=True, settled=True) if node is None else node)


def _agents(root: Path, problems: list[Problem]) -> Entry | None:
    files = sorted((root / AGENTS_FOLDER).glob("*.yaml")) if (root / AGENTS_FOLDER).is_dir() else []
    if not files:
        return None
    entries = []
    for file in files:
        shown = f"{AGENTS_FOLDER}/{file.name}"
        path = f"{AGENTS_FOLDER}.{quoted(file.stem)[1:-1]}"
        entries.append(_part(file, shown, path, file.stem, problems))
    place = Place(f"{AGENTS_FOLDER}/", 1, 1, AGENTS_FOLDER)
    return Entry(AGENTS_FOLDER, place, MapNode(place, tuple(entries)))


def _misnamed(root: Path, problems: list[Problem]) -> None:
    """A file that is nearly named like a part would be left out silently, with the rules or people in it."""
    near = [path for pattern in ("*.yaml", "*.yml") for path in root.glob(pattern)]
    for path in sorted(near):
        if path.name not in SPLIT_FILES and path.name != TEAM_FILE and not path.name.endswith(SCRIPT_SUFFIX):
            _report_misnamed(path.name, path.stem, problems)
    for path in sorted((root / AGENTS_FOLDER).glob("*.yml")):
        place = Place(f"{AGENTS_FOLDER}/{path.name}", 1, 1)
        problems.append(problem_at(place, "this file is not read", allowed=".yaml files", nearest=f"{path.stem}.yaml"))


def _report_misnamed(name: str, stem: str, problems: list[Problem]) -> None:
    meant = closest(f"{stem}.yaml", SPLIT_FILES)
    if meant is not None:
        allowed = ", ".join([TEAM_FILE, *SPLIT_FILES, f"{AGENTS_FOLDER}/NAME.yaml"])
        problems.append(problem_at(Place(name, 1, 1), "this file is not read", allowed=allowed, nearest=meant))


def _joined(top: MapNode, part: Entry, problems: list[Problem]) -> MapNode:
    here = top.entry(part.key)
    if here is None:
        return top.with_entry(part)
    problems.append(
        problem_at(here.place, f"{part.key} is given here and in {part.place.file}", allowed="one of the two")
    )
    return top
