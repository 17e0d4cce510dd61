"""Persons: they press, choose, fill in forms, type commands, and everything arrives as an INTERACTION_CREATE."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fake_discord.calls import Upload
from tests.fake_discord.drafting import attachment, drafted
from tests.fake_discord.filling import filled
from tests.fake_discord.interaction import Interaction, InteractionKind
from tests.fake_discord.message_calls import keep
from tests.fake_discord.permissions import MEMBERS
from tests.fake_discord.world import World

_CHAT_INPUT, _MESSAGE_MENU = 1, 3
_SUBCOMMAND = 1
_BUTTON = 2
_GUILD_CONTEXT = {"context": 0, "version": 1, "locale": "en-US", "guild_locale": "en-US"}

Given = str | Sequence[str] | Upload | bool


@dataclass
class People:
    """What the people of the guild do. Each act answers the interaction, on which the answers are to be seen."""

    world: World

    def press(self, message: Mapping[str, Any], custom_id: str, user_id: str) -> Interaction:
        """Presses the button; it must be there, and not greyed out."""
        button = _component(message, custom_id)
        assert button["type"] == _BUTTON
        return self._component(message, {"component_type": _BUTTON, "custom_id": custom_id}, user_id)

    def press_raw(self, message: Mapping[str, Any], custom_id: str, user_id: str) -> Interaction:
        """Presses what is no longer there, as somebody does whose screen is old."""
        return self._component(message, {"component_type": _BUTTON, "custom_id": custom_id}, user_id)

    def choose(self, message: Mapping[str, Any], custom_id: str, values: Sequence[str], user_id: str) -> Interaction:
        """Picks options of the menu by their values."""
        menu = _component(message, custom_id)
        offered = {option["value"] for option in menu.get("options", [])}
        assert not offered or set(values) <= offered, f"{values} of {offered}"
        data = {"component_type": menu["type"], "custom_id": custom_id, "values": list(values)}
        return self._component(message, data, user_id)

    def submit(self, opened: Interaction, values: Mapping[str, Given], user_id: str | None = None) -> Interaction:
        """Fills in the form that `opened` was answered with, by the custom_ids of its fields, and sends it off."""
        modal = opened.modal
        user_id = user_id or opened.user_id
        channel_id = opened.payload["channel_id"]
        shelf: dict[str, Any] = {}

        def shelve(upload: Upload) -> str:
            given = attachment(self.world, channel_id, upload, {})
            shelf[given["id"]] = given
            return str(given["id"])

        components = [filled(part, values, shelve) for part in modal["components"]]
        data = {"custom_id": modal["custom_id"], "components": components}
        data |= {"resolved": {"attachments": shelf}} if shelf else {}
        about = {"message": opened.payload["message"]} if "message" in opened.payload else {}
        return self._act(InteractionKind.MODAL, data, channel_id, user_id, about)

    def slash(self, channel_id: str, user_id: str, path: str, **options: Any) -> Interaction:
        """Types a command: `path` is "deck run" or "help"; only what is registered can be typed."""
        data = self._typed(path, options)
        return self._act(InteractionKind.COMMAND, data, channel_id, user_id)

    def complete(self, channel_id: str, user_id: str, path: str, option: str, typed: str) -> Interaction:
        """Types the beginning of an option's value, to be offered ends of it."""
        data = self._typed(path, {option: typed}, focused=option)
        return self._act(InteractionKind.AUTOCOMPLETE, data, channel_id, user_id)

    def use_on_message(self, message: Mapping[str, Any], name: str, user_id: str) -> Interaction:
        """Apps ▸ name, on a message."""
        command = self._registered(name, _MESSAGE_MENU)
        resolved = {"messages": {message["id"]: dict(message)}}
        data = {"id": command["id"], "name": name, "type": _MESSAGE_MENU, "guild_id": self.world.guild_id}
        data |= {"target_id": message["id"], "resolved": resolved}
        return self._act(InteractionKind.COMMAND, data, message["channel_id"], user_id)

    def say(self, channel_id: str, user_id: str, text: str) -> dict[str, Any]:
        """Writes into a channel; answers the message."""
        message = drafted(self.world, channel_id, user_id, {"content": text}, ())
        keep(self.world, message)
        return message

    def unheard(self, channel_id: str, user_id: str) -> Interaction:
        """Somebody acted, and the bot knows it already: only the answers are to be seen."""
        data = {"id": self.world.ids.next(), "name": "deck", "type": _CHAT_INPUT}
        return self._made(InteractionKind.COMMAND, data, channel_id, user_id)

    def again(self, acted: Interaction) -> None:
        """The gateway delivers the same interaction once more."""
        self.world.emit("INTERACTION_CREATE", acted.payload)

    def _component(self, message: Mapping[str, Any], data: dict[str, Any], user_id: str) -> Interaction:
        return self._act(InteractionKind.COMPONENT, data, message["channel_id"], user_id, {"message": dict(message)})

    def _act(
        self,
        kind: InteractionKind,
        data: Mapping[str, Any],
        channel_id: str,
        user_id: str,
        about: Mapping[str, Any] | None = None,
    ) -> Interaction:
        acted = self._made(kind, data, channel_id, user_id, about)
        self.world.emit("INTERACTION_CREATE", acted.payload)
        return acted

    def _made(
        self,
        kind: InteractionKind,
        data: Mapping[str, Any],
        channel_id: str,
        user_id: str,
        about: Mapping[str, Any] | None = None,
    ) -> Interaction:
        interaction_id = self.world.ids.next()
        place = {"guild_id": self.world.guild_id, "channel_id": channel_id, "channel": self._channel(channel_id)}
        made = {"id": interaction_id, "application_id": self.world.application_id, "type": int(kind)}
        owners = {"authorizing_integration_owners": {"0": self.world.guild_id}, "entitlements": []}
        limits = {"app_permissions": str(int(self.world.allowed(channel_id))), "attachment_size_limit": 10_485_760}
        guild = {"guild": {"id": self.world.guild_id, "locale": "en-US", "features": []}}
        token = {"token": f"token-{interaction_id}", "data": dict(data), "member": self._member(user_id, channel_id)}
        payload = {**made, **place, **owners, **limits, **guild, **token, **_GUILD_CONTEXT, **(about or {})}
        acted = Interaction(payload, self.world.now(), user_id)
        self.world.interactions[interaction_id] = acted
        return acted

    def _member(self, user_id: str, channel_id: str) -> dict[str, Any]:
        allowed = self.world.allowed_to(user_id, channel_id)
        return {**self.world.member(user_id), "permissions": str(int(allowed))}

    def _channel(self, channel_id: str) -> dict[str, Any]:
        channel = self.world.channels[channel_id]
        return {**channel, "permissions": str(int(MEMBERS))}

    def _registered(self, name: str, kind: int) -> dict[str, Any]:
        found = [each for each in self.world.commands if each["name"] == name and each["type"] == kind]
        assert found, f"no command {name} among {[each['name'] for each in self.world.commands]}"
        return found[0]

    def _typed(self, path: str, options: Mapping[str, Any], focused: str | None = None) -> dict[str, Any]:
        name, *below = path.split(" ")
        command = self._registered(name, _CHAT_INPUT)
        level, nested = command, list[str]()
        for word in below:
            level = _option(level, word)
            nested.append(word)
        given = [_value(_option(level, each), value, focused) for each, value in options.items()]
        _check_required(level, options, focused)
        for word in reversed(nested):
            given = [{"name": word, "type": _SUBCOMMAND, "options": given}]
        return {
            "id": command["id"],
            "name": name,
            "type": _CHAT_INPUT,
            "guild_id": self.world.guild_id,
            "options": given,
        }


def _option(level: Mapping[str, Any], name: str) -> dict[str, Any]:
    offered: list[dict[str, Any]] = level.get("options") or []
    found = [each for each in offered if each["name"] == name]
    assert found, f"{level['name']} has no {name}, only {[each['name'] for each in offered]}"
    return found[0]


def _value(option: Mapping[str, Any], value: Any, focused: str | None) -> dict[str, Any]:
    choices = [each["value"] for each in option.get("choices") or []]
    assert not choices or value in choices or focused, f"{value} of {choices}"
    told = {"name": option["name"], "type": option["type"], "value": value}
    return {**told, "focused": True} if option["name"] == focused else told


def _check_required(level: Mapping[str, Any], options: Mapping[str, Any], focused: str | None) -> None:
    required = {each["name"] for each in level.get("options") or [] if each.get("required")}
    assert focused or required <= set(options), f"{required - set(options)} must be given"


def _component(message: Mapping[str, Any], custom_id: str) -> dict[str, Any]:
    every = list(clickables(message))
    found = [each for each in every if each["custom_id"] == custom_id]
    assert found, f"no {custom_id} among {[each['custom_id'] for each in every]}"
    assert not found[0].get("disabled"), f"{custom_id} is switched off"
    return found[0]


def clickables(part: Any) -> Iterator[dict[str, Any]]:
    """Everything on a message that has a custom_id, in order."""
    if isinstance(part, Mapping):
        if "custom_id" in part:
            yield dict(part)
        for name in ("components", "accessory"):
            yield from clickables(part.get(name))
    elif isinstance(part, list):
        for each in part:
            yield from clickables(each)
