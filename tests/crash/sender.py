"""The process that is killed while it sends: an outbox with a real record and a real surface.

Run with FOLDER POINT slack API_URL, or with FOLDER POINT discord API_URL TOKEN SERVER; a POINT of - never comes.
"""

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
from bot.surfaces.base import Surface
from store.actions import Store
from store.database import Database
from store.kernel.clock import WallClock
from store.kernel.crash import POINTS
from tests.emulator.inbound import RecordingInbound
from tests.scenarios.storm import load_team

bot.delivery.outbox.LOOKUP_PAUSE_SECONDS = 0.1
bot.delivery.attempt.BACKOFF_SECONDS = (0.1, 0.1, 0.1, 0.1)
bot.delivery.outbox.OWED_TRIES = 1000


async def main(folder: Path, platform: str, *told: str) -> None:
    """Delivers until it is killed."""
    set_up_logs("error", "text")
    team = load_team(folder)
    record = Store(Database(f"sqlite:///{folder / 'record.db'}"), WallClock(), lambda tx, segment: None)
    surface = on_slack(record, *told) if platform == "slack" else on_discord(record, *told)
    await surface.start(RecordingInbound())
    await Outbox(record, team, Presenter(record, team, None), (surface,)).run()


def on_slack(record: Store, api_url: str) -> Surface:
    from bot.surfaces.slack import SlackSurface
    from tests.emulator.surfaces import QUICK, fast_pacer, settings

    timing = QUICK.model_copy(update={"chart_patience_seconds": 0.2, "scan_seconds": 0.5})
    uploads = StoredUploads(record, SlackSurface.name)
    surface = SlackSurface(settings(api_url), record.clock, (), uploads=uploads, pacer=fast_pacer(), timing=timing)
    surface.live_edit_seconds = 0.0
    return surface


def on_discord(record: Store, api_url: str, token: str, server_id: str) -> Surface:
    from bot.surfaces.discord.surface import DiscordSurface
    from tests.fake_discord.surfaces import QUICK, settings_of

    surface = DiscordSurface(settings_of(token, server_id, api_url), record.clock, timing=QUICK)
    surface.live_edit_seconds = 0.0
    return surface


if __name__ == "__main__":
    POINTS.arm(None if sys.argv[2] == "-" else sys.argv[2])
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[3:]))
