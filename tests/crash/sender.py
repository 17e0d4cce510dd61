"""The process that is killed while it sends: an outbox with a real record and Slack. Run: FOLDER API_URL [POINT]."""

import asyncio
import sys
from pathlib import Path

import bot.delivery.attempt
import bot.delivery.outbox
import store.actions  # noqa: F401 - declares the crash points
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.delivery.uploads import StoredUploads
from bot.logs import set_up_logs
from bot.surfaces.slack import SlackSurface
from store.actions import Store
from store.database import Database
from store.kernel.clock import WallClock
from store.kernel.crash import POINTS
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import QUICK, fast_pacer, settings
from tests.scenarios.storm import load_team

bot.delivery.outbox.LOOKUP_PAUSE_SECONDS = 0.1
bot.delivery.attempt.BACKOFF_SECONDS = (0.1, 0.1, 0.1, 0.1)
bot.delivery.outbox.OWED_TRIES = 1000
TIMING = QUICK.model_copy(update={"chart_patience_seconds": 0.2, "scan_seconds": 0.5})


async def main(folder: Path, api_url: str) -> None:
    """Delivers until it is killed."""
    set_up_logs("error", "text")
    team = load_team(folder)
    record = Store(Database(f"sqlite:///{folder / 'record.db'}"), WallClock(), lambda tx, segment: None)
    uploads = StoredUploads(record, SlackSurface.name)
    surface = SlackSurface(settings(api_url), record.clock, (), uploads=uploads, pacer=fast_pacer(), timing=TIMING)
    surface.live_edit_seconds = 0.0
    await surface.start(RecordingInbound())
    await Outbox(record, team, Presenter(record, team, None), (surface,)).run()


if __name__ == "__main__":
    POINTS.arm(sys.argv[3] if len(sys.argv) > 3 else None)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
