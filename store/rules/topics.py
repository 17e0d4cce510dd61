"""One writer for each topic, and who may let a proposal in. Pure."""

from store.records.actor import Actor, ActorKind
from store.records.topic import Proposal, ProposalState


def may_write(actor: Actor, writer: str) -> bool:
    """True for the topic's one writer. A person or the workspace itself may always write; any other agent may not."""
    return actor.kind is not ActorKind.AGENT or actor.id == writer


def arrives_as(*, tainted: bool) -> ProposalState:
    """Where a proposal begins: what a session wrote after reading strangers' words waits for a person."""
    return ProposalState.QUARANTINED if tainted else ProposalState.OPEN


def objection_to_review(proposal: Proposal, reviewer: Actor, *, accept: bool, tainted: bool) -> str | None:
    """Why this reviewer may not decide like this; None when they may.

    The writer decides what others propose, a person decides anything. What is in quarantine, and what a session that
    has read strangers' words would let in, only a person accepts. Nobody but a person decides their own proposal.
    """
    if not may_write(reviewer, proposal.agent_id):
        return f"Only {proposal.agent_id}, who keeps {proposal.topic}, or a person decides this."
    if reviewer.kind is not ActorKind.AGENT or not accept:
        return None
    if proposal.state is ProposalState.QUARANTINED:
        return "It may hold a stranger's words: only a person may accept it."
    return "This session has read what strangers wrote: only a person may accept it now." if tainted else None
