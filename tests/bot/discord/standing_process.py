"""One process that edits the standing card once, and is killed at a named point on the way.

Arguments: the API's address, the token, the bot's id, the channel, the message, the revision, seconds that the world is
ahead of the machine, the crash point or "-". Prints the id of the message that shows the card.
"""

import asyncio
import sys
from datetime import timedelta

from bot.surfaces.discord.attachments import Attachments
from bot.surfaces.discord.posting import Poster
from bot.surfaces.discord.web import use_api
from store.kernel.crash import POINTS
from tests.bot.discord.stage import WorldTime, let_in, the_fleet


async def edit(api_url: str, token: str, user_id: str, *place: str) -> None:
    channel, message, revision, ahead = place
    use_api(api_url)
    world = WorldTime(timedelta(seconds=float(ahead)))
    async with let_in(token) as web:
        poster = Poster(web, user_id, Attachments(), world=world, simulated=False)
        shown = await poster.edit(channel, message, the_fleet(int(revision)))
        print(shown.message_id)


if __name__ == "__main__":
    *given, crash_at = sys.argv[1:]
    POINTS.arm(None if crash_at == "-" else crash_at)
    asyncio.run(edit(*given))
