"""What everything that people do is carried out with: the desk, and one press on it."""

from dataclasses import dataclass, field

from agents.roster import Person, Team
from agents.sources.port import NoSources, Sources
from agents.tools.registry import Registry
from blocks.tokens import Press
from bot.delivery.present import Presenter
from bot.reload.bench import Bench
from bot.surfaces.base import InboundEvent
from store.handle import Store
from store.records import Actor, ActorKind


@dataclass(frozen=True)
class Desk:
    """What handlers of presses, commands, messages and shortcuts work with.

    `bench` is where the team's workspace can be read again and changed; None in a simulation.
    """

    store: Store
    team: Team
    tools: Registry
    presenter: Presenter
    bench: Bench | None = None
    sources: Sources = field(default_factory=NoSources)


@dataclass(frozen=True)
class Pressed:
    """One press: what, by whom (with the roles that hold where it was pressed), and the event it came with."""

    press: Press
    person: Person
    event: InboundEvent

    @property
    def actor(self) -> Actor:
        """The person acting here."""
        return Actor(kind=ActorKind.PERSON, id=self.person.id, surface=self.event.surface)

    def field(self, name: str) -> str:
        """What was answered in a field of the form; empty when nothing was."""
        return (self.event.fields.get(name) or "").strip()
