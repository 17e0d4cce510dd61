"""Agents: switched on and off by people."""

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
    row = {"state": state.value, "changed_at": tx.now, "changed_by": actor.id, "reason": reason}
    put(tx, schema.agents, {"agent_id": agent_id}, row)
    tx.show_again(card_key(CardKind.ROLE, agent_id))
    tx.audit(f"agent.{state.value}", actor, ("agent", agent_id), reason=reason)
