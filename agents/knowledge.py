"""What an agent is told of shared work when it begins: what is known, what it was told, what was decided."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from agents.roster import AgentSpec, TopicSpec
from store.handle import Store
from store.kernel.canonical import Json, JsonObject
from store.queries.decisions import unacknowledged
from store.queries.notes import unread_notes
from store.queries.topics import topics
from store.records import Decision, Note, TopicVersion

TOPIC_BYTES = 6_000
"""What the topics of one layer may take together; one that does not fit is named, to be read with topic.read."""
NOTES_SHOWN = 10
DECISIONS_SHOWN = 10
WORDS_CHARS = 600
ACKNOWLEDGE_NOTE = "note.acknowledge"
ACKNOWLEDGE_DECISION = "decision.acknowledge"


class Content(NamedTuple):
    """One layer's content and where it comes from."""

    body: JsonObject
    owner: str
    version: str


def told(store: Store, specs: Sequence[TopicSpec]) -> Content:
    """These topics as they stand, in order, each with its version, while there is room for their words."""
    latest = topics(store, [spec.name for spec in specs])
    room, listed = TOPIC_BYTES, list[Json]()
    for spec in specs:
        version = latest.get(spec.name)
        size = len(json.dumps(version.text).encode()) if version else 0
        listed.append(_topic(spec, version, fits=size <= room))
        room -= size if size <= room else 0
    versions = ", ".join(f"{name}@{latest[name].number}" for name in sorted(latest))
    owners = ", ".join(dict.fromkeys(spec.writer for spec in specs))
    return Content({"topics": listed}, owners or "workspace", versions or "none")


def unread(store: Store, agent: AgentSpec) -> Content:
    """What the agent has not acknowledged, oldest first, if it can; strangers' words only a tool reads."""
    found = unread_notes(store, agent.id, NOTES_SHOWN) if ACKNOWLEDGE_NOTE in agent.tools else []
    return Content({"notes": [_note(note) for note in found]}, "agents", found[-1].id if found else "none")


def to_acknowledge(store: Store, agent: AgentSpec) -> Content:
    """Standing decisions that ask this agent, if it can acknowledge them, oldest first."""
    found = unacknowledged(store, agent.id)[:DECISIONS_SHOWN] if ACKNOWLEDGE_DECISION in agent.tools else []
    body: JsonObject = {"decisions": [_decision(one) for one, _ in found]}
    return Content(body, "agents", found[-1][0].id if found else "none")


def _topic(spec: TopicSpec, version: TopicVersion | None, *, fits: bool) -> JsonObject:
    known: JsonObject = {"topic": spec.name, "writer": spec.writer, "version": version.number if version else 0}
    if version is None:
        return {**known, "text": ""}
    return {**known, "text": version.text} if fits else {**known, "text": None, "read_with": "topic.read"}


def _note(note: Note) -> JsonObject:
    due = note.due_at.isoformat() if note.due_at else None
    known: JsonObject = {"id": note.id, "by": note.sender.id, "due_at": due}
    if note.tainted or len(note.text) > WORDS_CHARS:
        return {**known, "text": None, "read_with": "note.list"}
    return {**known, "text": note.text}


def _decision(one: Decision) -> JsonObject:
    known: JsonObject = {"id": one.id, "by": one.decided_by.id, "standing": one.standing.value}
    if one.tainted:
        return {**known, "subject": None, "choice": None, "read_with": "decision.list"}
    return {**known, "subject": one.subject[:WORDS_CHARS], "choice": one.choice[:WORDS_CHARS]}
