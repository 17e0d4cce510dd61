"""What the buttons of a home page do that no card has: turn the page, steer every agent at once."""

from agents.roster import OPERATOR
from blocks.text import count
from bot.inbound.desk import Desk, Pressed
from bot.inbound.permission import not_held_here
from bot.surfaces.base import Answer
from store.actions.agents import switch_agents
from store.actions.homes import turn_home
from store.kernel.errors import Refused, UserMistake
from store.records import AgentState, HomeShow


def show(desk: Desk, pressed: Pressed) -> Answer:
    """Turns the presser's own page; the page itself is the answer."""
    wanted, event = {one.value: one for one in HomeShow}.get(pressed.press.record_id), pressed.event
    if wanted is None:
        raise UserMistake("There is no such view of the team.", "Open the page again.")
    turn_home(
        desk.store,
        surface=event.surface,
        account=event.account,
        person_id=pressed.person.id,
        show=wanted,
        page=pressed.press.revision,
    )
    return Answer()


def pause_all(desk: Desk, pressed: Pressed) -> Answer:
    """No agent begins a new run. Raises Refused for whoever may not do this to everybody."""
    changed = _switch_all(desk, pressed, AgentState.PAUSED)
    return Answer(text=f"Paused: {changed}. Due times are recorded as skipped; what is under way goes on.")


def resume_all(desk: Desk, pressed: Pressed) -> Answer:
    """Every agent is back at work. Raises Refused for whoever may not do this to everybody."""
    return Answer(text=f"Back at work: {_switch_all(desk, pressed, AgentState.ACTIVE)}.")


def _switch_all(desk: Desk, pressed: Pressed, state: AgentState) -> str:
    if not desk.team.may_switch_all(pressed.person):
        role = desk.team.approvals.role
        why = not_held_here(desk.team, pressed.person, role, pressed.event.surface)
        raise Refused(
            f"Only people in the role {role} or {OPERATOR} may do this to every agent.{why}", "switch_all.role"
        )
    return count(switch_agents(desk.store, tuple(desk.team.agents), pressed.actor, state=state), "agent")
