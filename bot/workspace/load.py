"""The two doors of a workspace: check it, or load it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.authority.facts import ToolFacts
from agents.roster import Team
from bot.workspace.build import build_team
from bot.workspace.contracts import read_contracts
from bot.workspace.crosschecks import cross_problems
from bot.workspace.drafts import Draft, read_draft
from bot.workspace.names import declared
from bot.workspace.policy import policy_problems
from bot.workspace.problems import Problem, in_reading_order
from bot.workspace.sources import read_source
from bot.workspace.templates import read_templates
from store.kernel.errors import UserMistake


class WorkspaceInvalid(UserMistake):
    """The workspace has errors. `problems` holds all of them and any warnings, file by file from the top."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = sum(problem.severity == "error" for problem in problems)
        head = "The workspace has one error:" if count == 1 else f"The workspace has {count} errors:"
        super().__init__("\n".join([head, *map(str, problems)]))


def load_workspace(path: Path, *, known_tools: Mapping[str, ToolFacts], instead: bytes | None = None) -> Team:
    """The team that the team.yaml at `path`, or in the folder at `path`, describes; fully checked.

    `known_tools` are the tools that exist, by name; `instead` is read in place of the content of team.yaml. Raises
    WorkspaceInvalid with every problem at once; warnings alone do not. Reads files and changes nothing: a retry is
    safe.
    """
    draft, problems = _examine(path, known_tools, instead=instead)
    if draft is None or any(problem.severity == "error" for problem in problems):
        raise WorkspaceInvalid(problems)
    return build_team(draft)


def check_workspace(
    path: Path,
    *,
    known_tools: Mapping[str, ToolFacts],
    data: Path | None = None,
    instead: bytes | None = None,
) -> list[Problem]:
    """Every problem of the workspace, warnings included, file by file from the top; never raises for its content.

    `instead` is checked in place of the content of team.yaml, which need not be there.
    """
    return _examine(path, known_tools, data, instead)[1]


def _examine(
    path: Path, known_tools: Mapping[str, ToolFacts], data: Path | None = None, instead: bytes | None = None
) -> tuple[Draft | None, list[Problem]]:
    source = read_source(path, instead)
    problems = list(source.problems)
    if source.top is None:
        return None, in_reading_order(problems)
    draft = read_draft(source.top, declared(source.top, source.root, known_tools), problems)
    draft.contracts, unfit = read_contracts(source.root, draft.names.agents)
    problems += unfit
    draft.templates = read_templates(source.root)
    problems += draft.templates.problems
    problems += cross_problems(draft, data)
    problems += policy_problems(draft)
    return draft, in_reading_order(problems)
