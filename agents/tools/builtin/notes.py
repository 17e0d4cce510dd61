"""note.send, note.list and note.acknowledge: what agents tell each other, and that it was taken in."""

from agents.roster import Team
from agents.tools.builtin.shapes import closed, list_of, moment_of, shown, text
from agents.tools.builtin.working import (
    DUE,
    REASON_CHARS,
    TEXT_CHARS,
    WHO_CHARS,
    given_text,
    holds_words,
    require_moments,
    worker,
)
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.notes import acknowledge_note, send_note
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake
from store.kernel.ids import derive
from store.queries.notes import unread_notes
from store.records import Access, Note

LISTED = 50
ACKNOWLEDGE = "note.acknowledge"
_NOTE_ID: JsonObject = {"type": "string", "pattern": r"^note_[a-z2-7]{16}$", "description": "A note's id"}
_NOTE = closed(
    {
        "id": text(64),
        "by": text(WHO_CHARS),
        "text": text(TEXT_CHARS),
        "sent_at": text(40),
        "due_at": text(40, at_least=0),
        "tainted": {"type": "boolean"},
    }
)


async def _send(call: ToolCall, means: Means) -> JsonObject:
    reader, me = str(call.arguments["to"]), worker(call, means)
    require_reader(means.team, reader)
    note = Note(
        id=derive("note", call.idempotency_key),
        to_agent=reader,
        sender=me.actor,
        text=str(call.arguments["text"]),
        created_at=call.now,
        due_at=moment_of(given_text(call, "due_at")) if given_text(call, "due_at") else None,
        run_id=call.run_id,
        tainted=me.run.tainted,
    )
    return {"note": send_note(means.store, note).id}


def require_reader(team: Team, agent_id: str) -> None:
    """Raises UserMistake unless this is an agent of the team that can acknowledge what it is told."""
    able = [agent.id for agent in team.agents.values() if ACKNOWLEDGE in agent.tools]
    if agent_id not in able:
        there_are = f"Those who can are {', '.join(able)}." if able else f"Give an agent the tool {ACKNOWLEDGE}."
        raise UserMistake(f"There is no agent {agent_id!r} that can acknowledge a note.", there_are)


SEND_NOTE = Tool(
    spec=ToolSpec(
        name="note.send",
        description=(
            "Tells another agent something, which it must acknowledge before a session of its ends. `due_at` is until "
            "when; after that people are told."
        ),
        arguments=closed({"to": text(WHO_CHARS), "text": text(TEXT_CHARS), "due_at": DUE}, optional=("due_at",)),
        result=closed({"note": text(64)}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_send,
    summarise=lambda arguments: f"Tells {arguments['to']}: {arguments['text']}",
    check=require_moments,
)


async def _list(call: ToolCall, means: Means) -> JsonObject:
    found = unread_notes(means.store, call.agent.id, LISTED)
    listed: list[Json] = [_told(note) for note in found]
    return {"notes": listed, "tainted": any(note.tainted for note in found)}


def _told(note: Note) -> JsonObject:
    return {
        "id": note.id,
        "by": note.sender.id,
        "text": note.text[:TEXT_CHARS],
        "sent_at": shown(note.created_at),
        "due_at": shown(note.due_at) if note.due_at else "",
        "tainted": note.tainted,
    }


LIST_NOTES = Tool(
    spec=ToolSpec(
        name="note.list",
        description=(
            "What the agent was told and has not acknowledged yet, oldest first. A `tainted` note may hold a "
            "stranger's words."
        ),
        arguments=closed({}),
        result=closed({"notes": list_of(_NOTE, at_most=LISTED), "tainted": {"type": "boolean"}}),
        access=Access.READ,
        taints=True,
    ),
    taints_with=holds_words,
    run=_list,
    summarise=lambda _: "Lists the agent's unread notes.",
)


async def _acknowledge(call: ToolCall, means: Means) -> JsonObject:
    answer = given_text(call, "answer") or None
    note = acknowledge_note(means.store, str(call.arguments["note"]), worker(call, means).actor, answer)
    return {"note": note.id}


ACKNOWLEDGE_NOTE = Tool(
    spec=ToolSpec(
        name=ACKNOWLEDGE,
        description="Says that a note to this agent was taken in, with an `answer` where there is one.",
        arguments=closed({"note": _NOTE_ID, "answer": text(REASON_CHARS)}, optional=("answer",)),
        result=closed({"note": text(64)}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_acknowledge,
    summarise=lambda arguments: f"Acknowledges the note {arguments['note']}.",
)
