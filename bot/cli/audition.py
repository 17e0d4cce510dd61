"""`quarterdeck audition`: what an agent would have done with the past; and then, if it did well, Hire."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from blocks.render.text import render
from bot.cli import exits
from bot.cli.opening import DEFAULT_WORKSPACE, AsJson, Workspace
from bot.first_hour.dialog import Terminal
from bot.foundation import Foundation, lay_foundation, load_team
from bot.logs import set_up_logs
from bot.settings import read_settings
from bot.workspace.candidates import candidate, hired
from bot.workspace.editing import Edited
from bot.workspace.saving import save
from bot.workspace.sources import TEAM_FILE
from store.kernel.clock import WallClock
from store.kernel.errors import UserMistake

if TYPE_CHECKING:
    from bot.hiring.verdict import Verdict


def audition(
    agent: Annotated[str, Parameter(help="An agent of the team, or a candidate of the folder `candidates`.")],
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    start: Annotated[str | None, Parameter(name="--from", help="The day or moment at which it begins.")] = None,
    until: Annotated[str | None, Parameter(help="The day or moment at which it ends.")] = None,
    readings: Annotated[Path | None, Parameter(help="Recorded readings of machines, repositories and pages.")] = None,
    model_script: Annotated[Path | None, Parameter(help="Scripted replies of the team's models.")] = None,
    data: Annotated[
        Path | None, Parameter(help="The folder of the sources' files, in place of the workspace's.")
    ] = None,
    as_json: AsJson = False,
    html: Annotated[Path | None, Parameter(help="Also write every card as a page to this file.")] = None,
    hire: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Hire a candidate afterwards, without being asked.")
    ] = False,
) -> int:
    """Replay past data to one agent and show every card it would have posted.

    It works on simulated time, in a record of its own, on copies of its files: nothing real is touched or sent.
    """
    settings = read_settings(workspace)
    set_up_logs("warning", settings.log_format)
    foundation = lay_foundation(workspace, settings, data=data)
    edited = None
    if agent not in foundation.team.agents:
        edited = hired(workspace, candidate(foundation.team, agent))
        foundation = replace(foundation, team=load_team(workspace, foundation.tools, instead=edited.after))
    verdict = _held(foundation, agent, start, until, readings=readings, script=model_script)
    if html is not None:
        _write_page(html, verdict)
    print(json.dumps(verdict.as_json(), indent=2, ensure_ascii=False) if as_json else _told(verdict, foundation))
    if edited is not None and not as_json:
        _offer(workspace, agent, edited, at_once=hire)
    return exits.DONE


def _held(
    foundation: Foundation,
    agent: str,
    start: str | None,
    until: str | None,
    *,
    readings: Path | None,
    script: Path | None,
) -> "Verdict":
    from bot.hiring.audition import span_of, stage
    from bot.hiring.verdict import hold

    zone, now = ZoneInfo(foundation.team.timezone), WallClock().now()
    span = span_of(foundation, foundation.team.agents[agent], now, _moment(start, zone), _moment(until, zone))
    return hold(stage(foundation, agent, span, readings, script), agent, span)


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserMistake(f"{text!r} is not a day or moment.", "Write 2026-03-01 or 2026-03-01T08:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _told(verdict: "Verdict", foundation: Foundation) -> str:
    cards = [render(card) for card in verdict.cards]
    name = foundation.team.agents[verdict.agent_id].name
    return "\n\n".join([*cards, "\n".join([f"Audition of {name}", *(f"  {line}" for line in verdict.summary())])])


def _write_page(file: Path, verdict: "Verdict") -> None:
    from bot.hiring.page import page_of

    try:
        file.write_text(page_of(verdict), encoding="utf-8")
    except OSError as error:
        raise UserMistake(f"{file} cannot be written: {(error.strerror or '').lower()}.") from error


def _offer(workspace: Path, agent: str, edited: Edited, *, at_once: bool) -> None:
    print(f"\nTo hire {agent}, this is added:\n\n{edited.diff}\n")
    if not at_once and not Terminal().ask(f"Hire {agent}? yes or no", "no", _yes_of):
        print("Not hired; nothing was written.")
        return
    save(workspace if workspace.is_file() else workspace / TEAM_FILE, edited)
    print(f"Hired. A running team takes {agent} up by itself.")


def _yes_of(answer: str) -> bool:
    word = answer.strip().lower()
    if word not in ("yes", "y", "no", "n"):
        raise UserMistake(f"{answer!r} is neither.", "Write yes or no.")
    return word in ("yes", "y")
