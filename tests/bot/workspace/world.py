"""A small valid workspace on disk, and the tools it may name: what every test of the loader starts from."""

from pathlib import Path

from agents.authority.facts import FactType, ToolFacts
from store.records import Access

TEAM = """\
name: Harbour
timezone: Europe/London

agents:
  watch:
    purpose: Watches the machine.
    routine: routines/watch.py
    tools: [machine.read, files.move]
    settings:
      tidy_folder: inbox
      older_than_days: 30
    limits: {steps: 20, cost_usd: 0.25}
    schedules:
      often: {every: 10m, on_start: true}
      daily: {cron: "0 8 * * *"}
  notes:
    purpose: Writes notes.
    prompt: prompts/notes.md
    model: small
    tools: [digest.publish]

people:
  ann:
    roles: [owner, approver]
    accounts: {console: ann, slack: U012AB}
  ben: {roles: [approver]}

policy:
  starter: ask-for-writes
  rules:
    - id: no-big-moves
      effect: deny
      agents: [watch]
      tools: [files.move]
      when: {args.count: {gt: 100}}

approvals: {role: approver, expires: 4h}

models:
  small:
    id: openai/gpt-5-mini
    key_env: OPENAI_API_KEY
    input_usd_per_million: 0.25
    output_usd_per_million: 2.00
"""

TOOLS = {
    "machine.read": ToolFacts(name="machine.read", access=Access.READ, arguments={}),
    "files.move": ToolFacts(
        name="files.move",
        access=Access.WRITE,
        arguments={"count": FactType("number"), "folder": FactType("text"), "dry": FactType("flag")},
    ),
    "mail.send": ToolFacts(
        name="mail.send", access=Access.EGRESS, irreversible=True, arguments={"recipients": FactType("number")}
    ),
    "digest.publish": ToolFacts(name="digest.publish", access=Access.WRITE, arguments={}),
}


def make_workspace(root: Path, team: str = TEAM) -> Path:
    """Writes the workspace to `root` and returns it."""
    for folder in ("routines", "prompts", "inbox"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "routines/watch.py").write_text("async def run(ctx):\n    return None\n")
    (root / "prompts/notes.md").write_text("Write notes.\n")
    (root / "team.yaml").write_text(team, encoding="utf-8")
    return root
