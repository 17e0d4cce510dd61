"""`quarterdeck slack`: the manifest of this workspace, and setting it up, with everything that can go wrong."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import exits
from bot.cli.app import run_command
from bot.cli.slack import GREETING_KEY
from bot.cli.slack_tokens import slack_secrets
from bot.cli.typed_secrets import TRIES
from bot.settings import read_settings
from bot.surfaces.slack.manifest import PRIVATE_SCOPES
from bot.surfaces.slack.settings import BOT_TOKEN, BadToken
from store.kernel.errors import UserMistake
from store.records import CardKind
from tests.bot.cli.terminal import Terminal, terminal
from tests.emulator.fake_slack import FakeSlack, Fault
from tests.scenarios.workspaces import write_team

TEAM = """
name: Night Shift
timezone: UTC
agents:
  helper: {name: Helper, purpose: Helps., routine: help.py, icon: lighthouse, tools: [metrics.record]}
people:
  ana: {roles: [approver], accounts: {slack: U0DANA00001}}
policy: trusted
surfaces: {slack: {channel_prefix: deck-}}
"""
HELP = "async def run(ctx):\n    return {}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_team(tmp_path / "team", TEAM, help=HELP)


def test_the_manifest_is_the_workspaces_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["slack", "manifest", "-w", str(folder)]) == exits.DONE
    made = json.loads(capsys.readouterr().out)
    assert made["display_information"]["name"] == "Quarterdeck Night Shift"
    assert not set(made["oauth_config"]["scopes"]["bot"]) & set(PRIVATE_SCOPES)


def test_a_workspace_with_a_channel_of_others_asks_to_see_private_ones(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TEAM.replace("purpose: Helps.", "purpose: Helps., channel: C0123ABCDE")
    write_team(folder, text)
    assert run_command(["slack", "manifest", "-w", str(folder)]) == exits.DONE
    made = json.loads(capsys.readouterr().out)
    assert set(PRIVATE_SCOPES) <= set(made["oauth_config"]["scopes"]["bot"])


def test_over_http_the_manifest_needs_our_address(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERDECK_SLACK_MODE", "http")
    assert run_command(["slack", "manifest", "-w", str(folder)]) == exits.MISTAKE
    assert "https://" in capsys.readouterr().err
    url = "https://deck.example.test"
    assert run_command(["slack", "manifest", "-w", str(folder), "--public-url", url]) == exits.DONE
    assert f"{url}/slack/events" in capsys.readouterr().out


@dataclass
class Setup:
    """`quarterdeck slack setup` on a workspace, in a thread beside the Slack it talks to."""

    folder: Path
    fake: FakeSlack
    capsys: pytest.CaptureFixture[str]

    async def run(self, *more: str) -> tuple[int, str, str]:
        """The exit code, what was printed, and what went to standard error."""
        code = await asyncio.to_thread(run_command, ["slack", "setup", "-w", str(self.folder), "--no-input", *more])
        said = self.capsys.readouterr()
        assert not [token for token in TOKENS.values() if token in said.out + said.err]
        return code, said.out, said.err


TOKENS = {"QUARTERDECK_SLACK_BOT_TOKEN": "xoxb-made-up-bot", "QUARTERDECK_SLACK_APP_TOKEN": "xapp-made-up-app"}


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    slack = FakeSlack()
    await slack.start()
    yield slack
    await slack.stop()


@pytest.fixture
def setup(folder: Path, fake: FakeSlack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Setup:
    for name, value in {**TOKENS, "QUARTERDECK_SLACK_API_URL": fake.api_url}.items():
        monkeypatch.setenv(name, value)
    return Setup(folder, fake, capsys)


def named(fake: FakeSlack) -> list[str]:
    return sorted(channel["name"] for channel in fake.channels.values())


def greetings(fake: FakeSlack) -> list[str]:
    [channel] = [each["id"] for each in fake.channels.values() if each["name"] == "deck-bridge"]
    return fake.visible(channel)


async def test_it_checks_everything_makes_the_channels_and_posts_one_card(setup: Setup, fake: FakeSlack) -> None:
    code, out, err = await setup.run()
    assert (code, err) == (exits.DONE, "")
    assert "ok   bot token: deck in First Light" in out
    assert "ok   scopes: all that are needed, and the optional ones" in out
    assert "ok   app-level token" in out
    assert f"ok   cards: Slack takes all {len(CardKind)} kinds" in out
    assert "ok   Slack accounts with role approver: Ana" in out
    assert "ok   test card: https://deck.slack.test/archives/" in out
    assert named(fake) == ["deck-bridge", "deck-helper"]
    assert all("U0DANA00001" in channel["members"] for channel in fake.channels.values())
    assert greetings(fake) == [GREETING_KEY]
    assert fake.greeted == 0  # no connection was made: events keep going to the team that runs
    assert not (setup.folder / ".env").exists()  # nothing was typed in


async def test_again_it_changes_nothing_and_repairs_what_broke(setup: Setup, fake: FakeSlack) -> None:
    await setup.run()
    assert (await setup.run())[0] == exits.DONE
    assert (named(fake), greetings(fake)) == (["deck-bridge", "deck-helper"], [GREETING_KEY])
    [helper] = [each["id"] for each in fake.channels.values() if each["name"] == "deck-helper"]
    del fake.channels[helper]
    assert (await setup.run())[0] == exits.DONE
    assert named(fake) == ["deck-bridge", "deck-helper"]


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("QUARTERDECK_SLACK_BOT_TOKEN", "xoxp-a-users-token", "Bot User OAuth Token"),
        ("QUARTERDECK_SLACK_BOT_TOKEN", "xapp-the-other-one", "Bot User OAuth Token"),
        ("QUARTERDECK_SLACK_APP_TOKEN", "xoxb-the-other-one", "App-Level Tokens"),
        ("QUARTERDECK_SLACK_BOT_TOKEN", "", "QUARTERDECK_SLACK_BOT_TOKEN is not set"),
        ("QUARTERDECK_SLACK_APP_TOKEN", "", "QUARTERDECK_SLACK_APP_TOKEN is not set"),
    ],
)
async def test_a_token_of_the_wrong_kind_or_none_says_where_the_right_one_is(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert says in err
    assert not value or value not in err
    assert not setup.fake.calls


@pytest.mark.parametrize(
    ("method", "refusal", "says"),
    [
        ("auth.test", "token_revoked", "Install the app again"),
        ("auth.test", "invalid_auth", "Copy the token again"),
        ("auth.test", "not_allowed_token_type", "begins with xoxb-"),
        ("apps.connections.open", "missing_scope", "connections:write"),
        ("apps.connections.open", "invalid_auth", "App-Level Tokens"),
        ("conversations.create", "restricted_action", "A workspace admin must let apps do this"),
        ("chat.postMessage", "restricted_action", "A workspace admin must let apps do this"),
    ],
)
async def test_what_slack_refuses_is_said_with_what_to_do(
    setup: Setup, fake: FakeSlack, method: str, refusal: str, says: str
) -> None:
    fake.refuse[method] = lambda _: refusal
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert refusal in err
    assert says in err
    del fake.refuse[method]
    assert (await setup.run())[0] == exits.DONE


async def test_missing_scopes_are_named_and_optional_ones_are_no_fault(setup: Setup, fake: FakeSlack) -> None:
    fake.scopes = fake.scopes.replace("channels:manage", "").replace("pins:write", "")
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert "channels:manage (to make a channel for each agent" in err
    assert "quarterdeck slack manifest" in err
    fake.scopes += ",channels:manage"
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert "-    scopes: all that are needed; left out: pins:write (to pin each agent's role card" in out


async def test_a_name_that_is_taken_is_said_and_the_other_channels_are_made(setup: Setup, fake: FakeSlack) -> None:
    fake.add_channel("deck-bridge", creator="U0SOMEBODY")
    code, out, err = await setup.run()
    assert code == exits.MISTAKE
    assert "FAIL channel deck-bridge: Slack already has a channel #deck-bridge" in out
    assert "ok   channel deck-helper" in out
    assert "put that channel's id" in err


async def test_an_archived_channel_is_said(setup: Setup, fake: FakeSlack) -> None:
    await setup.run()
    [bridge] = [each for each in fake.channels.values() if each["name"] == "deck-bridge"]
    bridge["is_archived"] = True
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert "Unarchive it in Slack" in err


@pytest.mark.parametrize(
    "method",
    [
        "auth.test",
        pytest.param("apps.connections.open", marks=pytest.mark.slow),
        pytest.param("conversations.create", marks=pytest.mark.slow),
        "chat.postMessage",
    ],
)
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.SERVER_ERROR])
async def test_without_slack_the_exit_code_says_so_and_the_next_run_goes_on(
    setup: Setup, fake: FakeSlack, method: str, fault: Fault
) -> None:
    fake.faults[method].append(fault)
    code, _, err = await setup.run()
    assert code == exits.UNREACHABLE
    assert "Try again when Slack can be reached" in err
    assert (await setup.run())[0] == exits.DONE
    assert greetings(fake) == [GREETING_KEY]


async def test_a_test_card_that_may_have_been_posted_is_looked_for_first(setup: Setup, fake: FakeSlack) -> None:
    fake.faults["chat.postMessage"].append(Fault.LOST_AFTER)
    assert (await setup.run())[0] == exits.DONE
    assert greetings(fake) == [GREETING_KEY]


async def test_a_slack_that_cannot_check_cards_is_no_fault(setup: Setup, fake: FakeSlack) -> None:
    fake.refuse["blocks.validate"] = lambda _: "unknown_method"
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert "-    cards: this Slack cannot check cards beforehand" in out


async def test_a_card_that_is_taken_only_in_a_plainer_form_is_named(setup: Setup, fake: FakeSlack) -> None:
    fake.refuse["blocks.validate"] = lambda form: "invalid_message" if '"plan"' in form["message"] else None
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert "these in a plainer form: run" in out


async def test_a_card_that_slack_never_takes_is_a_failure_that_names_it(setup: Setup, fake: FakeSlack) -> None:
    fake.refuse["blocks.validate"] = lambda form: "invalid_message" if "Approval" in form["message"] else None
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert "Slack does not take the approval card" in err


async def test_a_workspace_that_does_not_name_slack_is_told_how(setup: Setup) -> None:
    write_team(setup.folder, TEAM.replace("surfaces: {slack: {channel_prefix: deck-}}", ""))
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert "surfaces: {slack: {channel_prefix: deck-}}" in err


async def test_nobody_who_could_approve_is_said(setup: Setup) -> None:
    write_team(setup.folder, TEAM.replace(", accounts: {slack: U0DANA00001}", ""))
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert "-    Slack accounts with role approver: nobody with that role has one" in out


async def test_doctor_asks_the_same_questions(
    setup: Setup, fake: FakeSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(run_command, ["doctor", "-w", str(setup.folder)]) == exits.DONE
    out = capsys.readouterr().out
    assert "ok   slack, bot token: deck in First Light" in out
    assert "ok   slack, app-level token" in out
    fake.refuse["apps.connections.open"] = lambda _: "invalid_auth"
    assert await asyncio.to_thread(run_command, ["doctor", "-w", str(setup.folder)]) == exits.MISTAKE
    assert "FAIL slack: Slack refuses the app-level token: invalid_auth." in capsys.readouterr().out


def in_terminal(folder: Path, fake: FakeSlack) -> AbstractAsyncContextManager[Terminal]:
    return terminal(("slack", "setup", "-w", str(folder)), QUARTERDECK_SLACK_API_URL=fake.api_url)


async def test_in_a_terminal_it_asks_hides_checks_and_keeps_the_tokens(folder: Path, fake: FakeSlack) -> None:
    (folder / ".env").write_text("SOME_KEY=stays\nQUARTERDECK_SLACK_APP_TOKEN=\n")
    (folder / ".env").chmod(0o644)
    bot, app = TOKENS["QUARTERDECK_SLACK_BOT_TOKEN"], TOKENS["QUARTERDECK_SLACK_APP_TOKEN"]
    async with in_terminal(folder, fake) as person:
        await person.shows("Bot token (xoxb-…), not shown:")
        assert '"socket_mode_enabled": true' in person.seen  # the manifest, to paste into Slack
        assert "OAuth & Permissions, Bot User OAuth Token" in person.seen
        person.types("xoxp-of-the-wrong-kind")
        await person.shows("App-level token (xapp-…), not shown:")
        assert "with the scope connections:write" in person.seen
        person.types(app)
        await person.shows("FAIL The Slack bot token does not begin with xoxb-")
        await person.shows("not shown:")
        person.types(bot)
        await person.shows("Done.")
        assert await person.ends() == exits.DONE
        assert not [token for token in (bot, app, "xoxp-of-the-wrong-kind") if token in person.seen]
    kept = (folder / ".env").read_text()
    assert kept == f"SOME_KEY=stays\nQUARTERDECK_SLACK_BOT_TOKEN={bot}\nQUARTERDECK_SLACK_APP_TOKEN={app}\n"
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    assert bot not in (folder / "team.yaml").read_text()
    assert named(fake) == ["deck-bridge", "deck-helper"]


async def test_a_revoked_token_is_asked_for_anew_and_replaced(folder: Path, fake: FakeSlack) -> None:
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in TOKENS.items()))
    revoked = ["token_revoked"]
    fake.refuse["auth.test"] = lambda _: revoked.pop() if revoked else None
    async with in_terminal(folder, fake) as person:
        await person.shows("FAIL Slack refuses the bot token: token_revoked. Install the app again")
        await person.shows("not shown:")
        person.types("xoxb-made-up-anew")
        await person.shows("Done.")
        assert await person.ends() == exits.DONE
    assert "QUARTERDECK_SLACK_BOT_TOKEN=xoxb-made-up-anew\n" in (folder / ".env").read_text()


async def test_what_slack_never_took_is_not_kept(folder: Path, fake: FakeSlack) -> None:
    fake.refuse["auth.test"] = lambda _: "invalid_auth"
    async with in_terminal(folder, fake) as person:
        typed = ["xoxb-made-up", "xapp-made-up", *["xoxb-made-up"] * (TRIES - 1)]
        for token in typed:
            await person.shows("not shown:")
            person.types(token)
        assert await person.ends() == exits.MISTAKE
    assert not (folder / ".env").exists()


def test_a_token_in_the_environment_is_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)
    secrets = slack_secrets(tmp_path, read_settings(tmp_path), may_ask=True)
    with pytest.raises(UserMistake, match=r"comes from the environment variable QUARTERDECK_SLACK_BOT_TOKEN"):
        secrets.ask_again(BOT_TOKEN, BadToken(BOT_TOKEN, "Slack refuses the bot token.", "Copy it again."))
