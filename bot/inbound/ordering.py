"""An order: one command as somebody gave it."""

from dataclasses import dataclass

from agents.roster import Person
from bot.surfaces.base import InboundEvent
from store.records import Actor, ActorKind


@dataclass(frozen=True)
class Order:
    """One command as given: its arguments, who gave it (with the roles that hold there), and the event it came with."""

    argument: str
    person: Person
    event: InboundEvent

    @property
    def actor(self) -> Actor:
        """The person acting here."""
        return Actor(kind=ActorKind.PERSON, id=self.person.id, surface=self.event.surface)
