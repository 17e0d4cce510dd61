"""What the Slack surface needs to be told: tokens and the way Slack reaches us."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import SecretStr

from bot.surfaces.checked import BadSecret
from store.records import Record

API_URL = "https://slack.com/api/"


BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "slack_bot_token", "slack_app_token", "slack_signing_secret"
"""The settings that are secrets, by name."""

HOW: Mapping[str, str] = MappingProxyType(
    {
        BOT_TOKEN: "Copy it from your Slack app: OAuth & Permissions, Bot User OAuth Token.",
        APP_TOKEN: (
            "Make one in your Slack app: Basic Information, App-Level Tokens, with the scope connections:write."
        ),
        SIGNING_SECRET: "Copy it from your Slack app: Basic Information, App Credentials.",
    }
)
"""Where the value of each is found."""


class Transport(StrEnum):
    """How events arrive: `socket` needs an app-level token; `http` needs a public address and the signing secret."""

    SOCKET = "socket"
    HTTP = "http"


class SlackSettings(Record):
    """Tokens and transport. Printed, logged or dumped, a secret shows as asterisks.

    `connections` is how many the socket transport keeps, 1 to 10, which is Slack's limit for an app:
    https://docs.slack.dev/apis/events-api/using-socket-mode, checked 2026-11-21.

    `http_host` and `http_port` are where the HTTP transport listens; a proxy with TLS stands before it.
    `api_url` ends in a slash.
    """

    bot_token: SecretStr
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    transport: Transport = Transport.SOCKET
    connections: int = 2
    http_host: str = "127.0.0.1"
    http_port: int = 3000
    api_url: str = API_URL


class BadToken(BadSecret):
    """One of the tokens, or the signing secret, cannot work."""


def needed(transport: Transport) -> tuple[str, ...]:
    """The secrets that a transport cannot do without."""
    return (BOT_TOKEN, APP_TOKEN) if transport is Transport.SOCKET else (BOT_TOKEN, SIGNING_SECRET)


def check_settings(settings: SlackSettings) -> None:
    """Raises BadToken, saying where its value is found, when the transport cannot work as told."""
    if not settings.bot_token.get_secret_value().startswith("xoxb-"):
        raise BadToken(BOT_TOKEN, "The Slack bot token does not begin with xoxb-.", HOW[BOT_TOKEN])
    if settings.transport is Transport.SOCKET and not _begins(settings.app_token, "xapp-"):
        raise BadToken(APP_TOKEN, "Socket Mode needs an app-level token that begins with xapp-.", HOW[APP_TOKEN])
    if settings.transport is Transport.HTTP and not _begins(settings.signing_secret, ""):
        raise BadToken(SIGNING_SECRET, "Slack over HTTP needs the signing secret.", HOW[SIGNING_SECRET])


def _begins(secret: SecretStr | None, prefix: str) -> bool:
    text = secret.get_secret_value() if secret is not None else ""
    return bool(text) and text.startswith(prefix)
