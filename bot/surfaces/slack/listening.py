"""What events tell of watched channels: who wrote it is found out, then it goes the way everything comes in."""

from collections.abc import Mapping

from bot.surfaces.base import InboundEvent, InboundKind
from bot.surfaces.slack.accounts import AccountClass, Accounts
from bot.surfaces.slack.identity import Home
from bot.surfaces.slack.overheard import Overheard, overhear, overhear_event
from bot.surfaces.slack.plaintext import word
from store.kernel.ids import derive
from store.records import AuthorKind, SeenMessage

SURFACE = "slack"

KINDS: Mapping[AccountClass, AuthorKind] = {
    AccountClass.MEMBER: AuthorKind.PERSON,
    AccountClass.GUEST: AuthorKind.GUEST,
    AccountClass.EXTERNAL: AuthorKind.EXTERNAL,
    AccountClass.UNKNOWN: AuthorKind.UNKNOWN,
}
"""What a reader is told of an author, by the class of the account."""


class Listening:
    """Hears what is written in watched channels, and in no others: of those nothing is kept."""

    def __init__(self, home: Home, accounts: Accounts, channel_ids: frozenset[str]) -> None:
        self._home = home
        self._accounts = accounts
        self._channel_ids = channel_ids

    async def hear(self, body: Mapping[str, object]) -> InboundEvent | None:
        """The event to be stored; None for any payload that tells nothing of a watched channel."""
        inner = body.get("event")
        if not isinstance(inner, Mapping) or inner.get("type") != "message":
            return None
        if word(inner, "channel") not in self._channel_ids:
            return None
        overheard = overhear_event(inner, self._home)
        return None if overheard is None else watched_event(overheard.channel_id, await self._known(overheard))

    async def read(self, channel_id: str, message: Mapping[str, object]) -> SeenMessage | None:
        """A message as it stands in a channel's history; None for our own, and for what nobody wrote."""
        overheard = overhear(channel_id, message, self._home)
        return None if overheard is None else await self._known(overheard)

    async def _known(self, overheard: Overheard) -> SeenMessage:
        """The message with what Slack says of its author, as far as it says it in time."""
        if overheard.account is None:
            return overheard.message
        kind = KINDS[await self._accounts.class_of(overheard.account)]
        return overheard.message.model_copy(update={"author_kind": kind})


def watched_event(channel_id: str, message: SeenMessage) -> InboundEvent:
    """The message as an event. Its key is the message's and the change's own, under whatever event id it comes."""
    as_of = "" if message.as_of is None else message.as_of.isoformat()
    return InboundEvent(
        surface=SURFACE,
        key=derive("watched", SURFACE, channel_id, message.message_id, as_of, str(message.deleted)),
        kind=InboundKind.WATCHED,
        account=message.author,
        account_class="unknown",
        payload={"channel": channel_id, "message": message.model_dump(mode="json")},
    )
