"""topic.read, topic.write, topic.propose and topic.review: knowledge with one writer, proposals from all others."""

from agents.roster import Team, TopicSpec
from agents.tools.builtin.shapes import closed, list_of, shown, text
from agents.tools.builtin.working import REASON_CHARS, WHO_CHARS, given_text, worker
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.topics import propose_topic, review_proposal, write_topic
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Refused, UserMistake
from store.kernel.ids import derive
from store.queries import topics
from store.records import Access, Proposal, ProposalState, TopicVersion

TOPIC_CHARS, NAME_CHARS, LISTED = 12_000, 40, 50
_NAME: JsonObject = {**text(NAME_CHARS), "description": "A topic of this team"}
_PROPOSAL_ID: JsonObject = {"type": "string", "pattern": r"^proposal_[a-z2-7]{16}$", "description": "A proposal's id"}
_TOPIC = closed(
    {
        "topic": text(NAME_CHARS),
        "writer": text(WHO_CHARS),
        "version": {"type": "integer", "minimum": 0},
        "text": text(TOPIC_CHARS, at_least=0),
        "written_by": text(WHO_CHARS, at_least=0),
        "written_at": text(40, at_least=0),
    }
)
_PROPOSAL = closed(
    {
        "proposal": text(64),
        "topic": text(NAME_CHARS),
        "state": text(20),
        "by": text(WHO_CHARS),
        "why": text(REASON_CHARS, at_least=0),
        "based_on": {"type": "integer", "minimum": 0},
        "text": text(TOPIC_CHARS, at_least=0),
    }
)


async def _read(call: ToolCall, means: Means) -> JsonObject:
    found = _readable(call, means.team)
    latest = topics.topics(means.store, [one.name for one in found])
    waiting = [one for one in topics.waiting_proposals(means.store, call.agent.id, LISTED) if _asked(call, one)]
    told: list[Json] = [_told(one, latest.get(one.name)) for one in found]
    proposed: list[Json] = [_proposed(one) for one in waiting]
    return {"topics": told, "proposals": proposed}


def _readable(call: ToolCall, team: Team) -> tuple[TopicSpec, ...]:
    mine = team.topics_read_by(call.agent.id)
    name = call.arguments.get("topic")
    if name is None:
        return mine[:LISTED]
    found = tuple(one for one in mine if one.name == name)
    if not found:
        there_are = f"It reads {', '.join(one.name for one in mine)}." if mine else "It reads none."
        raise Refused(f"{call.agent.id} does not read a topic {name!r}. {there_are}", "topic.readers")
    return found


def _asked(call: ToolCall, proposal: Proposal) -> bool:
    return call.arguments.get("topic") in (None, proposal.topic)


def _told(spec: TopicSpec, version: TopicVersion | None) -> JsonObject:
    return {
        "topic": spec.name,
        "writer": spec.writer,
        "version": version.number if version else 0,
        "text": version.text[:TOPIC_CHARS] if version else "",
        "written_by": version.written_by.id if version else "",
        "written_at": shown(version.written_at) if version else "",
    }


def _proposed(one: Proposal) -> JsonObject:
    """A proposal as its topic's writer is told of it; what is in quarantine is a person's to read."""
    held = one.state is ProposalState.QUARANTINED
    return {
        "proposal": one.id,
        "topic": one.topic,
        "state": one.state.value,
        "by": one.proposed_by.id,
        "why": "" if held else one.why[:REASON_CHARS],
        "based_on": one.based_on,
        "text": "" if held else one.text[:TOPIC_CHARS],
    }


READ_TOPIC = Tool(
    spec=ToolSpec(
        name="topic.read",
        description=(
            "What is known: the topics this agent reads, or the one named, as they stand. For a topic's writer also "
            "the proposals that wait for topic.review; the words of one in quarantine are kept for a person."
        ),
        arguments=closed({"topic": _NAME}, optional=("topic",)),
        result=closed({"topics": list_of(_TOPIC, at_most=LISTED), "proposals": list_of(_PROPOSAL, at_most=LISTED)}),
        access=Access.READ,
    ),
    run=_read,
    summarise=lambda arguments: f"Reads {arguments.get('topic', 'what is known')}.",
)


async def _write(call: ToolCall, means: Means) -> JsonObject:
    spec, me = _declared(means.team, str(call.arguments["topic"])), worker(call, means)
    based_on = call.arguments.get("based_on")
    version = TopicVersion(
        topic=spec.name,
        number=0,
        text=str(call.arguments["text"]),
        why=given_text(call, "why"),
        written_by=me.actor,
        written_at=call.now,
        run_id=call.run_id,
    )
    written = write_topic(
        means.store,
        version,
        writer=spec.writer,
        based_on=based_on if isinstance(based_on, int) else None,
        tainted=me.run.tainted,
    )
    if isinstance(written, Proposal):
        return {"topic": spec.name, "state": written.state.value, "version": written.based_on, "proposal": written.id}
    return {"topic": spec.name, "state": "written", "version": written.number, "proposal": ""}


def _declared(team: Team, name: str) -> TopicSpec:
    spec = team.topics.get(name)
    if spec is None:
        there_are = f"There are {', '.join(team.topics)}." if team.topics else "The workspace declares none."
        raise UserMistake(f"There is no topic {name!r}.", there_are)
    return spec


_WRITTEN = closed(
    {
        "topic": text(NAME_CHARS),
        "state": text(20),
        "version": {"type": "integer", "minimum": 0},
        "proposal": text(64, at_least=0),
    }
)

WRITE_TOPIC = Tool(
    spec=ToolSpec(
        name="topic.write",
        description=(
            "Writes a topic this agent keeps: `text` replaces what it said, as its next version. `based_on` is the "
            "version that was read. After reading a stranger's words the text goes into quarantine instead, where it "
            "waits for a person; `state` says which."
        ),
        arguments=closed(
            {
                "topic": _NAME,
                "text": text(TOPIC_CHARS),
                "why": text(REASON_CHARS),
                "based_on": {"type": "integer", "minimum": 0},
            },
            optional=("why", "based_on"),
        ),
        result=_WRITTEN,
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_write,
    summarise=lambda arguments: f"Writes the topic {arguments['topic']}.",
)


async def _propose(call: ToolCall, means: Means) -> JsonObject:
    spec, me = _declared(means.team, str(call.arguments["topic"])), worker(call, means)
    proposal = Proposal(
        id=derive("proposal", call.idempotency_key),
        topic=spec.name,
        agent_id=spec.writer,
        text=str(call.arguments["text"]),
        why=str(call.arguments["why"]),
        proposed_by=me.actor,
        proposed_at=call.now,
        based_on=0,
        run_id=call.run_id,
    )
    kept = propose_topic(means.store, proposal, tainted=me.run.tainted)
    return {"topic": spec.name, "state": kept.state.value, "version": kept.based_on, "proposal": kept.id}


PROPOSE_TOPIC = Tool(
    spec=ToolSpec(
        name="topic.propose",
        description=(
            "Proposes a new text for a topic another agent keeps, with the reason; its writer, or a person, accepts or "
            "declines it. After reading a stranger's words only a person may accept it."
        ),
        arguments=closed({"topic": _NAME, "text": text(TOPIC_CHARS), "why": text(REASON_CHARS)}),
        result=_WRITTEN,
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_propose,
    summarise=lambda arguments: f"Proposes a text for {arguments['topic']}: {arguments['why']}",
)


async def _review(call: ToolCall, means: Means) -> JsonObject:
    me = worker(call, means)
    decided = review_proposal(
        means.store,
        str(call.arguments["proposal"]),
        me.actor,
        accept=call.arguments["accept"] is True,
        reason=str(call.arguments["reason"]),
        tainted=me.run.tainted,
    )
    return {"proposal": decided.id, "state": decided.state.value}


REVIEW_TOPIC = Tool(
    spec=ToolSpec(
        name="topic.review",
        description=(
            "Accepts or declines a proposal for a topic this agent keeps, with the reason. What is in quarantine only "
            "a person accepts."
        ),
        arguments=closed({"proposal": _PROPOSAL_ID, "accept": {"type": "boolean"}, "reason": text(REASON_CHARS)}),
        result=closed({"proposal": text(64), "state": text(20)}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_review,
    summarise=lambda arguments: f"{'Accepts' if arguments['accept'] else 'Declines'} {arguments['proposal']}.",
)
