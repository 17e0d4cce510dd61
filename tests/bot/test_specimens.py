"""A card of every kind can be drawn before anything has happened."""

from blocks.render import discord, slack
from bot.delivery.specimens import specimens
from store.records import CardKind


def test_there_is_one_of_every_kind_and_every_surface_can_draw_it() -> None:
    drawn = dict(specimens())
    assert set(drawn) == set(CardKind)
    for kind, card in drawn.items():
        assert card.kind == kind.value
        assert slack.render(card)["blocks"]
        assert discord.render(card, files=[file.name for file in discord.files_of(card)])
