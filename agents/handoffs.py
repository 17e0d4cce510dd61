"""Handing work over: what is checked when it is sent, and again when it is read."""

from typing import NamedTuple

from agents.contracts import PAYLOAD_MAX_BYTES, Contract
from agents.roster import Team
from store.kernel.canonical import Json, JsonObject, canonical_bytes
from store.kernel.errors import UserMistake
from store.records import Handoff, Waking
from store.rules.handoffs import Terms


class Reading(NamedTuple):
    """Work as its receiver reads it. `validity` is "valid", or says why it is not: then `payload` is empty.

    `left_out` are JSON pointers of free text that was not read; `taints` is true when a stranger's words were.
    """

    payload: JsonObject
    validity: str
    left_out: tuple[str, ...]
    taints: bool


VALID = "valid"


def contract_named(team: Team, ref: str) -> Contract:
    """The team's contract of this name and version. Raises UserMistake that names those there are."""
    found = team.contracts.get(ref)
    if found is not None:
        return found
    there = ", ".join(sorted(team.contracts)) or "none"
    raise UserMistake(f"There is no contract {ref!r}.", f"The contracts are: {there}.")


def objection_to(contract: Contract, payload: JsonObject) -> str | None:
    """Why the payload cannot be handed over under the contract; None when it can."""
    size = len(canonical_bytes(payload))
    if size > PAYLOAD_MAX_BYTES:
        return f"The payload is {size} bytes; at most {PAYLOAD_MAX_BYTES} are taken."
    return contract.objection(payload)


def terms_of(contract: Contract, sender: str, receiver: str) -> Terms:
    """What the contract says of failures; nobody is another path to themselves, or to whom it failed already."""
    other = contract.otherwise if contract.otherwise not in (sender, receiver) else None
    return Terms(contract.failures_max, other)


def waking_of(team: Team, contract: Contract | None) -> Waking | None:
    """What it takes to start whoever receives work under the contract; None when it waits for their schedule."""
    if contract is None or not contract.wakes:
        return None
    limits = {agent.id: agent.limits for agent in team.agents.values()}
    return Waking(limits=limits, workspace_digest=team.digest)


def waking_on(team: Team, route: str) -> Waking | None:
    """The same for a route, which begins with its contract."""
    return waking_of(team, team.contracts.get(route.partition(":")[0]))


def read_handoff(team: Team, handoff: Handoff, *, words: bool) -> Reading:
    """The work, validated again by the contract as the receiver's workspace has it now.

    Without `words`, the free text of tainted work is left out, and reading it taints nobody: only what a type, a choice
    or a pattern bounds is let through.
    """
    contract = team.contracts.get(handoff.contract)
    if contract is None:
        return Reading({}, f"This workspace has no contract {handoff.contract}.", (), taints=False)
    objection = objection_to(contract, handoff.payload)
    if objection is not None:
        return Reading({}, f"It does not fit {handoff.contract} as it is here: {_place(objection)}", (), taints=False)
    free = contract.words(handoff.payload) if handoff.tainted else ()
    if not free or words:
        return Reading(handoff.payload, VALID, (), taints=bool(free))
    return Reading(contract.without_words(handoff.payload), VALID, free, taints=False)


def provenance(handoff: Handoff) -> list[Json]:
    """Where each figure of the payload came from, in a few typed words."""
    return [
        {
            "place": one.place,
            "tool": one.tool or "",
            "step": one.step or "",
            "path": one.path or "",
            "handoff": one.handoff or "",
        }
        for one in handoff.origins
    ]


def _place(objection: str) -> str:
    """Where it breaks, without the value: a payload that does not fit may hold anything."""
    return objection.partition(":")[0]
