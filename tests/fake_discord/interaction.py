"""One thing a person did, and all that was answered to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

ANSWER_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0


class InteractionKind(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class AnswerKind(IntEnum):
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


_UPDATES = {AnswerKind.DEFERRED_UPDATE, AnswerKind.UPDATE}
_MESSAGES = {AnswerKind.MESSAGE, AnswerKind.DEFERRED_MESSAGE}
ANSWERS = {
    InteractionKind.COMMAND: _MESSAGES | {AnswerKind.MODAL},
    InteractionKind.COMPONENT: _MESSAGES | _UPDATES | {AnswerKind.MODAL},
    InteractionKind.AUTOCOMPLETE: {AnswerKind.CHOICES},
    InteractionKind.MODAL: _MESSAGES | _UPDATES,
}
"""What may answer what: https://docs.discord.com/developers/interactions/receiving-and-responding, 2026-11-21."""


@dataclass
class Interaction:
    """What was sent as INTERACTION_CREATE, and the answers as they were accepted.

    `first` is the callback with its `type` and `data`, None until it came; `original` the message it made or changed,
    as it stands now; `followups` what came after. What only the one person sees is in none of the channels.
    """

    payload: Mapping[str, Any]
    made_at: float
    user_id: str
    first: dict[str, Any] | None = None
    first_at: float | None = None
    original: dict[str, Any] | None = None
    followups: list[dict[str, Any]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.payload["id"])

    @property
    def token(self) -> str:
        return str(self.payload["token"])

    @property
    def kind(self) -> InteractionKind:
        return InteractionKind(self.payload["type"])

    @property
    def answered(self) -> AnswerKind | None:
        return None if self.first is None else AnswerKind(self.first["type"])

    @property
    def modal(self) -> dict[str, Any]:
        """The form that was opened."""
        assert self.first is not None
        assert self.answered is AnswerKind.MODAL
        data: dict[str, Any] = self.first["data"]
        return data

    @property
    def choices(self) -> list[dict[str, Any]]:
        """What completing a word offered."""
        assert self.first is not None
        choices: list[dict[str, Any]] = self.first["data"]["choices"]
        return choices

    @property
    def said(self) -> str:
        """All texts that the person was answered with, in order."""
        messages = [*([self.original] if self.original else []), *self.followups]
        return "\n".join(text for message in messages for text in texts_in(message))


def texts_in(part: Any) -> list[str]:
    """Every text of a message or component, in order."""
    if isinstance(part, list):
        return [text for each in part for text in texts_in(each)]
    if not isinstance(part, Mapping):
        return []
    own = [part["content"]] if isinstance(part.get("content"), str) and part["content"] else []
    inner = [part.get("components"), part.get("component"), part.get("accessory")]
    return [*own, *(text for each in inner for text in texts_in(each))]
