"""The set-up against Slack's emulator: real channels, one real card, and again without a second one."""

import itertools
from datetime import UTC, datetime

from blocks.cards import notice_card
from blocks.elements import Tone
from bot.delivery.specimens import specimens
from bot.surfaces.base import ChannelSpec
from bot.surfaces.checked import Checked
from bot.surfaces.slack.settings import Transport
from bot.surfaces.slack.setup import Wanted, set_up
from tests.emulator.fixtures import emulated, emulator_url
from tests.emulator.front import EmulatedSlack
from tests.emulator.surfaces import settings

__all__ = ["emulated", "emulator_url"]

_numbers = itertools.count(1)


async def test_it_sets_up_and_again_changes_nothing(emulated: EmulatedSlack) -> None:
    number, said = next(_numbers), list[Checked]()
    team = ChannelSpec(agent_id=None, name=f"setup-{number}-bridge", purpose="The team.")
    agent = ChannelSpec(agent_id="watch", name=f"setup-{number}-watch", purpose="Watches.")
    wanted = Wanted(
        channels=(team, agent),
        people=(await emulated.account("dana"),),
        cards=tuple(specimens()),
        greeting=notice_card("Slack is set up", "It works.", Tone.GOOD, key="notice:setup"),
    )
    chosen = settings(emulated.api_url, Transport.HTTP)
    links = [await set_up(chosen, wanted, datetime.now(UTC), said.append) for _ in range(2)]
    assert links[0] == links[1]
    assert [each.ok for each in said if each.what.startswith("channel")] == [True] * 4
    assert {each.said for each in said if each.what == "cards"} == {
        "this Slack cannot check cards beforehand; posting one will show"
    }
    listed = (await emulated.ask("conversations.list", limit="1000"))["channels"]
    [bridge] = [each["id"] for each in listed if each["name"] == team.name]
    assert len([message for message in await emulated.messages(bridge) if message.get("blocks")]) == 1
