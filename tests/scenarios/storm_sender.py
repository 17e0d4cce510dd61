"""The process that is killed in the storm: an outbox with a real record and a real surface.

Run with FOLDER slack API_URL, or with FOLDER discord API_URL TOKEN SERVER. Pauses are short and paces fast, so that
thousands of cards take minutes; what is done in which order is as ever.
"""

import asyncio
import sys
from pathlib import Path

import bot.delivery.attempt
import bot.delivery.outbox
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.logs import set_up_logs
from bot.surfaces.base import Surface
from store.actions import Store
from store.database import Database
from store.kernel.clock import Clock, WallClock
from tests.emulator.inbound import RecordingInbound
from tests.scenarios.storm import CALL_SECONDS, load_team

bot.delivery.outbox.LOOKUP_PAUSE_SECONDS = 0.2
bot.delivery.attempt.BACKOFF_SECONDS = (0.05, 0.1, 0.1, 0.2)


async def main(folder: Path, platform: str, *told: str) -> None:
    """Delivers until it is killed."""
    set_up_logs("error", "text")
    team = load_team(folder)
    store = Store(Database(f"sqlite:///{folder / 'storm.db'}"), WallClock(), lambda tx, segment: None)
    surface = on_slack(store.clock, *told) if platform == "slack" else on_discord(store.clock, *told)
    await surface.start(RecordingInbound())
    await Outbox(store, team, Presenter(store, team, None), (surface,)).run()


def on_slack(clock: Clock, api_url: str) -> Surface:
    from bot.surfaces.slack import SlackSurface
    from tests.emulator.surfaces import QUICK, fast_pacer, settings

    timing = QUICK.model_copy(update={"call_seconds": CALL_SECONDS, "auth_test_every_seconds": 60.0})
    return SlackSurface(settings(api_url), clock, (), pacer=fast_pacer(), timing=timing)


def on_discord(clock: Clock, api_url: str, token: str, server_id: str) -> Surface:
    from bot.surfaces.discord.surface import DiscordSurface
    from tests.fake_discord.surfaces import QUICK, settings_of

    timing = QUICK.model_copy(update={"call_seconds": CALL_SECONDS, "ask_every_seconds": 60.0})
    return DiscordSurface(settings_of(token, server_id, api_url), clock, timing=timing)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
