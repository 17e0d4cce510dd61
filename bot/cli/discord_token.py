"""The one secret that Discord needs, and where a person finds it."""

from pathlib import Path

from bot.cli.typed_secrets import Asked, Secrets
from bot.settings import Settings
from bot.surfaces.discord.settings import HOW, TOKEN

_STEPS = """
1. Open https://discord.com/developers/applications, New Application, give it the team's name, Create.
2. On its page: Bot, Reset Token, Copy. Nothing else is to be switched on there, no intent either.
3. Paste it here. It is not shown, and kept in {file}, which only you can read.
"""


def discord_secrets(workspace: Path, settings: Settings, *, may_ask: bool) -> Secrets:
    """The token of one workspace's bot."""
    return Secrets(workspace, settings, Asked((TOKEN,), {TOKEN: "Bot token"}, {TOKEN: HOW}, _STEPS), may_ask=may_ask)
