"""Who did something: every audit event and every decision names one."""

from enum import StrEnum

from store.records.record import Record


class ActorKind(StrEnum):
    """What sort of actor; only a person may decide an approval."""

    PERSON = "person"
    AGENT = "agent"
    SYSTEM = "system"


class Actor(Record):
    """One actor. `id` is a person's or agent's id in the workspace, or the room that acted for the system.

    `surface` is where a person acted (slack, console, cli …); None for agents and the system.
    """

    kind: ActorKind
    id: str
    surface: str | None = None

    @property
    def is_person(self) -> bool:
        """True for a person, who alone may vote."""
        return self.kind is ActorKind.PERSON


SYSTEM = Actor(kind=ActorKind.SYSTEM, id="quarterdeck")
"""The program itself: expiries, sweeps, recoveries."""
