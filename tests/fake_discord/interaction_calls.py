"""Answers to what people did: the first within three seconds and once, later ones by the token for fifteen minutes."""

from typing import Any

from tests.fake_discord.calls import Call, operation
from tests.fake_discord.drafting import drafted, redraft
from tests.fake_discord.interaction import ANSWER_SECONDS, ANSWERS, TOKEN_SECONDS, AnswerKind, Interaction
from tests.fake_discord.judging import EPHEMERAL, IS_COMPONENTS_V2, check_described, check_message
from tests.fake_discord.message_calls import edit, keep
from tests.fake_discord.refusals import (
    DiscordError,
    invalid,
    unknown_interaction,
    unknown_message,
    unknown_webhook,
)
from tests.fake_discord.world import World

_LOADING = 1 << 7
_MAX_MODAL_ITEMS, _MAX_MODAL_TITLE = 5, 45
_SCHEMAS = {
    AnswerKind.MESSAGE: "CreateMessageInteractionCallbackRequest",
    AnswerKind.DEFERRED_MESSAGE: "CreateMessageInteractionCallbackRequest",
    AnswerKind.DEFERRED_UPDATE: "UpdateMessageInteractionCallbackRequest",
    AnswerKind.UPDATE: "UpdateMessageInteractionCallbackRequest",
    AnswerKind.CHOICES: "ApplicationCommandAutocompleteCallbackRequest",
    AnswerKind.MODAL: "ModalInteractionCallbackRequest",
}


@operation("interactions.answer", "POST", "/interactions/{interaction_id}/{token}/callback", needs_token=False)
def _callback(world: World, call: Call) -> Any:
    interaction = world.interactions.get(call.path["interaction_id"])
    if interaction is None or interaction.token != call.path["token"]:
        raise unknown_interaction()
    try:
        _answer(world, interaction, call)
    except DiscordError as refusal:
        interaction.refused.append(refusal.code)
        raise
    return _as_told(interaction) if call.query.get("with_response") in ("true", "True", "1") else None


def _answer(world: World, interaction: Interaction, call: Call) -> None:
    if interaction.first is not None:
        raise DiscordError(400, 40060, "Interaction has already been acknowledged.")
    if world.now() - interaction.made_at > ANSWER_SECONDS:
        raise unknown_interaction()
    kind = AnswerKind(call.body["type"])
    if kind not in ANSWERS[interaction.kind]:
        raise invalid(f"type: {kind.name} does not answer {interaction.kind.name}")
    if kind in (AnswerKind.DEFERRED_UPDATE, AnswerKind.UPDATE) and "message" not in interaction.payload:
        raise invalid(f"type: {kind.name} needs a message to change")
    _check(kind, call)
    _carry_out(world, interaction, kind, call)
    interaction.first, interaction.first_at = call.body, world.now()


def _check(kind: AnswerKind, call: Call) -> None:
    data = call.body.get("data") or {}
    inner = {**call.body, "data": data} if data else call.body
    check_described(_SCHEMAS[kind], inner)
    if kind is AnswerKind.MESSAGE:
        check_message(data, call.uploads)
    if kind is AnswerKind.MODAL:
        _check_modal(data)


def _check_modal(data: dict[str, Any]) -> None:
    """What the description does not say of a modal."""
    if not 1 <= len(data["components"]) <= _MAX_MODAL_ITEMS:
        raise invalid("components: Must be between 1 and 5 in length.")
    if len(data["title"]) > _MAX_MODAL_TITLE:
        raise invalid("title: Must be 45 or fewer in length.")
    inputs = [part.get("component") or {} for part in data["components"]]
    ids = [each["custom_id"] for each in inputs if "custom_id" in each]
    if len(set(ids)) != len(ids):
        raise invalid("components: Component custom id cannot be duplicated")


def _carry_out(world: World, interaction: Interaction, kind: AnswerKind, call: Call) -> None:
    data = call.body.get("data") or {}
    match kind:
        case AnswerKind.MESSAGE:
            interaction.original = _reply(world, interaction, data, call)
        case AnswerKind.DEFERRED_MESSAGE:
            waiting = {"flags": (data.get("flags") or 0) | _LOADING, "content": ""}
            interaction.original = _reply(world, interaction, waiting, call)
        case AnswerKind.UPDATE:
            interaction.original = _source(world, interaction)
            _change(world, interaction.original, Call(call.name, call.path, body=data, uploads=call.uploads))
        case AnswerKind.DEFERRED_UPDATE:
            interaction.original = _source(world, interaction)
        case _:
            pass


def _reply(world: World, interaction: Interaction, data: dict[str, Any], call: Call) -> dict[str, Any]:
    """A message of its own; one that only the person sees is in no channel."""
    message = drafted(world, interaction.payload["channel_id"], world.bot_id, data, call.uploads)
    if not message["flags"] & EPHEMERAL:
        keep(world, message)
    return message


def _source(world: World, interaction: Interaction) -> dict[str, Any]:
    """The message that was pressed, as it stands now; an ephemeral one is kept by whoever showed it."""
    shown: dict[str, Any] = interaction.payload["message"]
    if shown["flags"] & EPHEMERAL:
        return shown
    if shown["id"] not in world.messages[shown["channel_id"]]:
        raise unknown_message()
    return world.messages[shown["channel_id"]][shown["id"]]


def _change(world: World, message: dict[str, Any], call: Call) -> None:
    if not message["flags"] & EPHEMERAL:
        edit(world, message, call)
        return
    check_message(call.body, call.uploads, was_v2=bool(message["flags"] & IS_COMPONENTS_V2))
    redraft(world, message, call.body, call.uploads)
    message["flags"] &= ~_LOADING


def _as_told(interaction: Interaction) -> dict[str, Any]:
    told = {"id": interaction.id, "type": int(interaction.kind), "response_message_loading": False}
    said: dict[str, Any] = {"type": int(interaction.answered or 0)}
    if interaction.original is not None:
        told |= {"response_message_id": interaction.original["id"]}
        said |= {"message": interaction.original}
    return {"interaction": told, "resource": said}


def _by_token(world: World, call: Call) -> Interaction:
    """The interaction that has been answered and whose token still holds."""
    if call.path["webhook_id"] != world.application_id:
        raise unknown_webhook()
    known = [each for each in world.interactions.values() if each.token == call.path["token"]]
    if not known or known[0].first is None:
        raise unknown_webhook()
    if world.now() - known[0].made_at > TOKEN_SECONDS:
        raise DiscordError(401, 50027, "Invalid Webhook Token")
    return known[0]


_TOKEN_PATH = "/webhooks/{webhook_id}/{token}"
_ORIGINAL_PATH = f"{_TOKEN_PATH}/messages/@original"


@operation("original.get", "GET", _ORIGINAL_PATH, needs_token=False)
def _get_original(world: World, call: Call) -> Any:
    original = _by_token(world, call).original
    if original is None:
        raise unknown_message()
    return original


@operation("original.edit", "PATCH", _ORIGINAL_PATH, schema="IncomingWebhookUpdateRequestPartial", needs_token=False)
def _edit_original(world: World, call: Call) -> Any:
    message: dict[str, Any] = _get_original(world, call)
    _change(world, message, call)
    message["flags"] &= ~_LOADING
    return message


@operation("original.delete", "DELETE", _ORIGINAL_PATH, needs_token=False)
def _delete_original(world: World, call: Call) -> Any:
    interaction = _by_token(world, call)
    message: dict[str, Any] = _get_original(world, call)
    world.messages[message["channel_id"]].pop(message["id"], None)
    interaction.original = None


@operation("followup", "POST", _TOKEN_PATH, schema="IncomingWebhookRequestPartial", needs_token=False)
def _follow_up(world: World, call: Call) -> Any:
    interaction = _by_token(world, call)
    check_message(call.body, call.uploads)
    message = _reply(world, interaction, call.body, call)
    interaction.followups.append(message)
    return message
