"""`run`, `stop`, `pause`, `resume`, `approve`, `reject`: orders to the running team, through its local API."""

from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from blocks.cards import REASON_FIELD
from blocks.tokens import Verb, encode
from bot.cli import exits
from bot.cli.local_api import LocalApi
from bot.cli.opening import DEFAULT_WORKSPACE, Workspace

As: TypeAlias = Annotated[
    str | None, Parameter(name="--as", help="The person who gives the order; without it, the first of the team.")
]


def run(agent: str, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Run AGENT now, or what a schedule of it does (AGENT.SCHEDULE)."""
    return _say(workspace, person, f"run {agent}")


def stop(target: str, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Stop a run, or all runs of an agent, at the next step."""
    return _say(workspace, person, f"stop {target}")


def pause(target: str, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Pause an agent or a schedule; its due times are recorded as skipped."""
    return _say(workspace, person, f"pause {target}")


def resume(target: str, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Resume an agent or a schedule."""
    return _say(workspace, person, f"resume {target}")


def approve(approval: str, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Approve the call that APPROVAL asks about."""
    return _press(workspace, person, encode(Verb.APPROVE, approval, 0), {})


def reject(approval: str, /, *, reason: str, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Reject the call that APPROVAL asks about, with a reason."""
    return _press(workspace, person, encode(Verb.REJECT, approval, 0), {REASON_FIELD: reason})


def _say(workspace: Path, person: str | None, text: str) -> int:
    answer = LocalApi(workspace, person).command(text)
    print(answer.words)
    return exits.DONE if answer.ok else exits.MISTAKE


def _press(workspace: Path, person: str | None, token: str, fields: dict[str, str]) -> int:
    answer = LocalApi(workspace, person).press(token, fields)
    print(answer.words)
    return exits.DONE if answer.ok else exits.MISTAKE
