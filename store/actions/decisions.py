"""Decisions: recorded once, acknowledged by whom they affect; where two contradict each other, that is said."""

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import close_cause, strike
from store.actions.insert import insert_once
from store.kernel.errors import NotFound, Refused, UserMistake
from store.records.actor import Actor
from store.records.card import CardKind
from store.records.decision import Acknowledgement, Decision, DecisionStanding
from store.rules.decisions import standings, subject_key
from store.transaction import Tx


@action("decisions.record")
def record_decision(tx: Tx, decision: Decision) -> Decision:
    """Puts a decision on record and on its card; one of this id that is there already is returned as it is.

    The decision named by `supersedes` no longer stands. One that contradicts another that still does opens the one card
    of their subject, in the team's own channel, until one of them is superseded. Raises UserMistake for a decision to
    supersede that is of another subject, or superseded already.
    """
    tx.keep_others_out(schema.decisions)
    made = decision.model_copy(
        update={"decided_at": tx.now, "subject_key": subject_key(decision.subject), "standing": DecisionStanding.STANDS}
    )
    if not insert_once(tx, schema.decisions, rows.values(made)):
        return _decision(tx, decision.id)
    if decision.supersedes is not None:
        _retire(tx, decision.supersedes, made)
    tx.audit(
        "decision.recorded",
        made.decided_by,
        ("decision", made.id),
        about=made.subject,
        affects=made.affects or None,
        supersedes=made.supersedes,
        run=made.run_id,
    )
    _show(tx, made)
    _settle(tx, made.subject_key)
    return _decision(tx, made.id)


@action("decisions.uphold")
def uphold_decision(tx: Tx, decision_id: str, actor: Actor, reason: str = "") -> Decision:
    """Lets this one stand: every other that contradicts it is superseded by it.

    Raises NotFound, and UserMistake when it does not stand itself.
    """
    tx.keep_others_out(schema.decisions)
    upheld = _decision(tx, decision_id)
    if upheld.standing is DecisionStanding.SUPERSEDED:
        raise UserMistake("This decision was superseded; record a new one instead.")
    if upheld.standing is DecisionStanding.STANDS:
        return upheld
    for other in _of_subject(tx, upheld.subject_key):
        if other.standing is DecisionStanding.CONTESTED and other.id != upheld.id:
            _supersede(tx, other, upheld.id)
    tx.audit("decision.upheld", actor, ("decision", decision_id), reason=reason or None)
    _settle(tx, upheld.subject_key)
    return _decision(tx, decision_id)


@action("decisions.acknowledge")
def acknowledge_decision(tx: Tx, decision_id: str, actor: Actor) -> bool:
    """Says that somebody it affects has taken note; False when they had before.

    Raises NotFound, and Refused (`decision.affects`) for somebody it does not name.
    """
    decision = _decision(tx, decision_id)
    if actor.id not in decision.affects:
        raise Refused(f"The decision {decision_id} does not ask {actor.id}.", "decision.affects")
    taken = Acknowledgement(decision_id=decision_id, who=actor.id, at=tx.now)
    if not insert_once(tx, schema.acknowledgements, rows.values(taken)):
        return False
    tx.audit("decision.acknowledged", actor, ("decision", decision_id))
    _show(tx, decision)
    return True


def _retire(tx: Tx, decision_id: str, by: Decision) -> None:
    old = _decision(tx, decision_id)
    if old.subject_key != by.subject_key:
        raise UserMistake(f"{decision_id} is about {old.subject!r}, not {by.subject!r}.", "Name one of this subject.")
    if old.standing is DecisionStanding.SUPERSEDED:
        raise UserMistake(f"{decision_id} was superseded already, by {old.superseded_by}.")
    _supersede(tx, old, by.id)


def _supersede(tx: Tx, old: Decision, by: str) -> None:
    tx.audit("decision.superseded", old.decided_by, ("decision", old.id), by=by)
    _change(tx, old, standing=DecisionStanding.SUPERSEDED, superseded_by=by)


def _settle(tx: Tx, key: str) -> None:
    """Marks which decisions of the subject contradict each other, and opens or closes the card that says so."""
    found = _of_subject(tx, key)
    stand = standings(found)
    for one in found:
        if one.standing is not stand[one.id]:
            _change(tx, one, standing=stand[one.id])
    contested = [one for one in found if stand[one.id] is DecisionStanding.CONTESTED]
    cause = f"decisions.contradict:{key}"
    if not contested:
        close_cause(tx, cause, closed_by=None)
        return
    strike(
        tx,
        cause=cause,
        kind="contradiction",
        title="Two decisions contradict each other",
        detail=f"{contested[0].subject}: {' / '.join(one.choice for one in contested)}",
        next_step="Press “Let this one stand” on the card of the decision that is right, or record a new one.",
        agent_id=None,
        run_id=contested[-1].run_id,
        example={f"decision {place}": one.id for place, one in enumerate(contested, 1)},
    )


def _of_subject(tx: Tx, key: str) -> list[Decision]:
    table = schema.decisions
    query = sa.select(table).where(table.c.subject_key == key).order_by(table.c.decided_at, table.c.id)
    return [rows.read(Decision, row) for row in tx.connection.execute(query)]


def _decision(tx: Tx, decision_id: str) -> Decision:
    row = tx.connection.execute(sa.select(schema.decisions).where(schema.decisions.c.id == decision_id)).first()
    if row is None:
        raise NotFound(f"There is no decision {decision_id}.")
    return rows.read(Decision, row)


def _change(tx: Tx, decision: Decision, **changes: object) -> None:
    changed = decision.model_copy(update={**changes, "revision": decision.revision + 1})
    columns = {name: value for name, value in rows.values(changed).items() if name in {*changes, "revision"}}
    tx.connection.execute(schema.decisions.update().where(schema.decisions.c.id == decision.id).values(columns))
    _show(tx, changed)


def _show(tx: Tx, decision: Decision) -> None:
    tx.show(CardKind.DECISION, decision.id, decision.agent_id)
