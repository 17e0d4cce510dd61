"""What may become of a channel of ours on a surface."""

from enum import StrEnum

from store.records.record import Record


class Loss(StrEnum):
    """Why a channel cannot be used: `gone` is deleted or no longer shown to us, `unmade` is one we could not get."""

    ARCHIVED = "archived"
    GONE = "gone"
    LEFT = "left"
    UNMADE = "unmade"


class LostChannel(Record):
    """A channel that cannot be used. `place` is its id on the surface, or its name where it never had an id."""

    surface: str
    place: str
    loss: Loss
