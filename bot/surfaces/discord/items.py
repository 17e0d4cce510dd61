"""What is pressed on a card, as discord.py hands it over: one class for buttons, one for menus, and nothing kept.

A DynamicItem is found by its custom_id alone, so a card posted before a restart works after it. The two classes have
patterns that never both match, for discord.py calls every class whose pattern does. Cards are posted as plain
dictionaries, so there is no view that could stop, time out, or take these classes with it (ui/view.py of 2.7.1).
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord
from discord import ui

from blocks.render.discord import MENU_PREFIX
from blocks.render.discord_confirm import BACK, MARKS
from blocks.tokens import GRAMMAR
from bot.surfaces.discord.client import Receive

BUTTONS = re.compile(rf"{MARKS}(?:{GRAMMAR})|{re.escape(BACK)}", re.ASCII)
MENUS = re.compile(rf"{re.escape(MENU_PREFIX)}\d+", re.ASCII)


def dynamic_items(receive: Receive) -> tuple[type[ui.DynamicItem[Any]], ...]:
    """The two classes to register with a client, buttons and menus; what is pressed goes to `receive`."""
    return _item(BUTTONS, receive), _item(MENUS, receive)


def _item(template: re.Pattern[str], receive: Receive) -> type[ui.DynamicItem[Any]]:
    class CardItem(ui.DynamicItem[ui.Item[Any]], template=template):
        """What of a card has a custom_id of this pattern."""

        @classmethod
        async def from_custom_id(
            cls, _interaction: discord.Interaction, item: ui.Item[Any], _match: re.Match[str], /
        ) -> "CardItem":
            return cls(item)

        async def callback(self, interaction: discord.Interaction) -> None:
            await receive(interaction)

    return CardItem


def in_full(receive: Callable[[Mapping[str, object]], Awaitable[None]]) -> Receive:
    """Hands an interaction on as Discord sent it."""

    async def handed_on(interaction: discord.Interaction) -> None:
        await receive(raw_interaction(interaction))

    return handed_on


def unless_dispatched(receive: Receive) -> Receive:
    """Hands on only what goes to none of the classes above."""

    async def handed_on(interaction: discord.Interaction) -> None:
        if not is_dispatched(interaction):
            await receive(interaction)

    return handed_on


def is_dispatched(interaction: discord.Interaction) -> bool:
    """True when one of the classes above gets this interaction: discord.py tells `on_interaction` of it as well."""
    if interaction.type is not discord.InteractionType.component:
        return False
    data: Mapping[str, object] = {**interaction.data} if interaction.data else {}
    custom_id = str(data.get("custom_id", ""))
    return BUTTONS.fullmatch(custom_id) is not None or MENUS.fullmatch(custom_id) is not None


def raw_interaction(interaction: discord.Interaction) -> Mapping[str, object]:
    """The interaction as Discord sent it, in the parts that are read: discord.py does not keep the whole."""
    channel, message = interaction.channel, interaction.message
    raw: dict[str, object] = {
        "id": str(interaction.id),
        "type": interaction.type.value,
        "token": interaction.token,
        "application_id": str(interaction.application_id),
        "data": interaction.data,
        "guild_id": None if interaction.guild_id is None else str(interaction.guild_id),
        "channel_id": None if channel is None else str(channel.id),
    }
    raw["channel"] = _where(channel)
    raw["message"] = None if message is None else {"id": str(message.id), "flags": message.flags.value}
    return {**raw, **_who(interaction.user)}


def _where(channel: object) -> dict[str, object] | None:
    """Of a thread also the channel that holds it."""
    if not isinstance(channel, discord.abc.Snowflake):
        return None
    kind = getattr(channel, "type", None)
    described: dict[str, object] = {"id": str(channel.id)}
    if isinstance(kind, discord.ChannelType):
        described["type"] = kind.value
    if isinstance(channel, discord.Thread):
        described["parent_id"] = str(channel.parent_id)
    return described


def _who(user: discord.User | discord.Member) -> dict[str, object]:
    described = {"id": str(user.id), "username": user.name, "bot": user.bot, "system": user.system}
    if not isinstance(user, discord.Member):
        return {"user": described}
    roles = [str(role.id) for role in user.roles if not role.is_default()]
    return {"member": {"user": described, "roles": roles, "pending": user.pending}}
