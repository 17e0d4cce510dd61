"""A real process on Discord: what is approved goes on; a form and a question that were open over a kill still count."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from blocks.cards import REASON_FIELD
from blocks.render.discord_confirm import BACK, read_mark
from blocks.tokens import Verb, decode
from bot.surfaces.discord.marks import is_card
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.queries import approvals, runs
from store.records import Approval, ApprovalState, CardKind, RunState, card_key
from tests.fake_discord.interaction import AnswerKind, Interaction, texts_in
from tests.fake_discord.people import clickables
from tests.fake_discord.server import FakeDiscord
from tests.scenarios.commands import WAIT_SECONDS, TeamProcess, launch
from tests.scenarios.three_surfaces import ASK
from tests.scenarios.workspaces import write_team

TEAM = """
name: Answering
timezone: UTC
agents:
  first: {purpose: Asks., routine: ask.py, tools: [metrics.record]}
  second: {purpose: Asks., routine: ask.py, tools: [metrics.record]}
people:
  cem: {name: Cem, roles: [approver], accounts: {discord: "CEM"}}
  ed: {name: Ed, roles: [], accounts: {discord: "ED"}}
surfaces:
  discord: {server: "SERVER"}
policy:
  - {id: ask, effect: human, agents: ["*"], tools: [metrics.record], require: {role: approver}}
"""


@dataclass
class OnDiscord:
    """A team on Discord, its record, Ed, who has agents run, and Cem, who decides."""

    folder: Path
    discord: FakeDiscord
    ed: str
    cem: str
    store: Store
    process: TeamProcess = field(init=False)

    @property
    def settings(self) -> dict[str, str]:
        token, url = self.discord.token, self.discord.api_url
        return {"QUARTERDECK_DISCORD_TOKEN": token, "QUARTERDECK_DISCORD_API_URL": url}

    async def start(self) -> None:
        sessions = self.sessions()
        self.process = launch(self.folder, env=self.settings)
        await asyncio.to_thread(self.process.ready)
        await self.until("it hears from Discord", lambda: self.sessions() > sessions)

    def sessions(self) -> int:
        return self.discord.gateway.identified

    async def until(self, what: str, holds: Callable[[], object]) -> None:
        """Waits for a condition without holding up the platform."""
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while not await asyncio.to_thread(holds):
            assert asyncio.get_running_loop().time() < deadline, f"never came true: {what}\n{self.process.log[-4000:]}"
            await asyncio.sleep(0.02)

    async def asks(self, agent: str) -> Approval:
        """Has the agent run, by a command, until its question stands on Discord."""
        await self.until("the commands are there", lambda: self.discord.world.commands)
        channel = self.discord.world.add_channel("anywhere")
        said = self.discord.people.slash(channel, self.ed, "deck run", what=agent)
        await self.until("the command is answered", lambda: said.first)
        await self.until("it asks", lambda: self._open(agent))
        [approval] = self._open(agent)
        await self.until("the question is shown", lambda: self._messages(CardKind.APPROVAL, approval.id))
        return approval

    def _open(self, agent: str) -> list[Approval]:
        return [one for one in approvals.open_approvals(self.store) if one.agent_id == agent]

    def _messages(self, kind: CardKind, record_id: str) -> list[dict[str, Any]]:
        key, channels = card_key(kind, record_id), list(self.discord.world.channels)
        return [each for channel in channels for each in self.discord.visible(channel) if is_card(each, key)]

    def message(self, kind: CardKind, record_id: str) -> dict[str, Any]:
        [message] = self._messages(kind, record_id)
        return message

    async def presses(self, message: dict[str, Any], verb: Verb) -> Interaction:
        ids = [str(one["custom_id"]) for one in clickables(message["components"])]
        custom_id = next(one for one in ids if one != BACK and decode(read_mark(one).token).verb is verb)
        acted = self.discord.people.press(message, custom_id, self.cem)
        await self.until("the press is answered", lambda: acted.first)
        return acted


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[OnDiscord]:
    discord = FakeDiscord()
    await discord.start()
    ed, cem, folder = discord.world.add_member("ed"), discord.world.add_member("cem"), tmp_path / "team"
    text = TEAM.replace('"CEM"', f'"{cem}"').replace('"ED"', f'"{ed}"').replace("SERVER", discord.server_id)
    write_team(folder, text, ask=ASK)
    database = Database(f"sqlite:///{folder / '.quarterdeck' / 'quarterdeck.db'}")
    store = Store(database, WallClock(), lambda _tx, _segment: None)
    team = OnDiscord(folder, discord, ed, cem, store)
    try:
        await team.start()
        yield team
    finally:
        team.process.kill()
        database.close()
        await discord.stop()


async def test_a_form_and_a_question_survive_a_kill(team: OnDiscord) -> None:
    first, second = await team.asks("first"), await team.asks("second")
    form = await team.presses(team.message(CardKind.APPROVAL, first.id), Verb.REJECT)
    assert form.answered is AnswerKind.MODAL
    question = await team.presses(team.message(CardKind.RUN, second.run_id), Verb.STOP)
    assert question.original is not None
    assert "Stop this run?" in question.said
    team.process.kill()
    await team.start()
    sent = team.discord.people.submit(form, {REASON_FIELD: "Not on a Friday."})
    await team.until("the form is answered", lambda: sent.said)
    assert sent.said == "Rejected. Thank you."
    assert approvals.approval(team.store, first.id).state is ApprovalState.REJECTED
    assert runs.run(team.store, second.run_id).stop_requested_by is None
    stopped = await team.presses(question.original, Verb.STOP)
    await team.until("the run is stopped", lambda: runs.run(team.store, second.run_id).state is RunState.CANCELLED)
    assert "Stop" in stopped.said
    await team.until("the card says who and where", lambda: "on Discord" in _words(team, first))
    assert "Cem" in _words(team, first)


async def test_an_approval_lets_the_run_go_on_and_its_card_loses_its_buttons(team: OnDiscord) -> None:
    asked = await team.asks("first")
    shown = team.message(CardKind.APPROVAL, asked.id)
    approved = await team.presses(shown, Verb.APPROVE)
    assert approved.said == "Approved. Thank you."
    await team.until("the run goes on to its end", lambda: runs.run(team.store, asked.run_id).state is RunState.DONE)
    assert approvals.approval(team.store, asked.id).state is ApprovalState.EXECUTED
    await team.until("the card says so", lambda: "on Discord" in _words(team, asked))
    after = team.message(CardKind.APPROVAL, asked.id)
    assert after["id"] == shown["id"]
    verbs = {decode(read_mark(str(one["custom_id"])).token).verb for one in clickables(after["components"])}
    assert verbs.isdisjoint({Verb.APPROVE, Verb.REJECT, Verb.EDIT})


def _words(team: OnDiscord, approval: Approval) -> str:
    return "\n".join(texts_in(team.message(CardKind.APPROVAL, approval.id)))
