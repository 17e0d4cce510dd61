"""The console: a local web page with every channel, live cards, working buttons and the fleet at a glance."""

from bot.surfaces.console.data import ConsoleData, StoreData
from bot.surfaces.console.server import ConsoleSecrets, ConsoleSurface, read_secrets
from bot.surfaces.console.site import ConsoleSettings
from bot.surfaces.console.tokens import console_tokens, local_token

__all__ = [
    "ConsoleData",
    "ConsoleSecrets",
    "ConsoleSettings",
    "ConsoleSurface",
    "StoreData",
    "console_tokens",
    "local_token",
    "read_secrets",
]
