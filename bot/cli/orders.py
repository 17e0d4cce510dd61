"""`run`, `stop`, `pause`, `resume`, `approve`, `reject`: orders to the running team, through its local API."""

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from blocks.cards import REASON_FIELD
from blocks.tokens import Verb, encode
from bot.cli import exits
from bot.cli.local_api import LocalApi, Said
from bot.cli.opening import DEFAULT_WORKSPACE, Workspace

AgentOrRun: TypeAlias = Annotated[str, Parameter(help="An agent, or the id of a run.")]
AgentOrSchedule: TypeAlias = Annotated[str, Parameter(help="An agent, or a schedule of one: AGENT.SCHEDULE.")]
ApprovalId: TypeAlias = Annotated[str, Parameter(help="The id of an approval; `quarterdeck approvals` lists them.")]
As: TypeAlias = Annotated[
    str | None, Parameter(name="--as", help="The person who gives the order; without it, the first of the team.")
]


def run(agent: AgentOrSchedule, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Run an agent now, or what a schedule of it does."""
    return _say(workspace, person, f"run {agent}")


def stop(target: AgentOrRun, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Stop a run, or all runs of an agent, at the next step."""
    return _say(workspace, person, f"stop {target}")


def pause(target: AgentOrSchedule, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Pause an agent or a schedule; its due times are recorded as skipped."""
    return _say(workspace, person, f"pause {target}")


def resume(target: AgentOrSchedule, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Resume an agent or a schedule."""
    return _say(workspace, person, f"resume {target}")


def reload(*, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Take up the edited workspace now.

    Mistakes in it are listed, and nothing changes.
    """
    return _say(workspace, person, "reload")


def approve(approval: ApprovalId, /, *, workspace: Workspace = DEFAULT_WORKSPACE, person: As = None) -> int:
    """Approve the call that an approval asks about."""
    return _press(workspace, person, encode(Verb.APPROVE, approval, 0), {})


def reject(
    approval: ApprovalId,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why not; it is kept and shown.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    person: As = None,
) -> int:
    """Reject the call that an approval asks about, with a reason."""
    return _press(workspace, person, encode(Verb.REJECT, approval, 0), {REASON_FIELD: reason})


def _say(workspace: Path, person: str | None, text: str) -> int:
    return _told(LocalApi(workspace, person).command(text))


def _press(workspace: Path, person: str | None, token: str, fields: dict[str, str]) -> int:
    return _told(LocalApi(workspace, person).press(token, fields))


def _told(answer: Said) -> int:
    print(answer.words, file=sys.stdout if answer.ok else sys.stderr)
    return exits.DONE if answer.ok else exits.MISTAKE
