"""Forgetting what is old enough: in batches small enough that nobody waits, and never anything that is open."""

import hashlib
import json

import sqlalchemy as sa
from pydantic import JsonValue

from store import schema
from store.actions.action import action
from store.kernel.canonical import JsonObject
from store.records.actor import SYSTEM
from store.records.card import CardKind
from store.records.retention import Cutoffs, Swept
from store.records.step import StepKind
from store.retained import RECORDS, RULES, RunStage, due_runs
from store.transaction import Tx

FORGOTTEN = "forgotten_sha256"
"""The one key of what stands where a body stood."""
BATCH_RUNS = 50
BATCH_ROWS = 500


@action("retention.runs")
def forget_runs(tx: Tx, stage: RunStage, cutoffs: Cutoffs) -> int:
    """Forgets what this stage forgets of at most 50 ended runs, and returns of how many.

    The run, its outcome and the hash of each request stay; in place of a body stands its SHA-256. What a person decided
    stays until the approval goes.
    """
    due: list[str] = list(tx.connection.execute(due_runs(stage, cutoffs).limit(BATCH_RUNS)).scalars())
    for run_id in due:
        (_forget_steps if stage.mark == RECORDS else _forget_words)(tx, run_id)
    runs = schema.runs
    tx.connection.execute(runs.update().where(runs.c.id.in_(due)).values(forgotten=stage.mark))
    return len(due)


@action("retention.rows")
def forget_rows(tx: Tx, position: int, cutoffs: Cutoffs) -> int:
    """Forgets at most 500 rows by the rule at this position of RULES, and returns how many."""
    rule = RULES[position]
    keys = [*rule.table.primary_key.columns]
    due = tx.connection.execute(sa.select(*keys).where(*rule.where(cutoffs)).limit(BATCH_ROWS)).all()
    for row in due:
        this = [column == value for column, value in zip(keys, row, strict=True)]
        change = rule.table.delete() if rule.values is None else rule.table.update().values(dict(rule.values))
        tx.connection.execute(change.where(*this))
    return len(due)


@action("retention.swept")
def note_sweep(tx: Tx, cutoffs: Cutoffs, swept: Swept) -> None:
    """Puts on the trail up to when what was forgotten, whatever there was to forget."""
    tx.audit(
        "retention.swept",
        SYSTEM,
        ("record", "retention"),
        content_before=cutoffs.content,
        records_before=cutoffs.records,
        approvals_before=cutoffs.approvals,
        forgotten=tuple(f"{what}: {number}" for what, number in sorted(swept.counts.items())),
    )


def _forget_words(tx: Tx, run_id: str) -> None:
    """What models were told and said, what strangers wrote, and what the session knew in words."""
    runs, steps, messages = schema.runs, schema.steps, schema.run_messages
    run = tx.connection.execute(sa.select(runs.c.tainted, runs.c.trigger).where(runs.c.id == run_id)).one()
    of_run = sa.select(steps.c.key, steps.c.kind, steps.c.request, steps.c.result, steps.c.approval_id)
    for step in tx.connection.execute(of_run.where(steps.c.run_id == run_id)).all():
        is_words = step.kind == StepKind.MODEL.value or (run.tainted and step.approval_id is None)
        if is_words:
            bodies = {"request": _in_place_of(step.request), "result": _in_place_of(step.result)}
            this = (steps.c.run_id == run_id, steps.c.key == step.key)
            tx.connection.execute(steps.update().where(*this).values(bodies))
    tx.connection.execute(messages.update().where(messages.c.run_id == run_id).values(text=""))
    receipts = schema.receipts
    tx.connection.execute(receipts.update().where(receipts.c.run_id == run_id).values(context={}))
    if run.tainted:
        _forget_shown(tx, run_id)
        _forget_result(tx, run_id)
        tx.connection.execute(runs.update().where(runs.c.id == run_id).values(trigger={**run.trigger, "input": {}}))


def _forget_shown(tx: Tx, run_id: str) -> None:
    """Cards that quote the run's words, and what search knows of it."""
    cards, sought = schema.cards, schema.sought
    shown = (cards.c.record_id == run_id, cards.c.kind.in_([CardKind.RUN, CardKind.LOG]))
    tx.connection.execute(cards.update().where(*shown).values(snapshot=None, pending=False))
    tx.connection.execute(sought.delete().where(sought.c.kind == CardKind.RUN.value, sought.c.record_id == run_id))


def _forget_steps(tx: Tx, run_id: str) -> None:
    _forget_words(tx, run_id)
    steps = schema.steps
    tx.connection.execute(steps.delete().where(steps.c.run_id == run_id, steps.c.approval_id.is_(None)))
    for table in (schema.receipts, schema.run_messages):
        tx.connection.execute(table.delete().where(table.c.run_id == run_id))
    _forget_result(tx, run_id)


def _forget_result(tx: Tx, run_id: str) -> None:
    runs = schema.runs
    result = tx.connection.execute(sa.select(runs.c.result).where(runs.c.id == run_id)).scalar()
    tx.connection.execute(runs.update().where(runs.c.id == run_id).values(result=_in_place_of(result)))


def _in_place_of(body: JsonValue) -> JsonObject | None:
    """What stands where a body stood: its SHA-256, so that a copy kept elsewhere can still be told to be the one."""
    if body is None or (isinstance(body, dict) and body.keys() == {FORGOTTEN}):
        return body
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {FORGOTTEN: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()}
