"""Who the bot is in which workspace, and whether it may do all it needs."""

from bot.surfaces.slack.manifest import SCOPES
from bot.surfaces.slack.web import SlackWeb
from store.kernel.errors import UserMistake
from store.records import Record


class Home(Record):
    """The workspace the bot token belongs to. `enterprise_id` is None outside Enterprise Grid.

    `team_name` and `user_name` are as people know them.

    `bot_id` is what our messages carry when they go out under another name; None when Slack did not say. `scopes` are
    those the token has; None when Slack did not say.
    """

    team_id: str
    enterprise_id: str | None
    bot_user_id: str
    bot_id: str | None = None
    team_name: str | None = None
    user_name: str | None = None
    scopes: frozenset[str] | None = None


async def identify(web: SlackWeb) -> Home:
    """The bot's home, after checking that the token has every scope.

    Raises UserMistake for a token that is refused or lacks a scope; Retryable when Slack cannot be asked now.
    """
    answer = await web.send("auth.test", {}, repeatable=True)
    granted = answer.headers.get("x-oauth-scopes")
    scopes = None if granted is None else frozenset(scope.strip() for scope in granted.split(","))
    if scopes is not None:
        _check_scopes(scopes)
    return Home(
        team_id=str(answer.data["team_id"]),
        enterprise_id=_text(answer.data.get("enterprise_id")),
        bot_user_id=str(answer.data["user_id"]),
        bot_id=_text(answer.data.get("bot_id")),
        team_name=_text(answer.data.get("team")),
        user_name=_text(answer.data.get("user")),
        scopes=scopes,
    )


def _check_scopes(granted: frozenset[str]) -> None:
    missing = sorted(frozenset(SCOPES) - granted)
    if missing:
        needs = "; ".join(f"{scope} (to {SCOPES[scope]})" for scope in missing)
        raise UserMistake(
            f"The Slack app lacks: {needs}.",
            "Update the app from what `quarterdeck slack manifest` prints, then reinstall it.",
        )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
