"""A channel that cannot be used: what is said of it, and where."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from agents.roster import Team
from blocks.words import place as on_surface
from bot.delivery.channels import channel_spec
from bot.surfaces.base import ChannelLost
from store.actions.channels import lose_channel
from store.handle import Store
from store.queries.cards import known_channels
from store.queries.channels import lost_channels
from store.records import Loss, LostChannel

_IS: Mapping[Loss, str] = MappingProxyType(
    {
        Loss.ARCHIVED: "is archived",
        Loss.GONE: "is gone",
        Loss.LEFT: "no longer has Quarterdeck in it",
        Loss.UNMADE: "could not be had",
    }
)
_NEXT: Mapping[Loss, str] = MappingProxyType(
    {
        Loss.ARCHIVED: "Unarchive the channel, or name another one in team.yaml and start again.",
        Loss.GONE: "Start Quarterdeck again and it makes a new one, or name another channel in team.yaml first.",
        Loss.LEFT: "Invite the app to the channel again.",
        Loss.UNMADE: "Name another channel in team.yaml and start again.",
    }
)


class Place(NamedTuple):
    """A channel on a surface, and whose it is: agents' ids, None for the team itself."""

    surface: str
    place: str
    owners: tuple[str | None, ...]


def place_of(store: Store, team: Team, surface: str, place: str) -> Place:
    """The channel with this id, or of this name; nobody's when the team has no such channel."""
    names = {name for name, channel_id in known_channels(store, surface).items() if channel_id == place} | {place}
    return Place(surface, place, tuple(each for each in _everybody(team) if _name(team, surface, each) in names))


def note_loss(store: Store, team: Team, surface: str, error: ChannelLost) -> None:
    """Opens the incident of a channel that could not be used, once."""
    lost = LostChannel(surface=surface, place=error.place, loss=error.loss)
    tell_loss(store, team, lost, error.message, error.hint)


def tell_loss(store: Store, team: Team, lost: LostChannel, said: str, hint: str | None = None) -> None:
    """Opens the incident of a lost channel, once: `said` is what happened, `hint` what to do where we know better."""
    whose = place_of(store, team, lost.surface, lost.place)
    who = _who(team, whose.owners)
    lose_channel(
        store,
        lost,
        title=f"The channel of {who} {on_surface(lost.surface)} {_IS[lost.loss]}",
        detail=f"{said} What is meant for it waits, and the console shows it.",
        next_step=hint or _NEXT[lost.loss],
        told_in=_told_in(store, team, whose),
        example={"channel": lost.place, "loss": lost.loss.value},
    )


def _told_in(store: Store, team: Team, whose: Place) -> str | None:
    """Where it can be read: the team's channel, or where that is the lost one, any other that stands."""
    if None not in whose.owners:
        return None
    lost = {each.place for each in lost_channels(store, whose.surface)} | {whose.place}
    known = known_channels(store, whose.surface)
    places = {each: known.get(_name(team, whose.surface, each)) for each in team.agents}
    return next((each for each, place in places.items() if place is not None and place not in lost), None)


def _who(team: Team, owners: tuple[str | None, ...]) -> str:
    names = ["the team" if each is None else team.agents[each].name for each in owners]
    return " and ".join(names) or "nobody"


def _everybody(team: Team) -> tuple[str | None, ...]:
    return (None, *team.agents)


def _name(team: Team, surface: str, agent_id: str | None) -> str:
    return channel_spec(team, surface, agent_id).name
