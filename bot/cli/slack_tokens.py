"""The secrets that Slack needs, and where a person finds them."""

from pathlib import Path

from bot.cli.typed_secrets import Asked, Secrets
from bot.settings import Settings
from bot.surfaces.slack.settings import APP_TOKEN, BOT_TOKEN, HOW, SIGNING_SECRET, Transport, needed

_NAMES = {BOT_TOKEN: "Bot token (xoxb-…)", APP_TOKEN: "App-level token (xapp-…)", SIGNING_SECRET: "Signing secret"}
_STEPS = """
1. Open https://api.slack.com/apps, Create New App, From a manifest, choose the workspace, and paste what stands above.
2. Install it: OAuth & Permissions, Install to Workspace, Allow.
3. Paste here what is asked for. It is not shown, and kept in {file}, which only you can read.
"""


def slack_secrets(workspace: Path, settings: Settings, *, may_ask: bool) -> Secrets:
    """The secrets of one workspace's Slack app."""
    asked = Asked(needed(Transport(settings.slack_mode)), _NAMES, HOW, _STEPS)
    return Secrets(workspace, settings, asked, may_ask=may_ask)
