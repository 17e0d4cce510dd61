"""The app as Slack must know it: what to paste into "Create an app from a manifest", and the scopes it asks for."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.surfaces.slack.settings import Transport
from store.kernel.canonical import JsonObject
from store.kernel.errors import UserMistake

COMMAND = "/deck"
EVENTS_PATH = "/slack/events"

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "app_mentions:read": "hear a command that mentions the app",
        "channels:history": "look whether a card was really posted before posting it again",
        "channels:join": "join a channel it was told to use",
        "channels:manage": "make a channel for each agent, set its topic, invite the team",
        "channels:read": "recognise its own channels",
        "chat:write": "post and edit cards",
        "commands": f"answer {COMMAND}",
        "files:read": "know when a chart may be shown",
        "files:write": "upload charts",
        "users:read": "tell members from guests and outsiders",
    }
)
"""Every bot scope, and what it is for. Nothing works half: the surface does not start without all of them."""

EVENTS = ("app_mention",)
NAME_CHARS = 35
"""Longest name of an app and its bot user. https://docs.slack.dev/reference/app-manifest, checked 2026-11-21."""
DESCRIPTION = "Runs a team of AI agents: schedules, approvals, alerts and reports, each agent in its own channel."


def slack_manifest(team: str, transport: Transport = Transport.SOCKET, public_url: str | None = None) -> JsonObject:
    """The manifest of the smallest app that does all of this surface; equal for equal arguments.

    `public_url` is the https address that reaches us, needed by the HTTP transport and by no other (UserMistake).
    """
    request_url = _request_url(transport, public_url)
    name = f"Quarterdeck {team}".strip()[:NAME_CHARS].rstrip()
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {"name": name, "description": DESCRIPTION, "background_color": "#1d2939"},
        "features": {
            "bot_user": {"display_name": name, "always_online": True},
            "slash_commands": [_with_url(_command(), "url", request_url)],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": _with_url({"bot_events": list(EVENTS)}, "request_url", request_url),
            "interactivity": _with_url({"is_enabled": True}, "request_url", request_url),
            "org_deploy_enabled": False,
            "socket_mode_enabled": transport is Transport.SOCKET,
            "token_rotation_enabled": False,
        },
    }


def _request_url(transport: Transport, public_url: str | None) -> str | None:
    if transport is Transport.SOCKET:
        return None
    if public_url is None or not public_url.startswith("https://"):
        raise UserMistake(
            "Slack over HTTP needs the public address of this server.", "Give one that begins with https://."
        )
    return public_url.rstrip("/") + EVENTS_PATH


def _command() -> JsonObject:
    return {
        "command": COMMAND,
        "description": "See and steer your agents",
        "usage_hint": "status | run AGENT | approvals | help",
        # Mentions and channels arrive as <@U…|name> instead of text anybody could have typed.
        "should_escape": True,
    }


def _with_url(part: JsonObject, key: str, url: str | None) -> JsonObject:
    return part if url is None else {**part, key: url}
