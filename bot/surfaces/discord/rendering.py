"""A card as the message this surface sends: drawn once, bearing its marks, with the files that come with it."""

import hashlib
from collections.abc import Sequence

from blocks.elements import Card
from blocks.render.discord import render
from bot.surfaces.discord.marks import marked
from bot.surfaces.discord.web import Attached
from store.kernel.canonical import Json, JsonObject

NONCE_CHARS = 25
"""Discord takes no longer one: https://docs.discord.com/developers/resources/message#create-message, 2026-11-21."""


def card_message(card: Card, files: Sequence[Attached] = (), role_ids: Sequence[str] = ()) -> JsonObject:
    """The whole of a message that shows the card with these files, for a posting without its nonce or for an edit.

    `role_ids` are the server's roles whose holders it calls, of which only a posting has any.
    It lists its attachments even where there are none: an edit drops what an earlier one had.
    """
    body = render(card, files=frozenset(each.file_name for each in files), roles=role_ids)
    listed: list[Json] = [_listed(number, each) for number, each in enumerate(files)]
    return marked({**body, "attachments": listed}, card.key, [_digest(each) for each in files])


def nonce_of(card_key: str, channel_id: str, purpose: str = "post") -> str:
    """Always the same for this card in this channel and for this purpose, on every machine and in every process.

    Discord answers a second message of the same nonce with the first one, for the few minutes it remembers it.
    """
    material = f"quarterdeck\n{purpose}\n{channel_id}\n{card_key}"
    return hashlib.sha256(material.encode()).hexdigest()[:NONCE_CHARS]


def _listed(number: int, attached: Attached) -> JsonObject:
    named: JsonObject = {"id": str(number), "filename": attached.file_name}
    return {**named, "description": attached.description} if attached.description else named


def _digest(attached: Attached) -> str:
    return hashlib.sha256(attached.content).hexdigest()
