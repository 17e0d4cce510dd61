"""What a platform says has become of our channels."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from agents.roster import Team
from bot.delivery.losses import place_of, tell_loss
from bot.surfaces.base import ChannelChange, InboundEvent
from store.actions.channels import note_channel, regain_channel
from store.handle import Store
from store.records import Loss, LostChannel

_LOSSES: Mapping[ChannelChange, tuple[Loss, str]] = MappingProxyType(
    {
        ChannelChange.ARCHIVED: (Loss.ARCHIVED, "archived the channel"),
        ChannelChange.DELETED: (Loss.GONE, "deleted the channel"),
        ChannelChange.LEFT: (Loss.LEFT, "took Quarterdeck out of the channel"),
    }
)
_RETURNS = (ChannelChange.UNARCHIVED, ChannelChange.JOINED)


def channel_notice(store: Store, team: Team) -> Callable[[InboundEvent], None]:
    """What to do with a notice about one of our channels; any other concerns nobody.

    Losing it opens an incident, its return closes that, and a new name is only noted: channels are known by id.
    """

    def tell(event: InboundEvent) -> None:
        place, change = str(event.payload["channel"]), ChannelChange(str(event.payload["change"]))
        if not place_of(store, team, event.surface, place).owners:
            return
        if change in _RETURNS:
            regain_channel(store, event.surface, place)
        elif change in _LOSSES:
            loss, did = _LOSSES[change]
            lost = LostChannel(surface=event.surface, place=place, loss=loss)
            tell_loss(store, team, lost, f"{_by(team, event)} {did}.")
        else:
            name = event.payload.get("name")
            note_channel(store, event.surface, place, change=change.value, name=str(name) if name else None)

    return tell


def _by(team: Team, event: InboundEvent) -> str:
    person = team.person_for(event.surface, event.account)
    return person.name if person else "Somebody"
