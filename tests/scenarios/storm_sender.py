"""The process that is killed in the storm: an outbox with a real record and Slack. Run with FOLDER API_URL.

Pauses are short and paces fast, so that thousands of cards take minutes; what is done in which order is as ever.
"""

import asyncio
import sys
from pathlib import Path

import bot.delivery.attempt
import bot.delivery.outbox
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.logs import set_up_logs
from bot.surfaces.slack import SlackSurface
from store.actions import Store
from store.database import Database
from store.kernel.clock import WallClock
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import QUICK, fast_pacer, settings
from tests.scenarios.storm import CALL_SECONDS, load_team

bot.delivery.outbox.LOOKUP_PAUSE_SECONDS = 0.2
bot.delivery.attempt.BACKOFF_SECONDS = (0.05, 0.1, 0.1, 0.2)
TIMING = QUICK.model_copy(update={"call_seconds": CALL_SECONDS, "auth_test_every_seconds": 60.0})


async def main(folder: Path, api_url: str) -> None:
    """Delivers until it is killed."""
    set_up_logs("error", "text")
    team = load_team(folder)
    store = Store(Database(f"sqlite:///{folder / 'storm.db'}"), WallClock(), lambda tx, segment: None)
    surface = SlackSurface(settings(api_url), store.clock, (), pacer=fast_pacer(), timing=TIMING)
    await surface.start(RecordingInbound())
    await Outbox(store, team, Presenter(store, team, None), (surface,)).run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
