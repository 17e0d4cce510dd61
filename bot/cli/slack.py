"""`quarterdeck slack …`: what Slack must be told of this team, and setting it up."""

import json
from typing import Annotated

from cyclopts import App, Parameter

from agents.roster import Team, names_existing
from bot.cli import exits
from bot.cli.opening import DEFAULT_WORKSPACE, Workspace
from bot.foundation import load_team
from bot.settings import read_settings

PublicUrl = Annotated[
    str | None,
    Parameter(name="--public-url", help="The https address at which Slack reaches us; only for Slack over HTTP."),
]

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
    from bot.surfaces.slack import Transport, slack_manifest

    team, settings = load_team(workspace), read_settings(workspace)
    made = slack_manifest(
        team.name,
        Transport(settings.slack_mode),
        public_url,
        private=uses_existing_channels(team),
        agent=agent,
    )
    print(json.dumps(made, indent=2, ensure_ascii=False))
    return exits.DONE


def uses_existing_channels(team: Team) -> bool:
    """True when the workspace names a channel by its id: such a channel may be private."""
    own = any(names_existing(channel) for channel in (team.channel, *(each.channel for each in team.agents.values())))
    return own or bool(team.watches)
