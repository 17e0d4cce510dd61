"""The one file that the first hour writes: a whole team.yaml, commented where somebody will want to change it."""

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from agents.authority.starters import STARTERS
from agents.minds.builtins import BUILTINS, PREFIX
from bot.first_hour.choices import Platform, Rhythm, Talk
from bot.workspace.nodes import NOTHING

Setting: TypeAlias = str | int | bool
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./'-]*")
_ACCOUNTS: Mapping[Platform, str] = MappingProxyType(
    {
        "console": "",
        "slack": "  # to press buttons in Slack, a person needs accounts: {slack: U…}, the member ID\n",
        "discord": '  # to press buttons in Discord, a person needs accounts: {discord: "…"}, the User ID\n',
    }
)
_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "y", "n"})


class FirstAgent(NamedTuple):
    """The first agent: which builtin routine it thinks with, its settings, what it is for and what it owns."""

    id: str
    routine: str
    purpose: str
    owns: str
    settings: Mapping[str, Setting] = {}
    sources: Sequence[str] = ()


class FirstTeam(NamedTuple):
    """Everything the answers came to. `sections` are whole sections of the file, written as they stand."""

    name: str
    timezone: str
    talk: Talk
    agent: FirstAgent
    rhythm: Rhythm
    people: Mapping[str, str]
    policy: str
    sections: Sequence[str] = ()


def team_text(team: FirstTeam) -> str:
    """The file, whole."""
    parts = [_head(team), *team.sections, _agents(team), _people(team), _policy(team), _surfaces(team)]
    return "\n".join(part for part in parts if part)


def quoted(text: str) -> str:
    """Text as YAML reads it back unchanged; in quotes where it might be read as something else."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and text not in NOTHING
    if plain:
        return text
    return (
        f"'{text}'" if '"' in text and "'" not in text and text.isprintable() else json.dumps(text, ensure_ascii=False)
    )


def _head(team: FirstTeam) -> str:
    return (
        "# Every key there is: docs/workspace.md. `quarterdeck check` says what is wrong here, line by line.\n"
        "# A running team takes up what you change here as soon as you save it.\n\n"
        f"name: {quoted(team.name)}\ntimezone: {team.timezone}\n"
    )


def _agents(team: FirstTeam) -> str:
    agent = team.agent
    known = BUILTINS[PREFIX + agent.routine]
    lines = [
        "agents:",
        f"  {agent.id}:",
        f"    purpose: {quoted(agent.purpose)}",
        f"    routine: {PREFIX}{agent.routine}      # comes with Quarterdeck; docs/agents.md: your own",
        f"    tools: [{', '.join(known.tools)}]",
        *([f"    sources: [{', '.join(agent.sources)}]"] if agent.sources else []),
        *_settings(agent),
        f"    lane: {{owns: [{quoted(agent.owns)}]}}",
        "    schedules:",
        *_schedules(team.rhythm),
    ]
    return "\n".join(lines) + "\n"


def _settings(agent: FirstAgent) -> list[str]:
    if not agent.settings:
        return []
    return ["    settings:", *(f"      {key}: {_value(value)}" for key, value in agent.settings.items())]


def _value(value: Setting) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def _schedules(rhythm: Rhythm) -> list[str]:
    looks = [f"      look: {{every: {rhythm.every}, input: {{task: look}}}}"] if rhythm.every else []
    first = "      # on_start: also once whenever the team starts, so that there is a card at once"
    return [first, f'      digest: {{cron: "{rhythm.cron}", on_start: true, input: {{task: digest}}}}', *looks]


def _people(team: FirstTeam) -> str:
    rows = [
        f"  {person}: {{name: {quoted(name)}, roles: [{'owner, ' if first else ''}approver]}}"
        for first, (person, name) in zip([True] + [False] * len(team.people), team.people.items(), strict=False)
    ]
    return "people:\n" + _ACCOUNTS[team.talk.place] + "\n".join(rows) + "\n"


def _policy(team: FirstTeam) -> str:
    says = "\n".join(f"# {one.name}: {one.says[:1].lower()}{one.says[1:]}" for one in STARTERS.values())
    return f"{says}\npolicy: {team.policy}\n"


def _surfaces(team: FirstTeam) -> str:
    if team.talk.place == "discord":
        return f'surfaces: {{discord: {{server: "{team.talk.server}"}}}}\n'
    return "surfaces: {slack: {channel_prefix: deck-}}\n" if team.talk.place == "slack" else ""
