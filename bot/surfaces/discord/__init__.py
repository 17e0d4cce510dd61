"""The Discord surface. Importing this package does not load discord.py; starting the surface does."""

from bot.surfaces.discord.settings import DiscordSettings
from bot.surfaces.discord.surface import DiscordSurface

__all__ = ["DiscordSettings", "DiscordSurface"]
