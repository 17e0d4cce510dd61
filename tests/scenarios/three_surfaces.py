"""One team at work on Slack, on Discord and at the console together: its people, and what each of them sees."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from blocks.cards import REASON_FIELD
from blocks.render.discord import pressed_token
from blocks.tokens import Verb, decode
from bot.cli.local_api import LocalApi
from bot.surfaces.discord.marks import is_card
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.queries import approvals, cards
from store.records import Approval, CardKind, DeliveryState, card_key
from tests.bot.slack.conftest import member
from tests.emulator.fake_slack import TEAM as SLACK_TEAM
from tests.emulator.fake_slack import FakeSlack
from tests.fake_discord.interaction import Interaction, texts_in
from tests.fake_discord.judging import EPHEMERAL
from tests.fake_discord.people import clickables
from tests.fake_discord.server import FakeDiscord
from tests.scenarios.browser import Browser, Page, logged_in
from tests.scenarios.commands import MAIN, WAIT_SECONDS, launch, until
from tests.scenarios.workspaces import write_team

SURFACES = ("console", "discord", "slack")
BEN, DOT = "U000000002", "U000000004"
"""Their accounts on Slack."""
PAIR = "pair"
"""The agent whose calls two people decide."""

AT_ANY_PACE = f"""
import bot.surfaces.slack.surface as slack
from tests.emulator.surfaces import fast_pacer
slack.Pacer = fast_pacer
{MAIN}
"""
"""The program, but for the pace that Slack asks for: fifty edits a minute would take a quarter of an hour for 200."""

TEAM = """
name: Everywhere
timezone: UTC
agents:
AGENTS
  pair: {purpose: Asks two people., routine: ask.py, tools: [metrics.record]}
people:
  ana: {name: Ana, roles: [approver]}
  ben: {name: Ben, roles: [approver], accounts: {slack: U000000002}}
  cem: {name: Cem, roles: [approver], accounts: {discord: "CEM"}}
  dot: {name: Dot, roles: [approver], accounts: {slack: U000000004, discord: "DOT"}}
  ed: {name: Ed, roles: []}
surfaces:
  slack: {}
  discord: {server: "SERVER", roles: {approver: "ROLE"}}
policy:
  - {id: ask, effect: human, agents: [ASKERS], tools: [metrics.record], require: {role: approver}}
  - {id: two, effect: human, agents: [pair], tools: [metrics.record], require: {role: approver, quorum: 2}}
"""
AGENT = "  NAME: {purpose: Asks., routine: ask.py, tools: [metrics.record]}\n"
ASK = """
from agents.minds.routine import ToolRefused


async def run(ctx):
    reading = {"metric": "asked", "value": "1", "unit": "", "at": ctx.due_at.isoformat()}
    try:
        await ctx.call("metrics.record", readings=[reading])
    except ToolRefused as no:
        return {"no": no.message}
"""


@dataclass
class Everywhere:
    """A running team, its record, and its people: Ana at the console, Ben on Slack, Cem on Discord, Dot on all three.

    `cem` and `dot` are their accounts on Discord, `at_console` is who has logged in there, by person.
    """

    slack: FakeSlack
    discord: FakeDiscord
    role: str
    cem: str
    dot: str
    store: Store
    api: LocalApi
    at_console: Mapping[str, Browser]

    async def until(self, what: str, holds: Callable[[], object], within_seconds: float = WAIT_SECONDS) -> None:
        """Waits for a condition without holding up the platforms."""
        deadline = asyncio.get_running_loop().time() + within_seconds
        while not await asyncio.to_thread(holds):
            assert asyncio.get_running_loop().time() < deadline, f"never came true: {what}"
            await asyncio.sleep(0.02)

    async def asked(self, agents: tuple[str, ...]) -> list[Approval]:
        """Has these agents ask, and waits until every question stands on every surface."""
        before = {one.id for one in approvals.open_approvals(self.store)}
        for agent in agents:
            said = await asyncio.to_thread(self.api.command, f"run {agent}")
            assert said.ok, said.words
        await self.until("everybody asks", lambda: len(self.open() - before) == len(agents))
        found = [approvals.approval(self.store, one) for one in sorted(self.open() - before)]
        await self.until("all questions are everywhere", lambda: all(self.settled(one) for one in found))
        return found

    def open(self) -> set[str]:
        """The ids of all questions nobody has decided."""
        return {one.id for one in approvals.open_approvals(self.store)}

    def now(self, approval: Approval) -> Approval:
        """The approval as it stands."""
        return approvals.approval(self.store, approval.id)

    def settled(self, approval: Approval) -> bool:
        """True when every surface was shown the card's latest revision."""
        key = card_key(CardKind.APPROVAL, approval.id)
        row, held = cards.card(self.store, key), [cards.delivery(self.store, key, surface) for surface in SURFACES]
        return row is not None and all(
            one is not None and one.state is DeliveryState.POSTED and one.revision == row.revision for one in held
        )

    def on_slack(self, approval: Approval) -> dict[str, Any]:
        """The one message of the approval there, as it reads at this moment."""
        key = card_key(CardKind.APPROVAL, approval.id)
        found = [
            {**message, "channel": channel}
            for channel, messages in self.slack.messages.items()
            for message in messages
            if message["metadata"]["event_payload"]["key"] == key
        ]
        assert len(found) == 1, f"{key} stands {len(found)} times on Slack"
        return found[0]

    def on_discord(self, approval: Approval) -> dict[str, Any]:
        """The one message of the approval there, as it reads at this moment."""
        key = card_key(CardKind.APPROVAL, approval.id)
        channels = list(self.discord.world.channels)
        found = [each for channel in channels for each in self.discord.visible(channel) if is_card(each, key)]
        assert len(found) == 1, f"{key} stands {len(found)} times on Discord"
        return deepcopy(found[0])

    async def seen(self, approval: Approval, who: str = "ana") -> "Seen":
        """What stands on the three surfaces at this moment, at the console for this person."""
        page = await self.at_console[who].page(f"/approvals/{approval.id}")
        return Seen(page, self.on_slack(approval), self.on_discord(approval))

    def closed(self, approval: Approval) -> bool:
        """True when it can be decided neither on Slack nor on Discord any more."""
        shown = slack_button(self.on_slack(approval)) or discord_button(self.on_discord(approval))
        return shown is None

    async def decide_at_console(self, page: Page, *, approve: bool, who: str = "ana") -> str:
        """On a page that this person had before them; gives what they are told."""
        verb, fields = (Verb.APPROVE, {}) if approve else (Verb.REJECT, {REASON_FIELD: "Not today."})
        return str((await self.at_console[who].press(page.forms[verb], **fields))["text"])

    async def approve_on_slack(self, message: dict[str, Any], account: str = BEN) -> None:
        """Whoever it was is answered in a while, like everybody there, in `slack.said_privately`."""
        await self.slack.deliver(f"{account}.{message['ts']}", "interactive", _slack_press(message, account))

    async def approve_on_discord(self, message: dict[str, Any], user_id: str | None = None) -> str:
        """As Cem where nobody else is named; gives what only that person is told."""
        button = discord_button(message)
        assert button is not None
        acted = self.discord.people.press_raw(message, button["custom_id"], user_id or self.cem)
        await self.until("Discord tells them", lambda: _said_privately(acted))
        assert not acted.refused, acted.refused
        return _said_privately(acted)


@dataclass(frozen=True)
class Seen:
    """One approval as it was shown on the three surfaces at one moment."""

    page: Page
    slack: dict[str, Any]
    discord: dict[str, Any]

    @property
    def undecided(self) -> dict[str, bool]:
        """Where it can be decided."""
        shown = slack_button(self.slack) is not None, discord_button(self.discord) is not None
        return {"console": Verb.APPROVE in self.page.forms, "slack": shown[0], "discord": shown[1]}

    @property
    def words(self) -> dict[str, str]:
        """Everything that can be read there, on one line."""
        slack, discord = "\n".join(_texts(self.slack["blocks"])), "\n".join(texts_in(self.discord["components"]))
        shown = {"console": re.sub(r"<[^>]+>", " ", self.page.text), "slack": slack, "discord": discord}
        return {surface: " ".join(unescape(words).replace("*", "").split()) for surface, words in shown.items()}


@asynccontextmanager
async def everywhere(
    folder: Path, agents: tuple[str, ...], database_url: str | None = None, program: str = MAIN
) -> AsyncIterator[Everywhere]:
    """The team, at work; stopped in the end, and nothing went wrong meanwhile."""
    slack, discord = FakeSlack(users={each: member(each) for each in (BEN, DOT)}), FakeDiscord()
    await slack.start()
    await discord.start()
    role = discord.world.add_role("Approvers")
    cem, dot = (discord.world.add_member(name, [role]) for name in ("cem", "dot"))
    text = TEAM.replace("AGENTS\n", "".join(AGENT.replace("NAME", name) for name in agents))
    text = text.replace("ASKERS", ", ".join(agents))
    for name, value in (("CEM", cem), ("DOT", dot), ("SERVER", discord.server_id), ("ROLE", role)):
        text = text.replace(f'"{name}"', f'"{value}"')
    write_team(folder, text, ask=ASK)
    team = launch(folder, env=_settings(slack, discord, database_url), program=program)
    database = Database(database_url or f"sqlite:///{folder / '.quarterdeck' / 'quarterdeck.db'}")
    try:
        await asyncio.to_thread(team.ready)
        await asyncio.to_thread(until, "Dot is told where to log in", lambda: "dot" in team.everybody())
        urls, store = team.everybody(), Store(database, WallClock(), lambda tx, segment: None)
        async with logged_in(urls[""]) as ana, logged_in(urls["dot"]) as dots:
            at_console = {"ana": ana, "dot": dots}
            yield Everywhere(slack, discord, role, cem, dot, store, LocalApi(folder, "ed"), at_console)
        assert await asyncio.to_thread(team.stop) == 0, team.log
        assert "Traceback" not in team.log, team.log
    except BaseException:
        print(team.log[-8000:])
        raise
    finally:
        database.close()
        team.kill()
        await discord.stop()
        await slack.stop()


def _settings(slack: FakeSlack, discord: FakeDiscord, database_url: str | None) -> dict[str, str]:
    database = {"QUARTERDECK_DATABASE_URL": database_url} if database_url else {}
    return {
        **database,
        "QUARTERDECK_SLACK_BOT_TOKEN": "xoxb-everywhere",
        "QUARTERDECK_SLACK_APP_TOKEN": "xapp-everywhere",
        "QUARTERDECK_SLACK_API_URL": slack.api_url,
        "QUARTERDECK_DISCORD_TOKEN": discord.token,
        "QUARTERDECK_DISCORD_API_URL": discord.api_url,
        "QUARTERDECK_SWEEP_SECONDS": "1",
    }


def _said_privately(acted: Interaction) -> str:
    # An answer that was put off stands beside the message that was pressed on, which everybody sees.
    answers = [acted.original, *acted.followups]
    return "\n".join(text for one in answers if one and one["flags"] & EPHEMERAL for text in texts_in(one))


def discord_button(message: dict[str, Any]) -> dict[str, Any] | None:
    """The button that approves; None where there is none any more."""
    found = ((part, pressed_token(part)) for part in clickables(message["components"]))
    return next((part for part, token in found if token and decode(token).verb is Verb.APPROVE), None)


def slack_button(message: dict[str, Any]) -> dict[str, Any] | None:
    """The same on Slack, with the block that it stands in."""
    rows = [block for block in message["blocks"] if block["type"] == "actions"]
    buttons = [{**button, "block_id": row["block_id"]} for row in rows for button in row["elements"]]
    return next((button for button in buttons if button.get("text", {}).get("text") == "Approve"), None)


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for each in part for text in _texts(each)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    return [*own, *(text for each in part.values() for text in _texts(each))]


def _slack_press(message: dict[str, Any], account: str) -> dict[str, Any]:
    button = slack_button(message)
    assert button is not None
    return {
        "type": "block_actions",
        "team": {"id": SLACK_TEAM},
        "user": {"id": account, "team_id": SLACK_TEAM},
        "channel": {"id": message["channel"]},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": message["channel"]},
        "trigger_id": f"press.{message['ts']}.t",
        "actions": [{**button, "action_ts": "1.1"}],
    }
