"""What the Slack surface needs to be told: tokens and the way Slack reaches us."""

from enum import StrEnum

from pydantic import SecretStr

from store.kernel.errors import UserMistake
from store.records import Record

API_URL = "https://slack.com/api/"


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


def check_settings(settings: SlackSettings) -> None:
    """Raises UserMistake, naming the setting and where its value is found, when the transport cannot work as told."""
    if not settings.bot_token.get_secret_value().startswith("xoxb-"):
        raise UserMistake(
            "The Slack bot token does not begin with xoxb-.",
            "Copy it from your Slack app, OAuth & Permissions, Bot User OAuth Token.",
        )
    if settings.transport is Transport.SOCKET and not _begins(settings.app_token, "xapp-"):
        raise UserMistake(
            "Socket Mode needs an app-level token that begins with xapp-.",
            "Make one in your Slack app, Basic Information, App-Level Tokens, with the scope connections:write.",
        )
    if settings.transport is Transport.HTTP and not _begins(settings.signing_secret, ""):
        raise UserMistake(
            "Slack over HTTP needs the signing secret.",
            "Copy it from your Slack app, Basic Information, App Credentials.",
        )


def _begins(secret: SecretStr | None, prefix: str) -> bool:
    text = secret.get_secret_value() if secret is not None else ""
    return bool(text) and text.startswith(prefix)
