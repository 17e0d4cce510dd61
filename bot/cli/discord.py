"""`quarterdeck discord …`: setting the team up in Discord."""

import asyncio
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from agents.roster import Team
from blocks.cards import notice_card
from blocks.elements import Button, Card, Tone
from blocks.tokens import Verb, encode
from bot.cli import exits
from bot.cli.chat_setup import channels_on, say, say_who_approves
from bot.cli.local_api import answers
from bot.cli.opening import DEFAULT_WORKSPACE, Workspace
from bot.discord_access import discord_settings, wanted_of
from bot.foundation import load_team, state_folder
from bot.settings import read_settings
from bot.surfaces.checked import Checked
from store.kernel.clock import WallClock
from store.kernel.errors import OutcomeUnknown, Retryable, UserMistake

if TYPE_CHECKING:
    from bot.cli.typed_secrets import Secrets
    from bot.surfaces.discord.settings import DiscordSettings
    from bot.surfaces.discord.setup import Invited, Plan

HOW_TO_NAME_IT = (
    'Add to it: surfaces: {discord: {server: "…"}}, with the server\'s ID: in Discord, Settings, Advanced, Developer '
    "Mode on; then right-click the server, Copy Server ID."
)
GREETING_KEY = "notice:discord-setup"
TRY = "Try this button"
PRESS_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 3.0
PATIENCE_SECONDS = 900.0

discord = App(name="discord", help="The team's place in Discord.")


@discord.command
def setup(
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    private: Annotated[
        bool | None,
        Parameter(
            negative="--open",
            show_default=False,
            help="Only the team's roles and people see the channels; --open: everybody in the server does.",
        ),
    ] = None,
    no_input: Annotated[
        bool, Parameter(name="--no-input", negative=(), show_default=False, help="Ask nothing: for scripts.")
    ] = False,
) -> int:
    """Set the team up in Discord: token, invitation, permissions, category, channels, a test card. Again, it repairs.

    A token that is not set yet is asked for, hidden, and kept in the workspace's .env. Exit code 2: something you can
    put right, and the last line says what. Exit code 5: Discord could not be reached.
    """
    team, settings = load_team(workspace), read_settings(workspace)
    if "discord" not in team.surfaces:
        raise UserMistake("team.yaml does not name Discord.", HOW_TO_NAME_IT)
    from bot.cli.discord_token import discord_secrets
    from bot.surfaces.discord.setup import Plan

    secrets = discord_secrets(workspace, settings, may_ask=not no_input and sys.stdin.isatty())
    plan = Plan(channels_on(workspace, team, "discord"), wanted_of(team), private)
    try:
        return _set_up(workspace, team, _with_good_token(secrets, team), plan, secrets)
    except (Retryable, OutcomeUnknown) as error:
        print(f"{error.message} Try again when Discord can be reached; what is done stays done.", file=sys.stderr)
        return exits.UNREACHABLE


def _with_good_token(secrets: "Secrets", team: Team) -> "DiscordSettings":
    """The settings with a token that Discord takes; one that was typed in is kept once it does."""
    from bot.surfaces.discord.setup import check_token

    return secrets.until_taken(lambda found: discord_settings(found, team), check_token)


def _set_up(workspace: Path, team: Team, settings: "DiscordSettings", plan: "Plan", secrets: "Secrets") -> int:
    from bot.surfaces.discord.setup import set_up

    invited = _invited(settings, plan, may_wait=secrets.may_ask)
    plan = _with_openness(plan, invited, may_ask=secrets.may_ask)
    channels = asyncio.run(set_up(settings, plan, invited, say))
    _try(workspace, team, settings, invited, channels[0], may_ask=secrets.may_ask)
    say_who_approves(team, "discord", "Discord", '"…", the User ID')
    print(
        f"To run, the bot needs less: take Manage Channels and Manage Roles from its role when you are done,\n"
        f"or invite it with no more than that: {invited.running_link}"
    )
    print(f"Done. Start the team, or start it again: quarterdeck up {workspace}")
    return exits.DONE


def _try(
    workspace: Path, team: Team, settings: "DiscordSettings", invited: "Invited", channel_id: str, *, may_ask: bool
) -> None:
    """Posts the test card, and waits for a press of its button where somebody is there to press it."""
    from bot.surfaces.discord.trial import greet, message_url, pressed

    clock = WallClock()
    message_id = asyncio.run(greet(settings, invited.here.bot_user_id, channel_id, _greeting(team), clock))
    say(Checked("test card", ok=True, said=message_url(settings, channel_id, message_id)))
    if not may_ask or not _yes(f"Press “{TRY}” on it, to see that presses arrive? yes or no"):
        return
    runs = answers(state_folder(workspace, read_settings(workspace), simulated=False))
    say_now = partial(
        print, f"Connected. Press it now: it is waited for, {PRESS_SECONDS:.0f} seconds at most.", flush=True
    )
    name = asyncio.run(pressed(settings, message_id, clock, PRESS_SECONDS, listening=say_now, answer=not runs))
    arrived = f"arrived, from {name}" if name else "none arrived; nothing depends on it, and you can run this again"
    say(Checked("press", True if name else None, arrived))


def _greeting(team: Team) -> Card:
    text = (
        f"{team.name} is set up here. Cards of its agents appear in their channels; /deck help says what you can ask."
    )
    card = notice_card("Discord is set up", text, Tone.GOOD, key=GREETING_KEY)
    return card.model_copy(update={"actions": (Button(label=TRY, token=encode(Verb.TRY, "setup", 0)),)})


def _yes(question: str) -> bool:
    return _answer(question, "yes", closed="no") in ("y", "yes")


def _answer(question: str, default: str, *, closed: str) -> str:
    """What is typed in; `default` for nothing, and `closed` when the terminal is."""
    try:
        return input(f"{question} [{default}] ").strip().lower() or default
    except EOFError:
        return closed


def _invited(settings: "DiscordSettings", plan: "Plan", *, may_wait: bool) -> "Invited":
    """The server, once the bot is in it with what it needs: somebody opens the link meanwhile. Raises NotInvited."""
    from bot.surfaces.discord.setup import NotInvited, require_invited

    until, said = time.monotonic() + PATIENCE_SECONDS, ""
    while True:
        try:
            return asyncio.run(require_invited(settings, plan))
        except NotInvited as error:
            if not may_wait or time.monotonic() > until:
                raise
            if str(error) != said:
                said = str(error)
                print(f"{said}\nWaiting until that is done (Ctrl-C ends it; run this again then).", flush=True)
        time.sleep(LOOK_AGAIN_SECONDS)


def _with_openness(plan: "Plan", invited: "Invited", *, may_ask: bool) -> "Plan":
    """Asks who is to see the channels, where nothing says it yet."""
    if plan.private is not None or not invited.new or not may_ask:
        return plan
    from dataclasses import replace

    question = "Who sees the channels: private (the team's roles and people) or open (everybody in the server)?"
    while True:
        answer = _answer(question, "private", closed="private")
        if answer in ("private", "open"):
            return replace(plan, private=answer == "private")
        print("Write private or open.")
