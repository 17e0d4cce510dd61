"""`quarterdeck discord setup`: every step of it, everything that can go wrong, and again without a second channel."""

import asyncio
import copy
import stat
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from discord.http import Route

from blocks.tokens import Verb, encode
from bot.cli import exits
from bot.cli.app import run_command
from bot.cli.typed_secrets import TRIES
from bot.surfaces.discord.making import mark_of
from bot.surfaces.discord.permissions import BETTER, NEEDED, TO_MANAGE, TO_RUN, TO_SEE, TO_SET_UP, May, uses
from tests.bot.cli.terminal import Terminal, terminal
from tests.fake_discord.faults import Fault
from tests.fake_discord.permissions import ALL, Permission
from tests.fake_discord.refusals import DiscordError
from tests.fake_discord.server import FakeDiscord, running
from tests.scenarios.workspaces import write_team

TEAM = """
name: Night Shift
timezone: UTC
agents:
  helper: {name: Helper, purpose: Helps., routine: help.py, icon: lighthouse, tools: [metrics.record]}
people:
  ana: {roles: [approver], accounts: {discord: "ANA"}}
policy: trusted
surfaces: {discord: {server: "SERVER", roles: {approver: "ROLE"}}}
"""
HELP = "async def run(ctx):\n    return {}\n"
TOKEN = "QUARTERDECK_DISCORD_TOKEN"
VIEW = int(May.VIEW_CHANNEL)


@dataclass
class Setup:
    """`quarterdeck discord setup` on a workspace, in a thread beside the Discord it talks to."""

    folder: Path
    fake: FakeDiscord
    ana: str
    role: str
    capsys: pytest.CaptureFixture[str]

    async def run(self, *more: str) -> tuple[int, str, str]:
        """The exit code, what was printed, and what went to standard error."""
        command = ["discord", "setup", "-w", str(self.folder), "--no-input", *more]
        code = await asyncio.to_thread(run_command, command)
        said = self.capsys.readouterr()
        assert self.fake.token not in said.out + said.err
        return code, said.out, said.err

    def write(self, team: str = TEAM) -> None:
        words = {"SERVER": self.fake.server_id, "ANA": self.ana, "ROLE": self.role}
        for word, value in words.items():
            team = team.replace(f'"{word}"', f'"{value}"')
        write_team(self.folder, team, help=HELP)

    def channels(self) -> dict[str, dict[str, Any]]:
        return {str(each["name"]): each for each in self.fake.world.channels.values()}

    def greetings(self) -> list[dict[str, Any]]:
        return self.fake.visible(self.channels()["bridge"]["id"])

    def overwrites(self, name: str) -> dict[str, tuple[int, int]]:
        told = self.channels()[name]["permission_overwrites"]
        return {each["id"]: (int(each["allow"]), int(each["deny"])) for each in told}


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with running() as discord:
        yield discord


@pytest.fixture
def setup(
    tmp_path: Path, fake: FakeDiscord, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Setup:
    monkeypatch.setenv(TOKEN, fake.token)
    monkeypatch.setenv("QUARTERDECK_DISCORD_API_URL", fake.api_url)
    there = Setup(tmp_path / "team", fake, fake.world.add_member("ana"), fake.world.add_role("Approvers"), capsys)
    fake.world.roles[there.role]["mentionable"] = True
    fake.world.member_roles[there.ana] = [there.role]
    there.write()
    monkeypatch.setattr(Route, "BASE", Route.BASE)  # the library's address for the whole process, put back
    return there


async def test_it_checks_everything_and_makes_category_and_channels(setup: Setup, fake: FakeDiscord) -> None:
    code, out, err = await setup.run()
    assert (code, err) == (exits.DONE, "")
    assert "ok   token: the bot quarterdeck" in out
    assert "ok   server: First Light" in out
    assert "ok   role approver: @Approvers" in out
    assert "ok   permissions: all that a running team needs; Manage Channels, Manage Roles can be taken away" in out
    assert "ok   Discord accounts with role approver: Ana" in out
    assert f"permissions={int(TO_RUN)}" in out
    [card] = setup.greetings()
    assert f"ok   test card: https://discord.com/channels/{fake.server_id}/{card['channel_id']}/{card['id']}" in out
    assert fake.gateway.identified == 0  # no connection was made: events keep going to the team that runs
    assert sorted(setup.channels()) == ["Night Shift", "bridge", "helper"]
    category = setup.channels()["Night Shift"]["id"]
    assert {setup.channels()[name]["parent_id"] for name in ("bridge", "helper")} == {category}
    assert str(setup.channels()["helper"]["topic"]).endswith(mark_of(fake.world.bot_id, "helper"))
    assert not (setup.folder / ".env").exists()  # nothing was typed in


async def test_a_new_team_is_private_with_its_roles_people_and_bot_let_in(setup: Setup, fake: FakeDiscord) -> None:
    _, out, _ = await setup.run()
    assert "ok   who sees the channels: members of role approver, ana, and the server's administrators" in out
    for name in ("Night Shift", "bridge", "helper"):
        told = setup.overwrites(name)
        assert told[fake.server_id] == (0, VIEW)
        assert told[setup.role][0] & VIEW
        assert told[setup.ana][0] & VIEW
        assert May(told[fake.world.bot_id][0]) & NEEDED == NEEDED


async def test_open_and_private_can_be_changed_and_stay_as_they_are(setup: Setup, fake: FakeDiscord) -> None:
    assert (await setup.run("--open"))[0] == exits.DONE
    assert fake.server_id not in setup.overwrites("helper")
    await setup.run()
    assert fake.server_id not in setup.overwrites("helper")
    await setup.run("--private")
    assert setup.overwrites("helper")[fake.server_id] == (0, VIEW)
    await setup.run()
    assert setup.overwrites("helper")[fake.server_id] == (0, VIEW)
    await setup.run("--open")
    assert setup.overwrites("helper")[fake.server_id] == (0, 0)


async def test_again_it_changes_nothing_and_repairs_what_broke(setup: Setup, fake: FakeDiscord) -> None:
    await setup.run()
    before = [dict(each) for each in fake.world.channels.values()]
    assert (await setup.run())[0] == exits.DONE
    assert [dict(each) for each in fake.world.channels.values()] == before
    assert len(setup.greetings()) == 1
    fake.world.delete_channel(setup.channels()["helper"]["id"])
    assert (await setup.run())[0] == exits.DONE
    assert sorted(setup.channels()) == ["Night Shift", "bridge", "helper"]


async def test_what_others_wrote_over_a_channel_stays(setup: Setup, fake: FakeDiscord) -> None:
    await setup.run()
    guest = fake.world.add_role("Guests")
    setup.channels()["helper"]["permission_overwrites"].append({"id": guest, "type": 0, "allow": "1024", "deny": "0"})
    await setup.run("--private")
    assert setup.overwrites("helper")[guest] == (1024, 0)


async def test_a_category_with_other_channels_in_it_is_left_as_it_is(setup: Setup, fake: FakeDiscord) -> None:
    category = fake.world.add_channel("night shift", type=4)
    fake.world.add_channel("chatter", parent_id=category)
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert "-    who sees the category: left as it is" in out
    assert setup.channels()["night shift"]["permission_overwrites"] == []
    assert setup.overwrites("helper")[fake.server_id] == (0, VIEW)


async def test_a_channel_of_other_people_is_used_and_stays_as_it_is(setup: Setup, fake: FakeDiscord) -> None:
    theirs = fake.world.add_channel("ops", topic="On call: Noor")
    setup.write(TEAM.replace("purpose: Helps.", f'purpose: Helps., channel: "{theirs}"'))
    code, _, _ = await setup.run()
    assert code == exits.DONE
    assert setup.channels()["ops"]["topic"] == "On call: Noor"
    assert setup.channels()["ops"]["permission_overwrites"] == []


async def test_where_every_channel_is_told_nothing_may_be_managed(setup: Setup, fake: FakeDiscord) -> None:
    bridge, ops = fake.world.add_channel("deck"), fake.world.add_channel("ops")
    told = TEAM.replace("purpose: Helps.", f'purpose: Helps., channel: "{ops}"')
    setup.write(told.replace("timezone: UTC", f'timezone: UTC\nchannel: "{bridge}"'))
    fake.world.give_bot(ALL & ~Permission.MANAGE_CHANNELS & ~Permission.MANAGE_ROLES)
    assert (await setup.run())[0] == exits.DONE
    assert sorted(setup.channels()) == ["deck", "ops"]


async def test_not_in_the_server_the_link_has_exactly_what_is_needed(setup: Setup, fake: FakeDiscord) -> None:
    fake.refuse("guild.get", DiscordError(404, 10004, "Unknown Guild"), DiscordError(404, 10004, "Unknown Guild"))
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert f"client_id={fake.world.application_id}" in err
    assert "scope=bot+applications.commands" in err
    assert f"permissions={int(TO_SET_UP)}" in err
    assert f"guild_id={fake.server_id}" in err
    assert setup.channels() == {}


@pytest.mark.parametrize("lost", [one for one in May if one & (NEEDED | TO_MANAGE)])
async def test_a_missing_permission_is_named_with_what_it_is_for(setup: Setup, fake: FakeDiscord, lost: May) -> None:
    fake.world.roles[fake.server_id]["permissions"] = "0"
    fake.world.give_bot(Permission(int(ALL) & ~int(lost)))
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert f"{str(lost.name).replace('_', ' ').title().replace(' In ', ' in ')} (to " in err
    fake.world.give_bot(ALL)
    assert (await setup.run())[0] == exits.DONE


@pytest.mark.parametrize("lost", [one for one in May if one & BETTER])
async def test_a_permission_that_may_be_missing_is_named_and_no_fault(
    setup: Setup, fake: FakeDiscord, lost: May
) -> None:
    fake.world.roles[fake.server_id]["permissions"] = "0"
    fake.world.give_bot(Permission(int(ALL) & ~int(lost)))
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert f"-    permissions: left out in the server as a whole: {uses(lost)}" in out
    assert sorted(setup.channels()) == ["Night Shift", "bridge", "helper"]


@pytest.mark.parametrize(
    ("token", "says"),
    [("Bot abc.def", "without the word Bot"), ("not-the-token", "Discord refuses the bot token"), ("", "is not set")],
)
async def test_a_bad_token_says_where_the_right_one_is(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, token: str, says: str
) -> None:
    monkeypatch.setenv(TOKEN, token)
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert says in err
    assert not token or token not in err


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"interactions_endpoint_url": "https://elsewhere.example"}, "Take the URL out"),
        ({"bot_require_code_grant": True}, "Switch off Requires OAuth2 Code Grant"),
    ],
)
async def test_an_application_that_cannot_work_says_what_to_change(
    setup: Setup, fake: FakeDiscord, facts: dict[str, object], says: str
) -> None:
    fake.world.application_facts = facts
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert says in err


async def test_a_role_that_is_not_there_or_an_apps_own_is_said(setup: Setup, fake: FakeDiscord) -> None:
    fake.world.roles[setup.role]["mentionable"] = False
    fake.world.give_bot(ALL & ~Permission.MENTION_EVERYONE)
    _, out, _ = await setup.run()
    assert "-    role approver: @Approvers; a waiting approval cannot call its members" in out
    fake.world.roles[setup.role]["managed"] = True
    assert "FAIL role approver: @Approvers belongs to an app" in (await setup.run())[1]
    del fake.world.roles[setup.role]
    code, out, err = await setup.run()
    assert f"FAIL role approver: the server has no role {setup.role}" in out
    assert code == exits.MISTAKE
    assert "role approver" in err


LANES = TEAM.replace('roles: {approver: "ROLE"}', 'lanes: {helper: "LANE"}, roles: {approver: "ROLE"}')


async def test_a_lane_role_closes_its_channel_also_in_an_open_team_and_twice_is_once(
    setup: Setup, fake: FakeDiscord
) -> None:
    lane = fake.world.add_role("Desk")
    setup.write(LANES.replace('"LANE"', f'"{lane}"'))
    code, out, _ = await setup.run("--open")
    assert code == exits.DONE
    assert "ok   lane role of helper: @Desk" in out
    assert "ok   who sees #helper: members of @Desk, members of role approver, ana, and the server's admin" in out
    told = setup.overwrites("helper")
    assert told[fake.server_id] == (0, VIEW)
    for let_in in (lane, setup.role, setup.ana):
        assert May(told[let_in][0]) & TO_SEE == TO_SEE
    assert fake.server_id not in setup.overwrites("bridge")
    before = copy.deepcopy(fake.world.channels)
    assert (await setup.run())[0] == exits.DONE
    assert fake.world.channels == before


async def test_a_lane_role_leaves_a_channel_of_other_people_to_them(setup: Setup, fake: FakeDiscord) -> None:
    theirs = fake.world.add_channel("ops")
    told = LANES.replace('"LANE"', f'"{fake.world.add_role("Desk")}"')
    setup.write(told.replace("purpose: Helps.", f'purpose: Helps., channel: "{theirs}"'))
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert f"-    who sees the channel {theirs}: yours, so it is left as it is" in out
    assert setup.channels()["ops"]["permission_overwrites"] == []


async def test_a_lane_role_that_is_not_there_or_an_apps_own_is_said_and_the_channel_closed(
    setup: Setup, fake: FakeDiscord
) -> None:
    lane = fake.world.add_role("Desk")
    setup.write(LANES.replace('"LANE"', f'"{lane}"'))
    fake.world.roles[lane]["managed"] = True
    code, out, _ = await setup.run("--open")
    assert (code, "FAIL lane role of helper: @Desk belongs to an app" in out) == (exits.MISTAKE, True)
    assert lane not in setup.overwrites("helper")
    assert setup.overwrites("helper")[fake.server_id] == (0, VIEW)
    assert "FAIL discord, lane role of helper: @Desk belongs to an app" in (await doctor(setup))[1]
    del fake.world.roles[lane]
    assert f"FAIL lane role of helper: the server has no role {lane}" in (await setup.run())[1]
    assert f"FAIL discord, lane role of helper: the server has no role {lane}" in (await doctor(setup))[1]


async def test_doctor_names_a_channel_that_a_lane_role_has_yet_to_close(setup: Setup, fake: FakeDiscord) -> None:
    await setup.run("--open")
    setup.write(LANES.replace('"LANE"', f'"{fake.world.add_role("Desk")}"'))
    code, out = await doctor(setup)
    assert code == exits.MISTAKE
    assert "FAIL discord, channel #helper: everybody sees it, though its agent has a lane role" in out
    await setup.run()
    assert (await doctor(setup))[0] == exits.DONE


async def test_who_has_a_role_here_but_not_there_is_named(setup: Setup, fake: FakeDiscord) -> None:
    assert "not given on the server" not in (await setup.run())[1]
    fake.world.member_roles[setup.ana] = []
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert "-    role approver: not given on the server, so they act there without it: ana" in out


async def test_somebody_who_is_not_in_the_server_is_named_and_let_in_later(setup: Setup, fake: FakeDiscord) -> None:
    roles = fake.world.member_roles.pop(setup.ana)
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert "-    people: not in the server, so they cannot see or press anything: ana" in out
    assert setup.ana not in setup.overwrites("helper")
    fake.world.member_roles[setup.ana] = roles
    await setup.run()
    assert setup.overwrites("helper")[setup.ana][0] & VIEW


async def test_a_full_category_is_said_and_the_other_channels_are_checked(setup: Setup, fake: FakeDiscord) -> None:
    category = fake.world.add_channel("Night Shift", type=4)
    for number in range(49):
        fake.world.add_channel(f"c{number}", parent_id=category)
    code, out, err = await setup.run()
    assert code == exits.MISTAKE
    assert "ok   channel bridge" in out
    assert "FAIL channel helper: The category has 50 channels" in out
    assert "Name another `category`" in err


@pytest.mark.parametrize("operation", ["users.me", "guild.get", "guild.channels", "channels.create"])
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.SERVER_ERROR])
async def test_without_discord_the_exit_code_says_so_and_the_next_run_goes_on(
    setup: Setup, fake: FakeDiscord, operation: str, fault: Fault
) -> None:
    fake.weather.plan(operation, *[fault] * 5)  # a question is asked again by itself
    code, _, err = await setup.run()
    assert code == exits.UNREACHABLE
    assert "Try again when Discord can be reached" in err
    fake.weather.planned.clear()
    assert (await setup.run())[0] == exits.DONE
    assert sorted(setup.channels()) == ["Night Shift", "bridge", "helper"]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.SERVER_ERROR_AFTER, Fault.BAD_GATEWAY_AFTER])
async def test_what_was_made_without_an_answer_is_found_and_not_made_twice(
    setup: Setup, fake: FakeDiscord, fault: Fault
) -> None:
    fake.weather.plan("channels.create", fault, fault, fault)
    assert (await setup.run())[0] == exits.DONE
    assert sorted(each["name"] for each in fake.world.channels.values()) == ["Night Shift", "bridge", "helper"]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.SERVER_ERROR_AFTER])
async def test_a_test_card_that_may_have_been_posted_is_looked_for_first(
    setup: Setup, fake: FakeDiscord, fault: Fault
) -> None:
    fake.weather.plan("messages.create", *[fault] * 5)
    assert (await setup.run())[0] == exits.DONE
    assert len(setup.greetings()) == 1


async def test_a_workspace_that_does_not_name_discord_is_told_how(setup: Setup) -> None:
    setup.write(TEAM[: TEAM.index("surfaces")])
    code, _, err = await setup.run()
    assert code == exits.MISTAKE
    assert 'surfaces: {discord: {server: "…"}}' in err


async def test_nobody_who_could_approve_is_said(setup: Setup) -> None:
    setup.write(TEAM.replace(', accounts: {discord: "ANA"}', ""))
    code, out, _ = await setup.run()
    assert code == exits.DONE
    assert "-    Discord accounts with role approver: nobody with that role has one" in out


async def doctor(setup: Setup) -> tuple[int, str]:
    code = await asyncio.to_thread(run_command, ["doctor", "-w", str(setup.folder)])
    return code, setup.capsys.readouterr().out


async def test_doctor_asks_the_same_questions_and_changes_nothing(setup: Setup, fake: FakeDiscord) -> None:
    await setup.run()
    before = len(fake.world.channels)
    code, out = await doctor(setup)
    assert code == exits.DONE
    assert "ok   discord, token: the bot quarterdeck" in out
    assert "ok   discord, server: First Light" in out
    assert "Manage Channels, Manage Roles can be taken away until the next set-up" in out
    assert "ok   discord, commands: the bot may have its own here" in out
    assert "ok   discord, role approver: @Approvers" in out
    assert len(fake.world.channels) == before


async def test_doctor_is_content_with_what_a_running_team_needs(setup: Setup, fake: FakeDiscord) -> None:
    await setup.run()
    fake.world.give_bot(Permission(int(TO_RUN)))
    code, out = await doctor(setup)
    assert code == exits.DONE
    assert "ok   discord, permissions: all that a running team needs\n" in out


async def test_doctor_names_the_channel_in_which_the_bot_lacks_something(setup: Setup, fake: FakeDiscord) -> None:
    await setup.run("--open")
    fake.world.take_away(setup.channels()["helper"]["id"], Permission.SEND_MESSAGES)
    code, out = await doctor(setup)
    assert code == exits.MISTAKE
    assert "FAIL discord, channel #helper: the bot lacks Send Messages" in out


async def test_doctor_before_the_set_up_says_what_is_missing(
    setup: Setup, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.world.roles[fake.server_id]["permissions"] = "0"
    fake.world.give_bot(ALL & ~Permission.READ_MESSAGE_HISTORY)
    code, out = await doctor(setup)
    assert code == exits.MISTAKE
    assert "FAIL discord, permissions: the bot lacks Read Message History (to find a card" in out
    monkeypatch.setenv(TOKEN, "")
    assert "FAIL discord: the workspace names it, but QUARTERDECK_DISCORD_TOKEN is not set" in (await doctor(setup))[1]


def in_terminal(setup: Setup) -> AbstractAsyncContextManager[Terminal]:
    variables = {"QUARTERDECK_DISCORD_API_URL": setup.fake.api_url}
    return terminal(("discord", "setup", "-w", str(setup.folder)), **variables)


async def test_in_a_terminal_it_asks_hides_waits_for_the_invitation_and_keeps_the_token(
    setup: Setup, fake: FakeDiscord
) -> None:
    (setup.folder / ".env").write_text("SOME_KEY=stays\n")
    fake.refuse("guild.get", *[DiscordError(404, 10004, "Unknown Guild")] * 3)
    async with in_terminal(setup) as person:
        await person.shows("Bot token, not shown:")
        assert "https://discord.com/developers/applications" in person.seen
        person.types("of-the-wrong-kind")
        await person.shows("FAIL Discord refuses the bot token")
        await person.shows("not shown:")
        person.types(fake.token)
        await person.shows("is not in the server")
        await person.shows("Waiting until that is done")
        await person.shows("[private]")
        person.types("everybody")
        await person.shows("Write private or open.")
        await person.shows("[private]")
        person.types("open")
        await person.shows("yes or no [yes]")
        person.types("no")
        await person.shows("Done.")
        assert await person.ends() == exits.DONE
        assert fake.token not in person.seen
    assert (setup.folder / ".env").read_text() == f"SOME_KEY=stays\n{TOKEN}={fake.token}\n"
    assert stat.S_IMODE((setup.folder / ".env").stat().st_mode) == 0o600
    assert fake.server_id not in setup.overwrites("helper")


async def test_the_press_of_the_test_cards_button_is_waited_for_and_answered(setup: Setup, fake: FakeDiscord) -> None:
    await setup.run()
    (setup.folder / ".env").write_text(f"{TOKEN}={fake.token}\n")
    async with in_terminal(setup) as person:
        await person.shows("yes or no [yes]")
        person.types("")
        await person.shows("Connected. Press it now")
        [card] = setup.greetings()
        acted = fake.people.press(card, encode(Verb.TRY, "setup", 0), setup.ana)
        await person.shows("ok   press: arrived, from ana")
        assert await person.ends() == exits.DONE
    assert "It works" in acted.said


async def test_what_discord_never_took_is_not_kept(setup: Setup, fake: FakeDiscord) -> None:
    async with in_terminal(setup) as person:
        for number in range(TRIES):
            await person.shows("not shown:")
            person.types(f"made-up-{number}")
        assert await person.ends() == exits.MISTAKE
    assert not (setup.folder / ".env").exists()
