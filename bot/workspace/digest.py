"""One digest for everything a workspace says, however its files are split, spaced or commented."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

from agents.minds.builtins import routine_source
from agents.roster import RoutineMind, Team
from store.kernel.canonical import call_hash
from store.records import Record

_LEFT_OUT = frozenset({"root", "digest", "registry"})
"""Where the files lie, the digest itself, and what the policy is read against: none of it is said by the workspace."""


def workspace_digest(team: Team) -> str:
    """SHA-256 in hex over the team's canonical form and the content of its routines; prompts are part of the team."""
    routines = {
        agent.mind.file: hashlib.sha256(routine_source(team.root, agent.mind.file)).hexdigest()
        for agent in team.agents.values()
        if isinstance(agent.mind, RoutineMind)
    }
    return call_hash({"team": _plain(_in_any_order(team)), "routines": routines})


def _in_any_order(team: Team) -> Team:
    """The team with what stems from mappings sorted, for the order of keys in a file says nothing."""
    by_id = {
        "schedules": tuple(sorted(team.schedules, key=lambda schedule: schedule.id)),
        "webhooks": tuple(sorted(team.webhooks, key=lambda webhook: webhook.id)),
    }
    return team.model_copy(update=by_id)


def _plain(value: object) -> object:
    if isinstance(value, Record):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields if name not in _LEFT_OUT}
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value) if one.name not in _LEFT_OUT}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return _plain_sequence(value)


def _plain_sequence(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value if value is None or isinstance(value, str | int) else str(value)
