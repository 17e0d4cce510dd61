"""Topics: one writer each, every version kept, and nothing of a stranger's let in without a person."""

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once
from store.kernel.errors import NotFound, Refused, UserMistake
from store.kernel.ids import derive
from store.records.actor import SYSTEM, Actor
from store.records.card import CardKind
from store.records.topic import Proposal, ProposalState, TopicVersion
from store.rules.topics import arrives_as, may_write, objection_to_review
from store.transaction import Tx


@action("topics.write")
def write_topic(
    tx: Tx, version: TopicVersion, *, writer: str, based_on: int | None = None, tainted: bool = False
) -> TopicVersion | Proposal:
    """Writes the topic's next version, whatever number the one given has; the same text again is the version it has.

    `writer` is who the workspace says may write; anybody else's call raises Refused (`topic.writer`). A tainted session
    writes nothing: its text becomes a proposal in quarantine, which is returned. `based_on` is the version the author
    read, None for whichever it is; another one now raises UserMistake.
    """
    if not may_write(version.written_by, writer):
        raise Refused(f"Only {writer} writes {version.topic}; propose it instead.", "topic.writer")
    tx.keep_others_out(schema.topic_versions)
    latest = _latest(tx, version.topic)
    number = latest.number if latest else 0
    if latest is not None and latest.text == version.text:
        return latest
    if based_on is not None and based_on != number:
        raise UserMistake(f"{version.topic} is at version {number} now, not {based_on}.", "Read it again first.")
    if tainted:
        return _propose(tx, _quarantined(version, writer, number), tainted=True)
    return _write(tx, version.model_copy(update={"number": number + 1}))


@action("topics.propose")
def propose_topic(tx: Tx, proposal: Proposal, *, tainted: bool = False) -> Proposal:
    """Keeps a proposal for the topic's writer; one of this id that is there already is returned as it is.

    From a session that has read strangers' words it goes into quarantine, and on a card: only a person may accept it.
    """
    latest = _latest(tx, proposal.topic)
    based_on = proposal.model_copy(update={"based_on": latest.number if latest else 0})
    return _propose(tx, based_on, tainted=tainted)


@action("topics.review")
def review_proposal(
    tx: Tx, proposal_id: str, reviewer: Actor, *, accept: bool, reason: str, tainted: bool = False
) -> Proposal:
    """Accepts a proposal as the topic's next version, or declines it; one that was decided is returned as it is.

    Whoever accepts answers for the words. Raises NotFound, Refused (`topic.review`) for somebody who may not decide,
    and UserMistake when the topic has changed since it was proposed and it would undo that.
    """
    tx.keep_others_out(schema.topic_versions)
    proposal = _proposal(tx, proposal_id)
    if not proposal.state.is_waiting:
        return proposal
    objection = objection_to_review(proposal, reviewer, accept=accept, tainted=tainted)
    if objection is not None:
        raise Refused(objection, "topic.review")
    if accept:
        _accept(tx, proposal, reviewer)
    state = ProposalState.ACCEPTED if accept else ProposalState.DECLINED
    tx.audit(f"topic.{state.value}", reviewer, ("topic", proposal.topic), proposal=proposal_id, reason=reason)
    decided = {"state": state, "reason": reason, "decided_by": reviewer, "decided_at": tx.now}
    changed = proposal.model_copy(update={**decided, "revision": proposal.revision + 1})
    tx.connection.execute(
        schema.proposals.update().where(schema.proposals.c.id == proposal_id).values(rows.values(changed))
    )
    _show(tx, changed)
    return changed


@action("topics.install")
def install_topic(tx: Tx, topic: str, text: str) -> bool:
    """Makes the words of the workspace's file the topic's version, unless they were one before; True when written.

    A file that was edited while the team was down is the newest word; one that was not leaves what agents wrote since.
    """
    tx.keep_others_out(schema.topic_versions)
    table = schema.topic_versions
    known = sa.select(sa.func.count()).where(table.c.topic == topic, table.c.text == text)
    if tx.connection.execute(known).scalar_one():
        return False
    latest = _latest(tx, topic)
    number = (latest.number if latest else 0) + 1
    _write(
        tx,
        TopicVersion(
            topic=topic, number=number, text=text, why="The workspace says so.", written_by=SYSTEM, written_at=tx.now
        ),
    )
    return True


def _accept(tx: Tx, proposal: Proposal, reviewer: Actor) -> None:
    latest = _latest(tx, proposal.topic)
    number = latest.number if latest else 0
    if number != proposal.based_on:
        raise UserMistake(
            f"{proposal.topic} has changed since: it is at version {number}, the proposal is of {proposal.based_on}.",
            "Decline it, or have it proposed again.",
        )
    _write(
        tx,
        TopicVersion(
            topic=proposal.topic,
            number=number + 1,
            text=proposal.text,
            why=proposal.why,
            written_by=reviewer,
            written_at=tx.now,
            run_id=proposal.run_id,
            proposal_id=proposal.id,
        ),
    )


def _write(tx: Tx, version: TopicVersion) -> TopicVersion:
    written = version.model_copy(update={"written_at": tx.now})
    tx.connection.execute(schema.topic_versions.insert().values(rows.values(written)))
    tx.audit("topic.written", version.written_by, ("topic", version.topic), version=version.number, run=version.run_id)
    return written


def _quarantined(version: TopicVersion, writer: str, based_on: int) -> Proposal:
    return Proposal(
        id=derive("proposal", version.topic, version.run_id or "", based_on, version.text),
        topic=version.topic,
        agent_id=writer,
        text=version.text,
        why=version.why,
        proposed_by=version.written_by,
        proposed_at=version.written_at,
        based_on=based_on,
        run_id=version.run_id,
    )


def _propose(tx: Tx, proposal: Proposal, *, tainted: bool) -> Proposal:
    made = proposal.model_copy(update={"state": arrives_as(tainted=tainted), "proposed_at": tx.now})
    if not insert_once(tx, schema.proposals, rows.values(made)):
        return _proposal(tx, proposal.id)
    tx.audit(
        "topic.proposed",
        made.proposed_by,
        ("topic", made.topic),
        proposal=made.id,
        state=made.state.value,
        run=made.run_id,
    )
    _show(tx, made)
    return made


def _latest(tx: Tx, topic: str) -> TopicVersion | None:
    table = schema.topic_versions
    query = sa.select(table).where(table.c.topic == topic).order_by(table.c.number.desc()).limit(1)
    row = tx.connection.execute(query).first()
    return rows.read(TopicVersion, row) if row else None


def _proposal(tx: Tx, proposal_id: str) -> Proposal:
    table = schema.proposals
    row = tx.connection.execute(sa.select(table).where(table.c.id == proposal_id).with_for_update()).first()
    if row is None:
        raise NotFound(f"There is no proposal {proposal_id}.")
    return rows.read(Proposal, row)


def _show(tx: Tx, proposal: Proposal) -> None:
    tx.show(CardKind.PROPOSAL, proposal.id, proposal.agent_id)
