"""The files of a card's message: its chart, drawn here, and what it says in full; sent anew with every edit.

Discord does not say whether an edit may name a file that is there already, and drops what an edit does not list:
https://docs.discord.com/developers/resources/message#edit-message, checked 2026-11-21.
"""

import asyncio
from collections import OrderedDict
from typing import NamedTuple

import structlog

from blocks.charts import draw_png
from blocks.elements import Card
from blocks.render.discord import FileSpec, files_of
from bot.surfaces.discord.web import Attached
from store.kernel.canonical import JsonObject, fingerprint

log = structlog.get_logger(__name__)

CHART_PATIENCE_SECONDS = 2.0
"""What a card waits for its chart before it is shown without it."""
MAX_FILE_BYTES = 10 * 1024 * 1024
"""Of one file, as Discord takes it from everybody: https://docs.discord.com/developers/reference#uploading-files."""
OWED_CHART = "chart"
"""What a message owes whose chart is not drawn yet."""

_REMEMBERED = 100
"""Drawings kept in mind, of some 50 kB each: an edit of a card sends the same picture again."""


class Files(NamedTuple):
    """What goes with a card's message now; `owes` names what is still to come, None when nothing is."""

    attached: tuple[Attached, ...] = ()
    owes: str | None = None


class Attachments:
    """Makes the files of cards. One drawing is made once, however many edits ask for it."""

    def __init__(self, patience_seconds: float = CHART_PATIENCE_SECONDS) -> None:
        self._patience_seconds = patience_seconds
        self._drawings: OrderedDict[str, asyncio.Task[bytes]] = OrderedDict()

    async def of(self, card: Card) -> Files:
        """The card's files as they stand after the patience for a chart, which goes on being drawn meanwhile.

        A file that cannot be made, or is too big, is left out for good: the card says it in words and figures.
        """
        specs = files_of(card)
        drawings = {each.name: self._drawing(each.chart) for each in specs if each.chart is not None}
        if drawings:
            await asyncio.wait(drawings.values(), timeout=self._patience_seconds)
        contents = {each.name: self._content(each, drawings.get(each.name)) for each in specs}
        made = tuple(_attached(each, content) for each in specs if (content := contents[each.name]) is not None)
        owed = any(not drawing.done() for drawing in drawings.values())
        return Files(made, OWED_CHART if owed else None)

    async def close(self) -> None:
        """Gives up drawings still under way."""
        for drawing in self._drawings.values():
            drawing.cancel()
        await asyncio.gather(*self._drawings.values(), return_exceptions=True)

    def _drawing(self, chart: JsonObject) -> asyncio.Task[bytes]:
        digest = fingerprint(chart)
        drawing = self._drawings.get(digest)
        if drawing is None or (drawing.done() and (drawing.cancelled() or drawing.exception() is not None)):
            drawing = self._drawings[digest] = asyncio.create_task(asyncio.to_thread(draw_png, chart))
        self._drawings.move_to_end(digest)
        while len(self._drawings) > _REMEMBERED:
            self._drawings.popitem(last=False)
        return drawing

    def _content(self, spec: FileSpec, drawing: asyncio.Task[bytes] | None) -> bytes | None:
        """What is in the file; None when it is not to be had, or not yet."""
        try:
            content = spec.content if drawing is None else drawing.result() if drawing.done() else None
        except ValueError as error:
            log.warning("discord.chart_failed", file_name=spec.name, reason=str(error))
            return None
        if content is not None and len(content) > MAX_FILE_BYTES:
            log.warning("discord.file_too_big", file_name=spec.name, bytes=len(content))
            return None
        return content


def _attached(spec: FileSpec, content: bytes) -> Attached:
    return Attached(file_name=spec.name, content=content, description=spec.description or None)
