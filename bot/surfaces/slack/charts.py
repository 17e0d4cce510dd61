"""Charts as pictures Slack can show: drawn, uploaded once each, and used only after Slack has scanned them."""

import asyncio
from collections import OrderedDict
from enum import StrEnum
from typing import NamedTuple, Protocol

import structlog

from blocks.charts import draw_png
from blocks.elements import Chart
from bot.surfaces.slack.failures import SlackRefusal
from bot.surfaces.slack.timing import Timing
from bot.surfaces.slack.web import SlackWeb
from store.kernel.canonical import fingerprint
from store.kernel.errors import QuarterdeckError, Retryable
from store.records import Upload

log = structlog.get_logger(__name__)

REMEMBERED = 500
"""Uploads kept in mind: an edit of a card shows the same file again."""


class Uploads(Protocol):
    """What was uploaded, remembered beyond this process: by the drawing's digest, the file's id."""

    async def find(self, digest: str) -> Upload | None:
        """The file of this drawing; None when none was begun."""
        ...

    async def remember(self, digest: str, file: Upload) -> None:
        """Keeps the file, in place of an earlier one."""
        ...


class ForgetfulUploads:
    """Remembers only as long as the process lives."""

    def __init__(self) -> None:
        self._files: dict[str, Upload] = {}

    async def find(self, digest: str) -> Upload | None:
        return self._files.get(digest)

    async def remember(self, digest: str, file: Upload) -> None:
        self._files[digest] = file


class Standing(StrEnum):
    """Where a picture stands: it can be shown, it is on its way, it failed and may be tried again, or it never will."""

    READY = "ready"
    UNDER_WAY = "under way"
    FAILED = "failed"
    HOPELESS = "hopeless"


class Scan(StrEnum):
    """What Slack's scan has come to: the file can be shown, not yet within our patience, or it is not there."""

    FINISHED = "finished"
    UNFINISHED = "unfinished"
    MISSING = "missing"


class Picture(NamedTuple):
    """A chart's picture; `file_id` is set exactly when it is ready."""

    standing: Standing
    file_id: str | None = None


class ChartUploads:
    """Turns a chart into a file id. One drawing is uploaded once, however many cards, edits and restarts ask for it."""

    def __init__(self, web: SlackWeb, timing: Timing, uploads: Uploads) -> None:
        self._web = web
        self._timing = timing
        self._uploads = uploads
        self._tasks: OrderedDict[str, asyncio.Task[str]] = OrderedDict()

    async def picture_of(self, chart: Chart) -> Picture:
        """The picture as it stands after `chart_patience_seconds` at most.

        The upload goes on in the background, so a later call finds it finished. A failed one is begun again.
        """
        upload = self._upload(chart)
        try:
            async with asyncio.timeout(self._timing.chart_patience_seconds):
                return Picture(Standing.READY, await asyncio.shield(upload))
        except TimeoutError:
            return Picture(Standing.UNDER_WAY)
        except (QuarterdeckError, ValueError) as error:
            log.warning("slack.chart_failed", file_name=chart.file_name, reason=str(error))
            hopeless = isinstance(error, SlackRefusal | ValueError)
            return Picture(Standing.HOPELESS if hopeless else Standing.FAILED)

    async def close(self) -> None:
        """Gives up uploads still under way."""
        for upload in self._tasks.values():
            upload.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _upload(self, chart: Chart) -> asyncio.Task[str]:
        digest = fingerprint([chart.spec, chart.file_name])
        upload = self._tasks.get(digest)
        if upload is None or (upload.done() and (upload.cancelled() or upload.exception() is not None)):
            upload = self._tasks[digest] = asyncio.create_task(self._file_of(chart, digest))
        self._tasks.move_to_end(digest)
        while len(self._tasks) > REMEMBERED:
            self._tasks.popitem(last=False)
        return upload

    async def _file_of(self, chart: Chart, digest: str) -> str:
        known = await self._uploads.find(digest)
        scan = Scan.MISSING if known is None else await self._scan(known.file_id)
        # What was cut off may be an empty file for ever; a whole one is waited for, and never uploaded again.
        anew = scan is Scan.MISSING or (scan is Scan.UNFINISHED and known is not None and not known.complete)
        if known is None or anew:
            known = await self._draw_and_upload(chart, digest)
            scan = await self._scan(known.file_id)
        if scan is not Scan.FINISHED:
            raise Retryable("Slack has not scanned the chart's picture yet.")
        return known.file_id

    async def _draw_and_upload(self, chart: Chart, digest: str) -> Upload:
        picture = await asyncio.to_thread(draw_png, chart.spec)
        ticket = await self._web.call(
            "files.getUploadURLExternal",
            {"filename": chart.file_name, "length": len(picture), "alt_txt": chart.alt[:1000]},
            repeatable=True,
        )
        file_id = str(ticket["file_id"])
        # On record before it is there: whoever comes after a crash looks for this file before making another.
        await self._uploads.remember(digest, Upload(file_id=file_id, complete=False))
        await self._web.upload(str(ticket["upload_url"]), picture)
        # Without a channel: shared into one, the file would be a message of its own beside the card.
        await self._web.call(
            "files.completeUploadExternal", {"files": [{"id": file_id, "title": chart.title}]}, repeatable=True
        )
        whole = Upload(file_id=file_id, complete=True)
        await self._uploads.remember(digest, whole)
        return whole

    async def _scan(self, file_id: str) -> Scan:
        # Slack scans after the upload; an image block that names the file too early is refused (invalid_blocks).
        # https://github.com/slackapi/node-slack-sdk/issues/2040, checked 2026-11-21.
        polls = max(1, round(self._timing.scan_seconds / self._timing.scan_poll_seconds))
        try:
            for _ in range(polls):
                if await self._has_type(file_id):
                    return Scan.FINISHED
                await asyncio.sleep(self._timing.scan_poll_seconds)
        except SlackRefusal as refusal:
            if refusal.code not in ("file_not_found", "file_deleted"):
                raise
            return Scan.MISSING
        return Scan.UNFINISHED

    async def _has_type(self, file_id: str) -> bool:
        answer = await self._web.call("files.info", {"file": file_id}, repeatable=True)
        described = answer.get("file")
        return isinstance(described, dict) and bool(described.get("mimetype"))
