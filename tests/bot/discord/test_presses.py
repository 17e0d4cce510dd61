"""Every way to press, pick and fill in on Discord, through the real client, intake and record."""

from bot.surfaces.discord.surface import DiscordSurface
from tests.bot.discord.simulated import World, said_to
from tests.emulator.surfaces import a_card


async def test_a_press_of_somebody_not_of_the_team_does_nothing_and_says_so(world: World, deck: DiscordSurface) -> None:
    shown = await world.show(a_card())
    result = await world.people["kim"].click(shown, label="Approve")
    assert said_to(result) == ["You are not one of this team's people, so nothing was done."]
