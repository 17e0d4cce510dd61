"""`quarterdeck init`: five questions, one file, a team that runs."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from bot.cli import exits
from bot.first_hour.dialog import Defaults, Dialog, Terminal
from bot.first_hour.interview import Given, Proposal, interview
from bot.first_hour.place import put, put_aside
from bot.first_hour.team_text import team_text
from bot.foundation import check_text
from bot.workspace.sources import TEAM_FILE
from store.kernel.clock import WallClock
from store.kernel.errors import UserMistake

KEEP, REPLACE = "keep", "replace"


def init(
    folder: Annotated[Path | None, Parameter(help="Where the team's file goes; without it, here.")] = None,
    /,
    *,
    watch: Annotated[str | None, Parameter(help="A CSV file or folder, a git repository, machine, or a URL.")] = None,
    at: Annotated[str | None, Parameter(help="When: 08:00, weekdays 08:00, every 10m, or a crontab line.")] = None,
    approver: Annotated[str | None, Parameter(help="Who may approve: names, with commas.")] = None,
    talk: Annotated[str | None, Parameter(help="Where cards appear: console, slack, or discord SERVER-ID.")] = None,
    policy: Annotated[str | None, Parameter(help="watch-only, ask-for-writes or trusted.")] = None,
    name: Annotated[str | None, Parameter(help="The team's name; without it, the folder's.")] = None,
    yes: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Ask nothing: what is not given is the default.")
    ] = False,
) -> int:
    """Ask five questions and write one file, team.yaml, that runs at once.

    Every question has a default, and the file is shown before it is written. Ctrl-C leaves nothing behind.
    """
    dialog: Dialog = Defaults() if yes else Terminal()
    given = Given(talk=talk, watch=watch, at=at, approver=approver, policy=policy, name=name)
    if _kept(dialog, folder or Path(), asks=not yes):
        return exits.DONE
    proposal = interview(dialog, folder, given, WallClock().now())
    if proposal.folder.resolve() != (folder or Path()).resolve() and _kept(dialog, proposal.folder, asks=not yes):
        return exits.DONE
    text = team_text(proposal.team)
    _require_sound(text, proposal)
    _show(dialog, proposal, text)
    if not dialog.ask(f"Write {proposal.folder / TEAM_FILE}? yes or no", "yes", _yes_of):
        dialog.say("Nothing was written.")
        return exits.DONE
    _write(dialog, proposal, text)
    return exits.DONE


def _kept(dialog: Dialog, folder: Path, *, asks: bool) -> bool:
    """True when there is a team already and it stays."""
    target = folder / TEAM_FILE
    if not target.exists():
        return False
    if not asks:
        raise UserMistake(f"{target} is there already, so nothing was written.", "Move it away first.")
    choice = dialog.ask(f"{target} is there already. keep it, or replace it (the old one is kept aside)?", KEEP, _fate)
    if choice == REPLACE:
        return False
    dialog.say(f"Kept as it is. Start it: quarterdeck up {folder}")
    return True


def _fate(answer: str) -> str:
    word = answer.strip().lower()
    if word not in (KEEP, REPLACE):
        raise UserMistake(f"{answer!r} is neither.", f"Write {KEEP} or {REPLACE}.")
    return word


def _yes_of(answer: str) -> bool:
    word = answer.strip().lower()
    if word not in ("yes", "y", "no", "n"):
        raise UserMistake(f"{answer!r} is neither.", "Write yes or no.")
    return word in ("yes", "y")


def _require_sound(text: str, proposal: Proposal) -> None:
    """What is proposed must run: a file that would not is a bug of ours, and is never written."""
    problems = [problem for problem in check_text(proposal.folder, text) if problem.severity == "error"]
    if problems:
        raise AssertionError(f"the proposed team.yaml has errors: {'; '.join(map(str, problems))}")


def _show(dialog: Dialog, proposal: Proposal, text: str) -> None:
    dialog.say(f"\nThis is the whole team:\n\n{text}")
    for caution in proposal.said:
        dialog.say(f"Note: {caution}")


def _write(dialog: Dialog, proposal: Proposal, text: str) -> None:
    if (proposal.folder / TEAM_FILE).exists():
        dialog.say(f"The old one is now {put_aside(proposal.folder, WallClock().now()).name}.")
    put(proposal.folder, text)
    where = "" if proposal.folder.resolve() == Path.cwd() else f" {proposal.folder}"
    dialog.say(f"Written. Start it:\n\n    quarterdeck up{where}\n")
    place = proposal.team.talk.place
    if place != "console":
        dialog.say(f"For {place.capitalize()}, first: quarterdeck {place} setup -w {proposal.folder}")
    sys.stdout.flush()
