"""Every card there is, posted, found, edited and put into threads by the real client in a simulated Discord."""

from datetime import datetime

import discord
import pytest
import simcord

from blocks.elements import Card, chart_of
from bot.delivery.specimens import specimens
from bot.surfaces.base import Placing
from bot.surfaces.discord.surface import DiscordSurface
from store.kernel.errors import UserMistake
from store.records import CardKind
from tests.bot.discord.simulated import World, parts_of, texts_of
from tests.emulator.surfaces import a_card

SPECIMENS = dict(specimens())


def shown(world: World, message_id: str, channel: simcord.ChannelHandle | None = None) -> discord.Message:
    [message] = [each for each in (channel or world.channel).history() if str(each.id) == message_id]
    return message


def since(world: World) -> datetime:
    return world.env.now()


@pytest.mark.parametrize("kind", list(CardKind))
async def test_every_kind_of_card_is_posted_found_and_edited(
    world: World, deck: DiscordSurface, kind: CardKind
) -> None:
    card, place = SPECIMENS[kind], str(world.channel.id)
    posted = await deck.post(place, card)
    assert await deck.find(place, card.key, since(world)) == posted.message_id
    for _ in range(20):  # each waits for the chart as long as a card does
        posted = await deck.edit(place, posted.message_id, card) if posted.owes else posted
    message = shown(world, posted.message_id)
    drawn = [each.filename for each in message.attachments if each.filename.endswith(".png")]
    assert len(drawn) == (chart_of(card) is not None)
    decided = card.model_copy(update={"revision": 2, "state": "Settled", "actions": ()})
    edited = await deck.edit(place, posted.message_id, decided)
    assert "Settled" in "\n".join(texts_of(parts_of(shown(world, edited.message_id))))
    assert await deck.find(place, card.key, since(world)) == edited.message_id


async def test_a_log_stands_in_the_thread_of_its_run(world: World, deck: DiscordSurface) -> None:
    place = str(world.channel.id)
    parent = (await deck.post(place, SPECIMENS[CardKind.RUN])).message_id
    log, placing = SPECIMENS[CardKind.LOG], Placing(thread_id=parent)
    posted = await deck.post(place, log, placing)
    thread = simcord.ChannelHandle(world.env, world.guild, world.env.backend.channels[int(parent)])
    assert [str(each.id) for each in thread.history() if each.components] == [posted.message_id]
    assert await deck.find(place, log.key, since(world), parent) == posted.message_id
    assert await deck.find(place, log.key, since(world)) is None
    await deck.edit(place, posted.message_id, log.model_copy(update={"revision": 2, "state": "Ended"}), placing)
    assert "Ended" in "\n".join(texts_of(parts_of(shown(world, posted.message_id, thread))))


async def test_a_message_that_a_person_deleted_is_a_mistake_that_says_so(world: World, deck: DiscordSurface) -> None:
    place, card = str(world.channel.id), a_card("approval:a1")
    posted = await deck.post(place, card)
    world.env.backend.delete_message(world.channel.id, int(posted.message_id))
    with pytest.raises(UserMistake, match="Unknown Message"):
        await deck.edit(place, posted.message_id, card)


async def test_the_widest_card_is_taken(world: World, deck: DiscordSurface) -> None:
    card: Card = SPECIMENS[CardKind.FLEET]
    posted = await deck.post(str(world.channel.id), card.model_copy(update={"key": "fleet:" + "k" * 190}))
    assert shown(world, posted.message_id).components
