"""Agents: switched on and off by people."""

import sqlalchemy as sa

from store import schema
from store.actions.action import action
from store.actions.insert import put
from store.records.actor import Actor
from store.records.agent import AgentState
from store.records.card import CardKind, card_key
from store.transaction import Tx


@action("agents.switch")
def switch_agent(tx: Tx, agent_id: str, actor: Actor, *, state: AgentState, reason: str | None = None) -> None:
    """Pauses or resumes an agent. A run already going is not touched; while paused no new one starts."""
    _switch(tx, agent_id, actor, state, reason)


@action("agents.switch_all")
def switch_agents(
    tx: Tx, agent_ids: tuple[str, ...], actor: Actor, *, state: AgentState, reason: str | None = None
) -> int:
    """Pauses or resumes all of these agents, or none of them; returns how many were not in that state before."""
    table = schema.agents
    query = sa.select(table.c.agent_id).where(table.c.state == AgentState.PAUSED.value)
    paused = set(tx.connection.execute(query).scalars())
    changing = [one for one in agent_ids if (one in paused) is not (state is AgentState.PAUSED)]
    for agent_id in changing:
        _switch(tx, agent_id, actor, state, reason)
    return len(changing)


def _switch(tx: Tx, agent_id: str, actor: Actor, state: AgentState, reason: str | None) -> None:
    row = {"state": state.value, "changed_at": tx.now, "changed_by": actor.id, "reason": reason}
    put(tx, schema.agents, {"agent_id": agent_id}, row)
    tx.show_again(card_key(CardKind.ROLE, agent_id))
    tx.audit(f"agent.{state.value}", actor, ("agent", agent_id), reason=reason)
