"""The role cards: one for each agent, drawn again when the workspace says something else."""

from agents.roster import Team
from bot.delivery.present import Presenter
from store.actions.outbox import show_role
from store.handle import Store
from store.queries import cards
from store.records import CardKind, card_key


def refresh_roles(store: Store, team: Team, presenter: Presenter) -> list[str]:
    """Asks for every role card that is missing or reads differently now, also of agents that are gone; says whose."""
    shown = {row.record_id for row in cards.all_cards(store, CardKind.ROLE)}
    everybody = [*team.agents, *sorted(shown - {*team.agents})]
    stale = [agent_id for agent_id in everybody if _stale(store, presenter, agent_id)]
    for agent_id in stale:
        show_role(store, agent_id)
    return stale


def _stale(store: Store, presenter: Presenter, agent_id: str) -> bool:
    row = cards.card(store, card_key(CardKind.ROLE, agent_id))
    return row is None or row.snapshot != presenter.draw(row).model_dump(mode="json")
