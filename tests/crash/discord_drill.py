"""The drill with Discord: Ana orders, Ben approves; what a dead bot missed is lost, and a person does it again."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blocks.tokens import Verb, decode
from bot.surfaces.discord.marks import is_card
from bot.surfaces.discord.payload import key_of
from store.queries.cards import all_cards
from store.queries.inbox import inbox_event
from tests.crash.team import ORDERED, WAIT_SECONDS, TeamDrill
from tests.crash.thinking import Thinking
from tests.crash.workspace import Chat, write_workspace
from tests.fake_discord.interaction import Interaction
from tests.fake_discord.people import clickables
from tests.fake_discord.server import FakeDiscord

PATIENCE_SECONDS = 1.0
"""So long a person waits for an answer before trying again; Discord's own three seconds only make the drill longer."""


@dataclass
class DiscordDrill(TeamDrill):
    """A drill whose people are on Discord. `acted` is what each did last for what purpose, and when."""

    fake: FakeDiscord = field(default_factory=FakeDiscord)
    ana: str = ""
    ben: str = ""
    hall: str = ""
    acted: dict[str, tuple[Interaction, float]] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        return {"QUARTERDECK_DISCORD_TOKEN": self.fake.token, "QUARTERDECK_DISCORD_API_URL": self.fake.api_url}

    def keys(self) -> Counter[str]:
        shown = list(self.visible())
        rows = all_cards(self.store)
        return Counter(row.key for row in rows for message in shown if is_card(message, row.key))

    def visible(self) -> Iterator[dict[str, Any]]:
        """Every message of the bot that everybody sees."""
        for channel in list(self.fake.world.messages):
            yield from self.fake.visible(channel)

    async def order_and_approve(self) -> None:
        if self.fake.gateway.connected and self.fake.world.commands:
            for agent in ORDERED:
                if self._is_to_do(agent):
                    acted = self.fake.people.slash(self.hall, self.ana, "deck run", what=agent)
                    self.acted[agent] = acted, time.monotonic()
            for message, custom_id in self.questions():
                if self._is_to_do(custom_id):
                    acted = self.fake.people.press(message, custom_id, self.ben)
                    self.acted[custom_id] = acted, time.monotonic()
        await asyncio.sleep(0.1)

    def questions(self) -> list[tuple[dict[str, Any], str]]:
        """Approval cards that can be pressed, each with what approves it."""
        found = []
        for message in self.visible():
            for part in clickables(message["components"]):
                with contextlib.suppress(Exception):  # what is no token of ours is no question
                    if decode(part["custom_id"].rpartition("!")[2]).verb is Verb.APPROVE:
                        found.append((message, part["custom_id"]))
        return found

    def _is_to_do(self, purpose: str) -> bool:
        """True when nobody did it yet, or the bot died before it had it on record."""
        if purpose not in self.acted:
            return True
        interaction, at = self.acted[purpose]
        if interaction.answered is not None or time.monotonic() - at < PATIENCE_SECONDS:
            return False
        return inbox_event(self.store, "discord", key_of(interaction.id)) is None


@contextlib.asynccontextmanager
async def discord_drill(folder: Path) -> AsyncIterator[DiscordDrill]:
    """A drill in a new folder, with its own Discord and its own model; no process of it is left when it ends."""
    thinking, fake = Thinking(folder), FakeDiscord()
    await fake.start()
    ana, ben, hall = fake.world.add_member("ana"), fake.world.add_member("ben"), fake.world.add_channel("hall")
    with thinking.provider:
        chat = Chat("discord", ana, ben, in_team=f'{{server: "{fake.server_id}"}}')
        write_workspace(folder, thinking.provider.url, chat)
        exercise = DiscordDrill(folder, thinking, fake=fake, ana=ana, ben=ben, hall=hall)
        try:
            yield exercise
        finally:
            await exercise.stop()
            await fake.stop()
    assert thinking.left_behind(WAIT_SECONDS) == []
