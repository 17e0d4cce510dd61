"""A process that is on Discord and says, a line for each change, whether it receives or only posts."""

import asyncio
import sys

from bot.surfaces.discord import DiscordSettings, DiscordSurface
from bot.surfaces.discord.vitals import OTHERS
from store.database import Database
from store.kernel.clock import WallClock
from store.turns import SoleTurn
from tests.bot.discord.connecting import QUICK
from tests.emulator.inbound import RecordingInbound

RECEIVES, POSTS, NEITHER = "receives", "posts", "neither"


async def main(settings: DiscordSettings, database_url: str) -> None:
    turn = SoleTurn(Database(database_url), DiscordSurface.name)
    surface = DiscordSurface(settings, WallClock(), turn=turn, timing=QUICK)
    await surface.start(RecordingInbound())
    told = ""
    while True:
        now = role_of(surface)
        if now != told:
            print(now, flush=True)
        told = now
        await asyncio.sleep(0.02)


def role_of(surface: DiscordSurface) -> str:
    health = surface.health()
    if not health.connected:
        return NEITHER
    return POSTS if health.detail.startswith(OTHERS) else RECEIVES


if __name__ == "__main__":
    _, token, server_id, api_url, gateway_url, url = sys.argv
    given = {"token": token, "server_id": server_id, "api_url": api_url, "gateway_url": gateway_url}
    asyncio.run(main(DiscordSettings.model_validate(given), url))
