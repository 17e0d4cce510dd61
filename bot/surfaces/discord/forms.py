"""Forms as modals, and back: what was answered is read from the submission alone, so a restart in between is nothing.

https://docs.discord.com/developers/components/reference, checked 2026-11-21.
"""

from blocks.elements import Form, FormField
from blocks.limits import DISCORD_INPUT_CHARS
from blocks.render.discord import form_answers, form_files
from blocks.text import utf16_length
from bot.surfaces.base import Answer, InboundFile
from bot.surfaces.discord.payload import find, need
from store.kernel.canonical import JsonObject


def fields_of(data: JsonObject) -> dict[str, str]:
    """Field name → answer; an empty answer is the empty string. A field of files is empty: they come beside."""
    return form_answers(data)


def files_of(data: JsonObject) -> tuple[InboundFile, ...]:
    """Every file that was given. Raises ValueError for one without an id or an address."""
    return tuple(_file(field, described) for field, described in form_files(data))


def too_long(form: Form) -> FormField | None:
    """The first field whose text is longer than Discord lets anybody edit; None when all fit."""
    return next((field for field in form.fields if utf16_length(field.initial or "") > DISCORD_INPUT_CHARS), None)


def edit_elsewhere(field: FormField) -> Answer:
    """What is said instead of a form that would hold only a part of the text."""
    return Answer(
        text=f"“{field.label}” is longer than the {DISCORD_INPUT_CHARS:,} characters that a form on Discord holds. "
        "Change it in the console, where the whole text can be edited.",
        ok=False,
    )


def _file(field: str, described: JsonObject) -> InboundFile:
    size = described.get("size")
    return InboundFile(
        field=field,
        id=need(described, "id"),
        name=find(described, "filename") or "file",
        type=find(described, "content_type") or "application/octet-stream",
        bytes=size if isinstance(size, int) else 0,
        url=need(described, "url"),
    )
