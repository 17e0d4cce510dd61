"""Who there is: each agent with what it is doing, what it owns and what is next. Told once, never redrawn."""

from blocks.cards.fleet import doing
from blocks.cards.notice import notice_card
from blocks.cards.view import CardView
from blocks.elements import Card, Item, Items, Tone
from blocks.text import count
from store.records import AgentView, Fleet


def agents_card(fleet: Fleet, view: CardView) -> Card:
    """Every agent of the team in its order: state, lane, next due time."""
    rows = tuple(_row(agent, fleet, view) for agent in fleet.agents)
    card = notice_card("Agents", "", Tone.NEUTRAL, simulated=view.simulated)
    said = "; ".join(f"{agent.name}: {doing(agent)}" for agent in fleet.agents) or "none yet"
    elements = (Items(rows=rows, total=len(rows), empty="No agents yet."),)
    return card.model_copy(update={"elements": elements, "summary": f"{count(len(rows), 'agent')}: {said}."})


def _row(agent: AgentView, fleet: Fleet, view: CardView) -> Item:
    due = f"next due {view.at_time(agent.next_due_at, fleet.as_of)}" if agent.next_due_at else "nothing scheduled"
    lane = (
        f"owns {', '.join(agent.owns)}" if agent.owns else "",
        f"never {', '.join(agent.never)}" if agent.never else "",
    )
    detail = " · ".join(part for part in (due, agent.purpose.rstrip("."), *lane) if part)
    return Item(text=f"{agent.name}: {doing(agent)}", detail=detail, url=view.link("channels", agent.agent_id))
