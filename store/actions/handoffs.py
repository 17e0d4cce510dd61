"""Handoffs: sent once, accepted or returned by their receiver alone, guarded by the breaker of their route."""

from collections.abc import Sequence

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import close_cause, strike
from store.actions.insert import insert_once
from store.actions.locked import locked_run
from store.actions.marks import note_uses
from store.actions.runs import is_paused, start_run
from store.kernel.errors import NotFound, Refused, UserMistake
from store.records.actor import Actor, ActorKind
from store.records.handoff import Breaker, Handoff, HandoffState
from store.records.intent import HandoffDraft, Waking
from store.records.mark import OutputKind
from store.records.run import Run, Trigger, TriggerKind
from store.rules.handoffs import Fate, Terms, after_return, chain, judge, require_way
from store.transaction import Tx

HANDOFF_INPUT = "handoff"
"""Under this name the input of a run that a handoff started holds its id."""
_BREAKER = "breaker"
_OPEN = (HandoffState.SENT, HandoffState.ACCEPTED)


@action("handoffs.send")
def send_handoff(tx: Tx, draft: HandoffDraft, terms: Terms, waking: Waking | None = None) -> Handoff:
    """Puts one attempt to hand work over on record and does with it what its route's breaker says.

    The sender, the initiator, taint and the way so far are read from the sending run, never from the draft. `waking`
    starts the receiver's run in the same transaction, once; a paused receiver is not started and finds the work when
    it runs. An attempt of this id that is on record is returned as it is. Raises Refused (`handoff.cycle`,
    `handoff.hops`, `handoff.self`) for work that may not take this way at all: nothing is recorded then.
    """
    run = locked_run(tx, draft.run_id)
    known = _find(tx, draft.id)
    if known is not None:
        return known
    attempt = _attempt(tx, run, draft)
    terms = terms if terms.otherwise not in attempt.path else terms._replace(otherwise=None)
    breaker = _locked_breaker(tx, attempt.route)
    sound = draft.objection is None
    reason = draft.objection or (None if draft.sure else f"its confidence of {draft.confidence} is below the floor")
    fate, after = judge(breaker, terms, sound=sound, sure=draft.sure, reason=reason, now=tx.now)
    _keep_breaker(tx, breaker, after)
    placed = _placed(attempt, fate, terms, reason if fate is Fate.DELIVER else reason or after.reason)
    tx.connection.execute(schema.handoffs.insert().values(_row(placed)))
    note_uses(tx, OutputKind.HANDOFF, placed.id, placed.origins)
    _note_sending(tx, placed)
    if placed.state is HandoffState.SENT:
        _wake(tx, placed, waking)
    if placed.state is HandoffState.HELD:
        _ask_person(tx, placed)
    elif breaker.is_open and not after.is_open:
        close_cause(tx, _cause(placed.route), closed_by=None)
    return placed


@action("handoffs.accept")
def accept_handoff(tx: Tx, handoff_id: str, run_id: str) -> Handoff:
    """Says that this run's agent takes the work on, which closes its route's breaker; what it has accepted stays so.

    Raises NotFound for work handed to somebody else, and UserMistake for work that is not there to be taken.
    """
    run, handoff = locked_run(tx, run_id), _mine(tx, handoff_id, run_id)
    if handoff.state is HandoffState.ACCEPTED:
        return handoff
    if handoff.state is not HandoffState.SENT:
        raise UserMistake(f"The handoff {handoff_id} is {handoff.state.value} and cannot be accepted.")
    if handoff.diverted_from is None:
        _keep_breaker(tx, _locked_breaker(tx, handoff.route), Breaker(route=handoff.route))
        close_cause(tx, _cause(handoff.route), closed_by=None)
    tx.audit("handoff.accepted", _agent(run.agent_id), ("handoff", handoff_id), run=run_id, sender=handoff.sender)
    return _change(tx, handoff, state=HandoffState.ACCEPTED, closed_at=tx.now, closed_run=run_id)


@action("handoffs.return")
def return_handoff(tx: Tx, handoff_id: str, run_id: str, reason: str, terms: Terms) -> Handoff:
    """Sends work back with a reason, which counts as a failure of its route; work returned already stays as it is.

    Raises NotFound for work handed to somebody else, and UserMistake for work that is not there to be returned.
    """
    run, handoff = locked_run(tx, run_id), _mine(tx, handoff_id, run_id)
    if handoff.state is HandoffState.RETURNED:
        return handoff
    if handoff.state not in _OPEN:
        raise UserMistake(f"The handoff {handoff_id} is {handoff.state.value} and cannot be returned.")
    breaker = _locked_breaker(tx, handoff.route)
    _keep_breaker(tx, breaker, after_return(breaker, terms, reason, tx.now))
    tx.audit("handoff.returned", _agent(run.agent_id), ("handoff", handoff_id), run=run_id, sender=handoff.sender)
    changes = {"state": HandoffState.RETURNED, "closed_at": tx.now, "closed_run": run_id}
    return _change(tx, handoff, reason=reason, reason_tainted=run.tainted, **changes)


@action("handoffs.release")
def release_route(tx: Tx, route: str, actor: Actor, waking: Waking | None = None) -> int:
    """Closes a route's breaker on a person's word; what was held and fits its contract is delivered, the rest dropped.

    Returns how many were delivered. A route whose breaker is closed and that holds nothing is left as it is.
    """
    breaker, held = _locked_breaker(tx, route), _held(tx, route)
    if not breaker.is_open and not held:
        return 0
    _keep_breaker(tx, breaker, Breaker(route=route))
    tx.audit("breaker.closed", actor, ("route", route), delivered=sum(one.sound for one in held))
    for one in held:
        _settle_held(tx, one, waking)
    close_cause(tx, _cause(route), closed_by=actor.id)
    return sum(one.sound for one in held)


def held_route(cause: str) -> str | None:
    """The route that an incident of this cause asks a person about; None for any other incident."""
    kind, _, route = cause.partition(":")
    return route if kind == _BREAKER else None


def _attempt(tx: Tx, run: Run, draft: HandoffDraft) -> Handoff:
    if draft.receiver == run.agent_id:
        raise Refused(f"{run.agent_id} cannot hand work to itself.", "handoff.self")
    parents = _parents(tx, run)
    way = chain(parents, run.id, run.agent_id)
    require_way(way, draft.receiver)
    return Handoff(
        id=draft.id,
        contract=draft.contract,
        sender=run.agent_id,
        receiver=draft.receiver,
        state=HandoffState.SENT,
        run_id=run.id,
        payload=draft.payload,
        confidence=draft.confidence,
        origins=draft.origins,
        initiator=_initiator(run, parents),
        tainted=run.tainted,
        root_run=way.root_run,
        hops=way.hops,
        path=way.path,
        sent_at=tx.now,
        sound=draft.objection is None,
    )


def _parents(tx: Tx, run: Run) -> list[Handoff]:
    """What woke the run, and what it has accepted since."""
    table, woke = schema.handoffs, run.trigger.input.get(HANDOFF_INPUT)
    by_it = run.trigger.kind is TriggerKind.HANDOFF and isinstance(woke, str)
    taken = sa.and_(table.c.closed_run == run.id, table.c.state == HandoffState.ACCEPTED.value)
    wanted = sa.or_(taken, table.c.id == woke) if by_it else taken
    found = tx.connection.execute(sa.select(table).where(wanted).order_by(table.c.sent_at, table.c.id))
    return [rows.read_body(Handoff, row) for row in found]


def initiator_of(tx: Tx, run: Run) -> Actor:
    """Whose wish the run carries out: its own initiator's, or the person's whose work it accepted."""
    return _initiator(run, _parents(tx, run))


def _initiator(run: Run, parents: Sequence[Handoff]) -> Actor:
    """A person's wish stays theirs, however many hands it passes through."""
    persons = (one.initiator for one in parents if one.initiator.is_person)
    own = run.trigger.initiator
    return own if own.is_person else next(persons, own)


def _placed(attempt: Handoff, fate: Fate, terms: Terms, reason: str | None) -> Handoff:
    if fate is Fate.DIVERT and terms.otherwise is not None:
        other = {"receiver": terms.otherwise, "diverted_from": attempt.receiver}
        return attempt.model_copy(update={**other, "reason": reason})
    state = {Fate.REFUSE: HandoffState.REFUSED, Fate.HOLD: HandoffState.HELD}.get(fate, HandoffState.SENT)
    return attempt.model_copy(update={"state": state, "reason": reason})


def _note_sending(tx: Tx, handoff: Handoff) -> None:
    facts = {"run": handoff.run_id, "contract": handoff.contract, "receiver": handoff.receiver, "hops": handoff.hops}
    tainted, reason = handoff.tainted or None, handoff.reason
    subject = ("handoff", handoff.id)
    tx.audit(f"handoff.{handoff.state.value}", _agent(handoff.sender), subject, tainted=tainted, reason=reason, **facts)


def _wake(tx: Tx, handoff: Handoff, waking: Waking | None) -> None:
    if waking is None or handoff.receiver not in waking.limits or is_paused(tx, handoff.receiver):
        return
    trigger = Trigger(
        kind=TriggerKind.HANDOFF,
        key=f"handoff:{handoff.id}",
        initiator=handoff.initiator,
        input={HANDOFF_INPUT: handoff.id},
        contract=f"{handoff.contract}.{handoff.receiver}",
    )
    limits = waking.limits[handoff.receiver]
    start_run(tx, agent_id=handoff.receiver, trigger=trigger, limits=limits, workspace_digest=waking.workspace_digest)


def _ask_person(tx: Tx, handoff: Handoff) -> None:
    waits = "It fits its contract and waits" if handoff.sound else "It does not fit its contract"
    strike(
        tx,
        cause=_cause(handoff.route),
        kind=_BREAKER,
        title=f"{handoff.sender} cannot hand {handoff.contract} to {handoff.diverted_from or handoff.receiver}",
        detail=f"{waits}: {handoff.reason}. Another try did not help, and no other path is left.",
        next_step="Look at what is held. Closing this card delivers what fits its contract and drops the rest.",
        agent_id=handoff.sender,
        run_id=handoff.run_id,
        example={"handoff": handoff.id, "at": tx.now.isoformat(), "reason": handoff.reason},
    )


def _settle_held(tx: Tx, handoff: Handoff, waking: Waking | None) -> None:
    if not handoff.sound:
        _change(tx, handoff, state=HandoffState.DROPPED, closed_at=tx.now)
        return
    _wake(tx, _change(tx, handoff, state=HandoffState.SENT), waking)


def _cause(route: str) -> str:
    return f"{_BREAKER}:{route}"


def _find(tx: Tx, handoff_id: str) -> Handoff | None:
    table = schema.handoffs
    row = tx.connection.execute(sa.select(table).where(table.c.id == handoff_id).with_for_update()).first()
    return rows.read_body(Handoff, row) if row else None


def _mine(tx: Tx, handoff_id: str, run_id: str) -> Handoff:
    """The handoff, if it is meant for the run's agent; what is meant for others is not known to it."""
    handoff = _find(tx, handoff_id)
    if handoff is None or handoff.receiver != locked_run(tx, run_id).agent_id:
        raise NotFound(f"There is no handoff {handoff_id} for you.")
    return handoff


def _held(tx: Tx, route: str) -> list[Handoff]:
    table = schema.handoffs
    query = sa.select(table).where(table.c.route == route, table.c.state == HandoffState.HELD.value).with_for_update()
    return [rows.read_body(Handoff, row) for row in tx.connection.execute(query.order_by(table.c.sent_at, table.c.id))]


def _locked_breaker(tx: Tx, route: str) -> Breaker:
    table = schema.breakers
    insert_once(tx, table, {"route": route, "body": Breaker(route=route).model_dump(mode="json")})
    row = tx.connection.execute(sa.select(table).where(table.c.route == route).with_for_update()).one()
    return rows.read_body(Breaker, row)


def _keep_breaker(tx: Tx, before: Breaker, after: Breaker) -> None:
    if before == after:
        return
    table = schema.breakers
    body = after.model_dump(mode="json")
    tx.connection.execute(table.update().where(table.c.route == after.route).values(body=body))


def _change(tx: Tx, handoff: Handoff, **changes: object) -> Handoff:
    changed = handoff.model_copy(update=changes)
    kept = {name: value for name, value in _row(changed).items() if name != "id"}
    tx.connection.execute(schema.handoffs.update().where(schema.handoffs.c.id == handoff.id).values(kept))
    return changed


def _row(handoff: Handoff) -> dict[str, object]:
    return {
        "id": handoff.id,
        "contract": handoff.contract,
        "sender": handoff.sender,
        "receiver": handoff.receiver,
        "state": handoff.state.value,
        "route": handoff.route,
        "run_id": handoff.run_id,
        "closed_run": handoff.closed_run,
        "sent_at": handoff.sent_at,
        "body": handoff.model_dump(mode="json"),
    }


def _agent(agent_id: str) -> Actor:
    return Actor(kind=ActorKind.AGENT, id=agent_id)
