"""Charts as pictures Slack can show: drawn, uploaded once each, and used only after Slack has scanned them."""

import asyncio
from collections import OrderedDict

import structlog

from blocks.charts import draw_png
from blocks.elements import Chart
from bot.surfaces.slack.timing import Timing
from bot.surfaces.slack.web import SlackWeb
from store.kernel.canonical import fingerprint
from store.kernel.errors import QuarterdeckError

log = structlog.get_logger(__name__)

SCAN_TIMEOUT_SECONDS = 60.0
REMEMBERED = 500
"""Uploaded drawings kept in mind: an edit of a card shows the same file again."""


class ChartUploads:
    """Turns a chart into a file id. One drawing is uploaded once, however many cards and edits ask for it."""

    def __init__(self, web: SlackWeb, timing: Timing) -> None:
        self._web = web
        self._timing = timing
        self._uploads: OrderedDict[str, asyncio.Task[str]] = OrderedDict()

    async def file_for(self, chart: Chart, patience_seconds: float) -> str | None:
        """The id of a file Slack can show now; None when there is none within `patience_seconds`, or at all.

        The upload goes on in the background, so a later call finds it finished. A failed one is begun again.
        """
        upload = self._upload(chart)
        try:
            async with asyncio.timeout(patience_seconds):
                return await asyncio.shield(upload)
        except TimeoutError:
            return None
        except (QuarterdeckError, ValueError) as error:
            log.warning("slack.chart_failed", file_name=chart.file_name, reason=str(error))
            return None

    async def close(self) -> None:
        """Gives up uploads still under way."""
        for upload in self._uploads.values():
            upload.cancel()
        await asyncio.gather(*self._uploads.values(), return_exceptions=True)

    def _upload(self, chart: Chart) -> asyncio.Task[str]:
        key = fingerprint([chart.spec, chart.file_name])
        upload = self._uploads.get(key)
        if upload is None or (upload.done() and (upload.cancelled() or upload.exception() is not None)):
            upload = self._uploads[key] = asyncio.create_task(self._draw_and_upload(chart))
        self._uploads.move_to_end(key)
        while len(self._uploads) > REMEMBERED:
            self._uploads.popitem(last=False)
        return upload

    async def _draw_and_upload(self, chart: Chart) -> str:
        picture = await asyncio.to_thread(draw_png, chart.spec)
        ticket = await self._web.call(
            "files.getUploadURLExternal",
            {"filename": chart.file_name, "length": len(picture), "alt_txt": chart.alt[:1000]},
            repeatable=True,
        )
        await self._web.upload(str(ticket["upload_url"]), picture)
        file_id = str(ticket["file_id"])
        # Without a channel: shared into one, the file would be a message of its own beside the card.
        await self._web.call(
            "files.completeUploadExternal", {"files": [{"id": file_id, "title": chart.title}]}, repeatable=True
        )
        await self._scanned(file_id)
        return file_id

    async def _scanned(self, file_id: str) -> None:
        # Slack scans after the upload; an image block that names the file too early is refused (invalid_blocks).
        # https://github.com/slackapi/node-slack-sdk/issues/2040, checked 2026-11-21.
        async with asyncio.timeout(SCAN_TIMEOUT_SECONDS):
            while True:
                if await self._has_type(file_id):
                    return
                await asyncio.sleep(self._timing.scan_poll_seconds)

    async def _has_type(self, file_id: str) -> bool:
        answer = await self._web.call("files.info", {"file": file_id}, repeatable=True)
        described = answer.get("file")
        return isinstance(described, dict) and bool(described.get("mimetype"))
