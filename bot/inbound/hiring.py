"""Hiring from chat and the console: an audition, the difference to the file, and the word of an owner on it."""

from dataclasses import replace
from pathlib import Path

from agents.roster import Team
from blocks.cards import notice_card
from blocks.elements import MAX_OPTIONS, Button, Card, Confirm, Item, Menu, Option, Payload, Style, Text, Tone
from blocks.tokens import Verb, encode
from bot.foundation import load_team
from bot.inbound.desk import Desk, Pressed
from bot.inbound.listings import list_card
from bot.inbound.ordering import Order
from bot.inbound.permission import not_held_here
from bot.reload.bench import Bench, bench_of
from bot.surfaces.base import Answer
from bot.workspace.candidates import candidate, candidates, hired
from bot.workspace.editing import Edited
from bot.workspace.saving import save
from bot.workspace.sources import TEAM_FILE
from store.kernel.canonical import fingerprint
from store.kernel.errors import Refused, UserMistake

OWNER = "owner"
"""The role that changes the workspace; where nobody has it, whoever decides approvals does."""
MARK_CHARS = 12


def show_candidates(desk: Desk, order: Order) -> Answer:
    """Who could be hired; with a name, the audition of that one."""
    bench = bench_of(desk.bench)
    if order.argument:
        return Answer(card=_auditioned(bench, order.argument))
    found = candidates(desk.team)
    rows = tuple(Item(text=one.name, detail=one.says) for one in found)
    card = list_card("Who could be hired", rows, len(rows), "Nobody: put a file NAME.yaml into the folder candidates.")
    options = tuple(Option(label=one.name, token=encode(Verb.AUDITION, one.name, 0)) for one in found[:MAX_OPTIONS])
    menu = (Menu(label="Audition…", options=options),) if options else ()
    return Answer(card=card.model_copy(update={"actions": menu}))


def try_out(desk: Desk, pressed: Pressed) -> Answer:
    """Auditions a candidate on the last week, and shows what hiring would add to the workspace."""
    return Answer(card=_auditioned(bench_of(desk.bench), pressed.press.record_id))


def hire(desk: Desk, pressed: Pressed) -> Answer:
    """Adds the candidate to team.yaml, exactly as it was shown, and has the change taken up.

    Raises Refused for anybody but an owner, and UserMistake when the file or the candidate is not what was shown.
    """
    bench = bench_of(desk.bench)
    require_owner(desk.team, pressed)
    name, _, mark = pressed.press.record_id.partition("/")
    edited = hired(bench.workspace, candidate(desk.team, name))
    if mark_of(edited) != mark:
        raise UserMistake("The workspace is not what it was when this was shown.", f"Look again: hire {name}")
    return Answer(text=written(bench, edited, pressed))


def written(bench: Bench, edited: Edited, pressed: Pressed) -> str:
    """Saves a change of team.yaml that a person wants and has it taken up; says what is new. Raises UserMistake."""
    require_sound(bench, edited)
    save(team_file(bench), edited)
    return bench.reload(pressed.actor)


def require_owner(team: Team, pressed: Pressed) -> None:
    """Raises Refused unless the person may change the workspace."""
    role = OWNER if team.people_in(OWNER) else team.approvals.role
    if role not in pressed.person.roles:
        why = not_held_here(team, pressed.person, role, pressed.event.surface)
        raise Refused(f"Only people with the role {role} may change the workspace.{why}", "workspace.owner")


def require_sound(bench: Bench, edited: Edited) -> None:
    """Raises UserMistake, with all that is wrong, for a change after which the workspace would have mistakes."""
    load_team(bench.workspace, bench.foundation.tools, instead=edited.after)


def mark_of(edited: Edited) -> str:
    """A mark of one exact change, short enough for a button."""
    return fingerprint(edited.after)[:MARK_CHARS]


def hire_button(record_id: str) -> Button:
    """What hires: the record is the candidate and the mark of what was shown."""
    name = record_id.partition("/")[0]
    confirm = Confirm(title=f"Hire {name}?", text="team.yaml is changed as shown and taken up at once.", verb="Hire")
    return Button(label="Hire", token=encode(Verb.HIRE, record_id, 0), style=Style.PRIMARY, confirm=confirm)


def team_file(bench: Bench) -> Path:
    """The team's file."""
    return bench.workspace if bench.workspace.is_file() else bench.workspace / TEAM_FILE


def _auditioned(bench: Bench, name: str) -> Card:
    edited = hired(bench.workspace, candidate(bench.foundation.team, name))
    team = load_team(bench.workspace, bench.foundation.tools, instead=edited.after)
    if bench.rehearse is None:
        raise UserMistake("No audition can be held here.", "Hold it on the command line: quarterdeck audition.")
    summary = bench.rehearse(replace(bench.foundation, team=team), name, bench.store.clock.now())
    return _offer(name, summary, edited)


def _offer(name: str, summary: tuple[str, ...], edited: Edited) -> Card:
    title = f"Audition of {name}"
    card = notice_card(title, "", Tone.WAITING)
    button = hire_button(f"{name}/{mark_of(edited)}")
    elements = (
        Text(text="\n".join(summary)),
        Payload(label="Added to team.yaml", text=edited.diff, note="Everything else in the file stays as it is."),
    )
    return card.model_copy(update={"summary": f"{title}. {summary[0]}", "elements": elements, "actions": (button,)})
