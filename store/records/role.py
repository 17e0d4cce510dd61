"""A role: what an agent is for and may do, as the workspace says; what its role card shows."""

from store.records.agent import AgentState
from store.records.approval import Requirement
from store.records.record import Record
from store.records.run import RunLimits


class Role(Record):
    """One agent as the workspace describes it. `state` None means that the team no longer has it.

    `reads`, `writes` and `sends` are its tools by access; `rhythms` is when it runs by itself, in words, and `mind`
    what thinks. `requirement` says who decides when no rule does, and `deciders` who these people are (their ids).
    """

    agent_id: str
    name: str
    purpose: str
    state: AgentState | None
    mind: str = ""
    owns: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    rhythms: tuple[str, ...] = ()
    requirement: Requirement | None = None
    deciders: tuple[str, ...] = ()
    limits: RunLimits | None = None
