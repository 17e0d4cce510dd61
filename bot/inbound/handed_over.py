"""What agents have handed each other, what waits too long, and which routes ask for a person."""

from collections.abc import Sequence
from datetime import timedelta

from blocks.cards import CardView, notice_card
from blocks.cards.view import age
from blocks.elements import Card, Item, Items, Tone
from bot.delivery.present import Presenter
from bot.inbound.desk import Desk
from bot.inbound.ordering import Order
from bot.surfaces.base import Answer
from store.handle import Store
from store.queries import handoffs
from store.records import Breaker, Handoff, HandoffState

SHOWN = 25
WAITS_LONG = timedelta(days=1)
"""How long work may wait for its receiver before it is listed first."""


def show_handoffs(desk: Desk, order: Order) -> Answer:
    """The latest handoffs, of one agent where one is named."""
    return Answer(card=handoffs_card(desk.store, desk.presenter, order.argument))


def handoffs_of(store: Store, presenter: Presenter, agent: str) -> list[Handoff]:
    """The latest handoffs to or from an agent, or of everybody, newest first."""
    agent_id = presenter.agent_id(agent) or agent
    found = handoffs.handoffs(store, limit=400)
    mine = [one for one in found if not agent or agent_id in (one.sender, one.receiver)]
    return mine[::-1]


def handoffs_card(store: Store, presenter: Presenter, agent: str) -> Card:
    """What waits too long, the routes whose breaker is open, and the latest handoffs."""
    found, view, now = handoffs_of(store, presenter, agent), presenter.view, store.clock.now()
    waiting = [one for one in found if one.state is HandoffState.SENT and one.sent_at < now - WAITS_LONG]
    broken = handoffs.open_breakers(store)
    parts = (
        _listed("Waits for its receiver", [_waiting(one, view, age(one.sent_at, now)) for one in waiting]),
        _listed("Breakers that are open", [_broken(one, view) for one in broken]),
        _listed("Newest first", [_row(one, view) for one in found]),
    )
    tone = Tone.WARNING if waiting or broken else Tone.NEUTRAL
    card = notice_card("Work handed over", "", tone, simulated=view.simulated)
    return card.model_copy(update={"elements": tuple(one for one in parts if one.rows or one is parts[-1])})


def _listed(heading: str, rows: Sequence[Item]) -> Items:
    return Items(heading=heading, rows=tuple(rows[:SHOWN]), total=len(rows), empty="Nothing has been handed over.")


def _row(one: Handoff, view: CardView) -> Item:
    text = f"{one.contract}: {view.agent(one.sender)} to {view.agent(one.receiver)}, {one.state.value}"
    reason = f", {one.reason}" if one.reason else ""
    return Item(text=text, detail=f"{view.when(one.sent_at)}{reason}", url=view.link("runs", one.run_id))


def _waiting(one: Handoff, view: CardView, waits: str) -> Item:
    return _row(one, view).model_copy(update={"detail": f"for {waits}"})


def _broken(one: Breaker, view: CardView) -> Item:
    contract, _, way = one.route.partition(":")
    sender, _, receiver = way.partition(">")
    text = f"{contract}: {view.agent(sender)} to {view.agent(receiver)}"
    return Item(text=text, detail=f"{one.failures + one.returns} failures, next: {one.rung}; {one.reason}")
