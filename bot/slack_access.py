"""What the Slack surface is given of the settings and of the team."""

from typing import TYPE_CHECKING

from agents.roster import Team
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.surfaces.slack.settings import SlackSettings


def slack_settings(given: Settings) -> "SlackSettings | None":
    """Tokens and transport; None without a bot token."""
    if given.slack_bot_token is None:
        return None
    from bot.surfaces.slack.settings import SlackSettings, Transport

    return SlackSettings(
        bot_token=given.slack_bot_token,
        app_token=given.slack_app_token,
        signing_secret=given.slack_signing_secret,
        transport=Transport(given.slack_mode),
        connections=given.slack_connections,
        http_host=given.slack_http_host,
        http_port=given.slack_http_port,
        api_url=given.slack_api_url,
    )


def accounts_on(team: Team, surface: str) -> tuple[str, ...]:
    """The accounts that the team's people have on a surface."""
    return tuple(sorted(person.accounts[surface] for person in team.people.values() if surface in person.accounts))
