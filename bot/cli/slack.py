"""`quarterdeck slack …`: what Slack must be told of this team, and setting it up."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from agents.roster import Team, names_existing
from blocks.cards import notice_card
from blocks.elements import Card, Tone
from bot.cli import exits
from bot.cli.chat_setup import channels_on, say, say_who_approves
from bot.cli.opening import DEFAULT_WORKSPACE, Workspace
from bot.foundation import load_team
from bot.settings import Settings, read_settings
from bot.slack_access import accounts_on, slack_settings
from store.kernel.clock import WallClock
from store.kernel.errors import OutcomeUnknown, Retryable, UserMistake

if TYPE_CHECKING:
    from bot.cli.typed_secrets import Secrets
    from bot.surfaces.slack.settings import SlackSettings

PublicUrl = Annotated[
    str | None,
    Parameter(name="--public-url", help="The https address at which Slack reaches us; only for Slack over HTTP."),
]
GREETING_KEY = "notice:slack-setup"

slack = App(name="slack", help="The team's place in Slack.")


@slack.command
def manifest(
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    public_url: PublicUrl = None,
    agent: Annotated[
        bool,
        Parameter(
            negative=(), show_default=False, help="Declare the app an agent: Slack's own status and Stop for runs."
        ),
    ] = False,
) -> int:
    """Print the manifest from which Slack makes this team's app."""
    print(_manifest(load_team(workspace), read_settings(workspace), public_url, agent=agent))
    return exits.DONE


@slack.command
def setup(
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    public_url: PublicUrl = None,
    no_input: Annotated[
        bool, Parameter(name="--no-input", negative=(), show_default=False, help="Ask nothing: for scripts.")
    ] = False,
) -> int:
    """Set the team up in Slack: tokens, scopes, cards, channels, a test card. Running it again repairs.

    Tokens that are not set yet are asked for, hidden, and kept in the workspace's .env. Exit code 2: something you can
    put right, and the last line says what. Exit code 5: Slack could not be reached.
    """
    team, settings = load_team(workspace), read_settings(workspace)
    if "slack" not in team.surfaces:
        raise UserMistake("team.yaml does not name Slack.", "Add to it: surfaces: {slack: {channel_prefix: deck-}}")
    from bot.cli.slack_tokens import slack_secrets

    secrets = slack_secrets(workspace, settings, may_ask=not no_input and sys.stdin.isatty())
    try:
        return _set_up(workspace, team, _with_good_tokens(secrets, team, public_url))
    except (Retryable, OutcomeUnknown) as error:
        print(f"{error.message} Try again when Slack can be reached; what is done stays done.", file=sys.stderr)
        return exits.UNREACHABLE


def uses_existing_channels(team: Team) -> bool:
    """True when the workspace names a channel by its id: such a channel may be private."""
    own = (team.channel, *(agent.channel for agent in team.agents.values()))
    return any(names_existing(channel, "slack") for channel in (*own, *(watch.channel for watch in team.watches)))


def _manifest(team: Team, settings: Settings, public_url: str | None, *, agent: bool = False) -> str:
    from bot.surfaces.slack import Transport, slack_manifest

    private = uses_existing_channels(team)
    made = slack_manifest(team.name, Transport(settings.slack_mode), public_url, private=private, agent=agent)
    return json.dumps(made, indent=2, ensure_ascii=False)


def _with_good_tokens(secrets: "Secrets", team: Team, public_url: str | None) -> "SlackSettings":
    """The settings with tokens that Slack takes; those that were typed in are kept once it does."""
    from bot.surfaces.slack.setup import check_in

    if secrets.missing and secrets.may_ask:
        print(_manifest(team, secrets.settings, public_url))
    return secrets.until_taken(slack_settings, check_in)


def _set_up(workspace: Path, team: Team, settings: "SlackSettings") -> int:
    from bot.delivery.specimens import specimens
    from bot.surfaces.slack.setup import Wanted, set_up

    wanted = Wanted(
        channels=channels_on(workspace, team, "slack"),
        people=accounts_on(team, "slack"),
        cards=specimens(),
        greeting=_greeting(team),
    )
    link = asyncio.run(set_up(settings, wanted, WallClock().now(), say))
    say_who_approves(team, "slack", "Slack", "U…, the member ID")
    print(f"ok   test card: {link}")
    print(f"Done. Start the team, or start it again: quarterdeck up {workspace}")
    return exits.DONE


def _greeting(team: Team) -> Card:
    text = (
        f"{team.name} is set up here. Cards of its agents appear in their channels; /deck help says what you can ask."
    )
    return notice_card("Slack is set up", text, Tone.GOOD, key=GREETING_KEY)
