"""Who could be hired: what the workspace offers in its folder `candidates`, and builtin routines that need nothing."""

from dataclasses import dataclass
from pathlib import Path

from agents.minds.builtins import BUILTINS, PREFIX
from agents.roster import Team
from bot.workspace.editing import Edited, with_entry
from bot.workspace.sources import TEAM_FILE
from bot.workspace.values import NAME, closest
from store.kernel.errors import UserMistake

FOLDER = "candidates"
"""Of the workspace: one file an agent, written like agents/NAME.yaml."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be hired. `block` are the keys of the agent as the workspace would say them."""

    name: str
    says: str
    block: str


def candidates(team: Team) -> tuple[Candidate, ...]:
    """Everybody who could be hired into this team: the workspace's own candidates first."""
    own = [_own(path) for path in sorted((team.root / FOLDER).glob("*.yaml")) if NAME.fullmatch(path.stem)]
    return tuple(one for one in (*own, *_builtin()) if one.name not in team.agents)


def candidate(team: Team, name: str) -> Candidate:
    """The candidate of that name. Raises UserMistake that names those there are."""
    known = {one.name: one for one in candidates(team)}
    if name in known:
        return known[name]
    near = closest(name, known)
    hint = f"Did you mean {near}?" if near else f"There are: {', '.join(known) or 'none'}."
    raise UserMistake(f"There is no candidate {name!r}.", hint)


def hired(workspace: Path, one: Candidate) -> Edited:
    """The team's file with the candidate as one of its agents. Raises UserMistake where that cannot be written."""
    file = workspace if workspace.is_file() else workspace / TEAM_FILE
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserMistake(f"{file} cannot be read.", "Look at the file.") from error
    return with_entry(text, "agents", one.name, one.block)


def _own(path: Path) -> Candidate:
    try:
        block = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserMistake(f"The candidate {path.name} cannot be read.", "Save it as UTF-8 text.") from error
    says = next(
        (line.removeprefix("purpose:").strip() for line in block.splitlines() if line.startswith("purpose:")), ""
    )
    return Candidate(path.stem, says.strip("\"'"), block)


def _builtin() -> tuple[Candidate, ...]:
    """Those that need no settings and no sources: what they watch is there on every machine."""
    return tuple(
        Candidate(one.name, one.says, _block(one.name)) for one in BUILTINS.values() if one.name in _NEEDING_NOTHING
    )


_NEEDING_NOTHING = frozenset({"watch-machine"})


def _block(name: str) -> str:
    known = BUILTINS[PREFIX + name]
    return (
        f"purpose: {known.says}\n"
        f"routine: {PREFIX}{name}\n"
        f"tools: [{', '.join(known.tools)}]\n"
        "schedules:\n"
        '  digest: {cron: "0 8 * * *", input: {task: digest}}\n'
        "  look: {every: 10m, input: {task: look}}\n"
    )
