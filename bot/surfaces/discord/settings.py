"""What the Discord surface needs to be told: the bot's token and the server."""

from pydantic import SecretStr

from bot.surfaces.checked import BadSecret
from store.records import Record

API_URL = "https://discord.com/api/v10"
TOKEN = "discord_token"  # noqa: S105 - the name of the setting, not its value
HOW = "Copy it from your Discord application: Bot, Reset Token."
"""Where the token is found."""


class DiscordSettings(Record):
    """The bot's token and the one server it serves. Printed, logged or dumped, the token shows as asterisks.

    `category` is the name, or the id, of what the team's channels stand under.
    `api_url` has no slash at the end. `gateway_url` is where events come from, for an API that is not Discord's own;
    None: as `GET /gateway/bot` of the API says.
    """

    token: SecretStr
    server_id: str
    category: str = "Quarterdeck"
    api_url: str = API_URL
    gateway_url: str | None = None


class BadToken(BadSecret):
    """The bot's token cannot work."""

    def __init__(self, message: str, hint: str = HOW, field: str = TOKEN) -> None:
        super().__init__(field, message, hint)


def check_settings(settings: DiscordSettings) -> None:
    """Raises BadToken, saying where its value is found, for a token that cannot be one."""
    token = settings.token.get_secret_value()
    if not token:
        raise BadToken("The Discord bot token is empty.")
    if token.casefold().startswith("bot ") or any(each.isspace() for each in token):
        raise BadToken("The Discord bot token has spaces in it: it is given without the word Bot.")
