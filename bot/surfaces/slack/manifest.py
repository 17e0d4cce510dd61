"""The app as Slack must know it: what to paste into "Create an app from a manifest", and the scopes it asks for."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bot.surfaces.base import Shortcut
from bot.surfaces.slack.settings import Transport
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake

COMMAND = "/deck"
EVENTS_PATH = "/slack/events"

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "app_mentions:read": "hear a command that mentions the app",
        "channels:history": "look for a post before repeating it, and hear replies in threads",
        "channels:join": "join a channel it was told to use",
        "channels:manage": "make a channel for each agent, set its topic, invite the team",
        "channels:read": "recognise its own channels",
        "chat:write": "post and edit cards",
        "commands": f"answer {COMMAND}",
        "files:read": "know when a chart may be shown",
        "files:write": "upload charts",
        "im:history": "hear what is written to it directly",
        "users:read": "tell members from guests and outsiders",
    }
)
"""Every bot scope that is needed, and what it is for: the surface does not start without all of them."""

OPTIONAL_SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "chat:write.customize": "let each agent speak under its own name and icon",
        "pins:write": "pin each agent's role card in its channel",
    }
)
"""Scopes that whoever installs the app may leave out: what one is for then does not happen, and health says so."""

PRIVATE_SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "groups:history": "look into a private channel it was told to use, as into a public one",
        "groups:read": "recognise a private channel it was told to use",
    }
)
"""Asked for where the workspace names channels by id, for such a channel may be private."""

EVENTS = (
    "app_home_opened",
    "app_mention",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "member_joined_channel",
    "message.channels",
    "message.im",
)
PRIVATE_EVENTS = ("group_archive", "group_deleted", "group_left", "group_rename", "group_unarchive", "message.groups")
AGENT_SCOPES = ("assistant:write",)
AGENT_EVENTS = ("agent_session_stopped",)
AGENT_DESCRIPTION = (
    "Shows what each agent is doing, and stops a run when you say so. It answers with cards, not with chat."
)
SHORTCUTS: tuple[JsonObject, ...] = (
    {
        "name": "Ask an agent",
        "type": "global",
        "callback_id": Shortcut.ASK.value,
        "description": "Starts a run of an agent with your request",
    },
    {
        "name": "Make this a task",
        "type": "message",
        "callback_id": Shortcut.MAKE_TASK.value,
        "description": "Gives the message to somebody, with a date",
    },
    {
        "name": "Give this to an agent",
        "type": "message",
        "callback_id": Shortcut.GIVE.value,
        "description": "Starts a run of an agent with the message",
    },
)
"""https://docs.slack.dev/reference/app-manifest, checked 2026-11-21: a name has at most 24 characters."""
NAME_CHARS = 35
"""Longest name of an app and its bot user. https://docs.slack.dev/reference/app-manifest, checked 2026-11-21."""
DESCRIPTION = "Runs a team of AI agents: schedules, approvals, alerts and reports, each agent in its own channel."


def slack_manifest(
    team: str,
    transport: Transport = Transport.SOCKET,
    public_url: str | None = None,
    *,
    private: bool = False,
    agent: bool = False,
) -> JsonObject:
    """The manifest of the smallest app that does all of this surface; equal for equal arguments.

    `public_url` is the https address that reaches us, needed by the HTTP transport and by no other (UserMistake).
    `private` says that a private channel may have to be used. `agent` declares the app an agent, which gives runs
    Slack's own status and Stop button where the workspace has them; everything else works without.
    """
    request_url = _request_url(transport, public_url)
    name = f"Quarterdeck {team}".strip()[:NAME_CHARS].rstrip()
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {"name": name, "description": DESCRIPTION, "background_color": "#1d2939"},
        "features": {
            "bot_user": {"display_name": name, "always_online": True},
            "slash_commands": [_with_url(_command(), "url", request_url)],
            "shortcuts": [dict(shortcut) for shortcut in SHORTCUTS],
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            **({"agent_view": {"agent_description": AGENT_DESCRIPTION}} if agent else {}),
        },
        "oauth_config": {
            "scopes": {
                "bot": _names(SCOPES, *_also(PRIVATE_SCOPES, private), *_also(AGENT_SCOPES, agent)),
                "bot_optional": [*OPTIONAL_SCOPES],
            }
        },
        "settings": {
            "event_subscriptions": _with_url(
                {"bot_events": _names(EVENTS, *_also(PRIVATE_EVENTS, private), *_also(AGENT_EVENTS, agent))},
                "request_url",
                request_url,
            ),
            "interactivity": _with_url({"is_enabled": True}, "request_url", request_url),
            "org_deploy_enabled": False,
            "socket_mode_enabled": transport is Transport.SOCKET,
            "token_rotation_enabled": False,
        },
    }


def _also(names: Iterable[str], wanted: bool) -> list[str]:  # noqa: FBT001
    return [*names] if wanted else []


def _names(always: Iterable[str], *further: str) -> list[Json]:
    return [*sorted([*always, *further])]


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
        "usage_hint": "status | run AGENT | tasks | approvals | why | help",
        # Mentions and channels arrive as <@U…|name> instead of text anybody could have typed.
        "should_escape": True,
    }


def _with_url(part: JsonObject, key: str, url: str | None) -> JsonObject:
    return part if url is None else {**part, key: url}
