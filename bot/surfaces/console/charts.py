"""Charts as pictures: drawn once per card, revision, theme and form, in a thread, and kept in memory."""

import asyncio
from collections import OrderedDict

from blocks.charts import Theme, draw_png, draw_svg
from blocks.elements import Card, chart_of
from store.kernel.canonical import JsonObject
from store.kernel.errors import NotFound

MAX_KEPT = 64
"""Pictures kept; one is about 20 kB."""

CONTENT_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


class Charts:
    """Draws and keeps pictures. Two requests for one picture draw it once."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, int, str, str], asyncio.Future[bytes]] = OrderedDict()

    async def picture(self, card: Card, form: str, theme: Theme) -> bytes:
        """The card's chart as `svg` or `png` bytes. Raises NotFound for a card without a chart, or another form."""
        chart = chart_of(card)
        if chart is None or form not in CONTENT_TYPES:
            raise NotFound("There is no such chart.")
        key = (card.key, card.revision, form, theme.value)
        if key not in self._drawn:
            drawing = asyncio.to_thread(_draw, chart.spec, form, theme)
            self._drawn[key] = asyncio.ensure_future(drawing)
        self._drawn.move_to_end(key)
        return await self._finish(key)

    async def _finish(self, key: tuple[str, int, str, str]) -> bytes:
        try:
            return await asyncio.shield(self._drawn[key])
        except ValueError as error:
            self._drawn.pop(key, None)
            raise NotFound("This chart cannot be drawn; its numbers are on the card.") from error
        finally:
            while len(self._drawn) > MAX_KEPT:
                self._drawn.popitem(last=False)


def _draw(spec: JsonObject, form: str, theme: Theme) -> bytes:
    return draw_png(spec) if form == "png" else draw_svg(spec, theme).encode()
