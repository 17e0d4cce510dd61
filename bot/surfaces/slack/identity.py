"""Who the bot is in which workspace, and whether it may do all it needs."""

from bot.surfaces.slack.manifest import SCOPES
from bot.surfaces.slack.web import SlackWeb
from store.kernel.errors import UserMistake
from store.records import Record


class Home(Record):
    """The workspace the bot token belongs to. `enterprise_id` is None outside Enterprise Grid."""

    team_id: str
    enterprise_id: str | None
    bot_user_id: str


async def identify(web: SlackWeb) -> Home:
    """The bot's home, after checking that the token has every scope.

    Raises UserMistake for a token that is refused or lacks a scope; Retryable when Slack cannot be asked now.
    """
    answer = await web.send("auth.test", {}, repeatable=True)
    granted = answer.headers.get("x-oauth-scopes")
    if granted is not None:
        _check_scopes(granted)
    return Home(
        team_id=str(answer.data["team_id"]),
        enterprise_id=_text(answer.data.get("enterprise_id")),
        bot_user_id=str(answer.data["user_id"]),
    )


def _check_scopes(granted: str) -> None:
    missing = sorted(set(SCOPES) - {scope.strip() for scope in granted.split(",")})
    if missing:
        needs = "; ".join(f"{scope} (to {SCOPES[scope]})" for scope in missing)
        raise UserMistake(
            f"The Slack app lacks: {needs}.", "Update the app from the manifest in docs/slack.md, then reinstall it."
        )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
