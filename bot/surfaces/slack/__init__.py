"""The Slack surface. Importing this package loads neither slack_sdk nor slack_bolt; starting the surface does."""

from bot.surfaces.slack.manifest import slack_manifest
from bot.surfaces.slack.settings import SlackSettings, Transport
from bot.surfaces.slack.surface import SlackSurface

__all__ = ["SlackSettings", "SlackSurface", "Transport", "slack_manifest"]
