"""The team that is killed: one agent passes every kind of step, one asks a model, one ticks each second."""

from dataclasses import dataclass
from pathlib import Path

from tests.crash.thinking import KEY_ENV

TEAM = """
name: Crash Test
timezone: UTC
agents:
  worker:
    name: Worker
    purpose: Passes every kind of step.
    routine: worker.py
    tools: [ledger.look, ledger.append, ledger.launch, metrics.record, alert.raise, alert.clear, digest.publish]
  thinker:
    name: Thinker
    purpose: Thinks.
    prompt: thinker.md
    model: small
    tools: [ledger.look]
  ticker:
    name: Ticker
    purpose: Ticks.
    routine: ticker.py
    tools: [ledger.look]
    schedules:
      second: {every: 1s, misfire: run_all, misfire_max: 100, overlap: queue, lateness: 1h, retries: 1}
people:
  ana: {name: Ana, roles: [approver], accounts: {console: ana, CHAT: ANA}}
  ben: {name: Ben, roles: [approver], accounts: {console: ben, CHAT: BEN}}
surfaces: {console: {}, CHAT: IN_TEAM}
models:
  small:
    id: openai/some-model
    api_base: PROVIDER/v1
    key_env: KEY_ENV
    input_usd_per_million: 0.25
    output_usd_per_million: 2.00
policy:
  - {id: reads, effect: allow, agents: ["*"], tools: [ledger.look]}
  - {id: own, effect: allow, agents: [worker], tools: [metrics.record, alert.raise, alert.clear, digest.publish]}
  - {id: final, effect: allow, agents: [worker], tools: [ledger.launch], when: {args.n: {lte: 10}}}
  - {id: ask, effect: human, agents: [worker], tools: [ledger.append], require: {role: approver, expires: 1h}}
"""

WORKER = """
from datetime import timedelta


async def run(ctx):
    await ctx.call("ledger.look", n=1)
    await ctx.call("ledger.launch", n=2)
    await ctx.call("ledger.append", n=3)
    await ctx.call("ledger.look", n=4)
    return {}
"""

TICKER = """
async def run(ctx):
    await ctx.call("ledger.look", n=0)
    return {}
"""


@dataclass(frozen=True)
class Chat:
    """The platform the people are on, their accounts there, and how the team's file says that it is there."""

    surface: str
    ana: str
    ben: str
    in_team: str = "{}"


SLACK = Chat("slack", "U000000001", "U000000002")


def write_workspace(folder: Path, provider_url: str, chat: Chat = SLACK) -> None:
    """Writes the team, whose model is asked at `provider_url`, into a new folder."""
    folder.mkdir()
    told = {"PROVIDER": provider_url, "KEY_ENV": KEY_ENV, "IN_TEAM": chat.in_team}
    told |= {"CHAT": chat.surface, "ANA": f'"{chat.ana}"', "BEN": f'"{chat.ben}"'}
    text = TEAM
    for name, value in told.items():
        text = text.replace(name, value)
    (folder / "team.yaml").write_text(text)
    (folder / "worker.py").write_text(WORKER)
    (folder / "ticker.py").write_text(TICKER)
    (folder / "thinker.md").write_text("You think.")
