"""decision.record, decision.list and decision.acknowledge: what was chosen, and that those it affects know."""

from agents.tools.builtin.shapes import closed, list_of, shown, text
from agents.tools.builtin.working import (
    REASON_CHARS,
    TEXT_CHARS,
    TITLE_CHARS,
    WHO,
    WHO_CHARS,
    given_ids,
    given_text,
    holds_words,
    worker,
)
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.decisions import acknowledge_decision, record_decision
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake
from store.kernel.ids import derive
from store.queries.decisions import acknowledged_by, decisions
from store.records import Access, Decision

LISTED = 50
AFFECTED = 50
_DECISION_ID: JsonObject = {"type": "string", "pattern": r"^decision_[a-z2-7]{16}$", "description": "A decision's id"}
_DECISION = closed(
    {
        "id": text(64),
        "subject": text(TITLE_CHARS),
        "choice": text(REASON_CHARS),
        "why": text(TEXT_CHARS, at_least=0),
        "by": text(WHO_CHARS),
        "at": text(40),
        "standing": text(20),
        "affects": list_of(text(WHO_CHARS), at_most=AFFECTED),
        "unacknowledged": list_of(text(WHO_CHARS), at_most=AFFECTED),
        "tainted": {"type": "boolean"},
    }
)


async def _record(call: ToolCall, means: Means) -> JsonObject:
    me, affects = worker(call, means), given_ids(call, "affects")
    unknown = next((who for who in affects if who not in means.team.agents and who not in means.team.people), None)
    if unknown is not None:
        raise UserMistake(f"There is nobody called {unknown!r} here.")
    decision = Decision(
        id=derive("decision", call.idempotency_key),
        subject=str(call.arguments["subject"]),
        subject_key="",
        choice=str(call.arguments["choice"]),
        why=given_text(call, "why"),
        decided_by=me.actor,
        decided_at=call.now,
        affects=affects,
        supersedes=given_text(call, "supersedes") or None,
        run_id=call.run_id,
        agent_id=me.agent_id,
        tainted=me.run.tainted,
    )
    kept = record_decision(means.store, decision)
    return {"decision": kept.id, "standing": kept.standing.value}


RECORD_DECISION = Tool(
    spec=ToolSpec(
        name="decision.record",
        description=(
            "Puts a decision on record: its `subject`, what was chosen, and which agents and people it affects, who "
            "are told until they acknowledge it. `supersedes` names the decision of the same subject it replaces; two "
            "that contradict each other are shown to people."
        ),
        arguments=closed(
            {
                "subject": text(TITLE_CHARS),
                "choice": text(REASON_CHARS),
                "why": text(TEXT_CHARS, at_least=0),
                "affects": list_of(WHO, at_most=AFFECTED),
                "supersedes": _DECISION_ID,
            },
            optional=("why", "affects", "supersedes"),
        ),
        result=closed({"decision": text(64), "standing": text(20)}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_record,
    summarise=lambda arguments: f"Decides on {arguments['subject']}: {arguments['choice']}",
)


async def _list(call: ToolCall, means: Means) -> JsonObject:
    found = decisions(means.store, subject=given_text(call, "subject") or None, limit=LISTED)
    taken = acknowledged_by(means.store, [one.id for one in found])
    listed: list[Json] = [_told(one, taken[one.id]) for one in found]
    return {"decisions": listed, "tainted": any(one.tainted for one in found)}


def _told(one: Decision, taken: frozenset[str]) -> JsonObject:
    return {
        "id": one.id,
        "subject": one.subject[:TITLE_CHARS],
        "choice": one.choice[:REASON_CHARS],
        "why": one.why[:TEXT_CHARS],
        "by": one.decided_by.id,
        "at": shown(one.decided_at),
        "standing": one.standing.value,
        "affects": list[Json](one.affects),
        "unacknowledged": [who for who in one.affects if who not in taken],
        "tainted": one.tainted,
    }


LIST_DECISIONS = Tool(
    spec=ToolSpec(
        name="decision.list",
        description=(
            "Decisions that stand, newest first, of one `subject` where one is named. Of two that are `contested` only "
            "one can be right. A `tainted` one may hold a stranger's words."
        ),
        arguments=closed({"subject": text(TITLE_CHARS)}, optional=("subject",)),
        result=closed({"decisions": list_of(_DECISION, at_most=LISTED), "tainted": {"type": "boolean"}}),
        access=Access.READ,
        taints=True,
    ),
    taints_with=holds_words,
    run=_list,
    summarise=lambda arguments: f"Lists decisions about {arguments.get('subject', 'everything')}.",
)


async def _acknowledge(call: ToolCall, means: Means) -> JsonObject:
    decision_id = str(call.arguments["decision"])
    acknowledge_decision(means.store, decision_id, worker(call, means).actor)
    return {"decision": decision_id}


ACKNOWLEDGE_DECISION = Tool(
    spec=ToolSpec(
        name="decision.acknowledge",
        description="Says that this agent has taken note of a decision that affects it.",
        arguments=closed({"decision": _DECISION_ID}),
        result=closed({"decision": text(64)}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_acknowledge,
    summarise=lambda arguments: f"Takes note of the decision {arguments['decision']}.",
)
