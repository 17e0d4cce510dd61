"""A run goes on as it began: with the mind its agent had then, whatever the workspace says by now."""

from typing import NamedTuple

from agents.roster import AgentSpec, ModelMind, RoutineMind
from store.handle import Store
from store.queries.minds import kept_mind
from store.records import Receipt

ROLE = "role"
"""The layer of a receipt whose version is the workspace's digest as the run began."""


class Begun(NamedTuple):
    """An agent as a run began with it: `digest` is the workspace's then, `source` its routine's code then."""

    agent: AgentSpec
    digest: str
    source: bytes | None


def as_begun(store: Store, agent: AgentSpec, receipt: Receipt) -> Begun:
    """The agent with the mind it had when the run was booted; with today's where that was not kept.

    Only the mind: what it may call, and what policy says of it, is always today's. A mind that was not kept may
    disagree with the record; then the run stops, as it does for any routine that was changed under it.
    """
    digest = next((layer.version for layer in receipt.layers if layer.name == ROLE), "")
    kept = kept_mind(store, digest, agent.id)
    if kept is None:
        return Begun(agent, "", None)
    mind = ModelMind.model_validate(kept.mind) if kept.source is None else RoutineMind.model_validate(kept.mind)
    source = None if kept.source is None else kept.source.encode()
    return Begun(agent.model_copy(update={"mind": mind}), digest, source)
