"""Several Socket Mode connections side by side: while one is renewed or broken, what Slack sends comes over another."""

import asyncio
from collections.abc import Sequence

from bot.surfaces.slack.supervisor import SocketLink


class SocketLinks:
    """Connections that each heal by themselves. Nothing may depend on which of them brings what.

    Slack sends each event over any one: https://docs.slack.dev/apis/events-api/using-socket-mode, checked 2026-11-21.
    """

    def __init__(self, links: Sequence[SocketLink]) -> None:
        self.links = tuple(links)

    async def start(self) -> None:
        """Connects the first, and then the others, which may come late. Raises what the first one raises."""
        first, *others = self.links
        await first.start()
        await asyncio.gather(*(link.join() for link in others))

    async def stop(self) -> None:
        """Closes all of them; nothing arrives afterwards."""
        await asyncio.gather(*(link.stop() for link in self.links))
