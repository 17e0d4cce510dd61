"""The audit chain: any changed, deleted, swapped or added event is found."""

import hashlib
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from store import schema
from store.actions import Store
from store.actions.runs import finish_run
from store.audit import GENESIS, Head, verify_chain
from store.kernel.errors import DatabaseUnavailable
from store.queries import audit
from store.records import RunState
from tests.store.conftest import START
from tests.store.samples import asked, running


def chain(store: Store) -> list[tuple[int, str, str]]:
    running(store, "a")
    asked(store, running(store, "b"))
    finish_run(store, running(store, "c").id, state=RunState.DONE)
    with store.database.read() as connection:
        found = connection.execute(sa.select(schema.audit).order_by(schema.audit.c.seq)).all()
    return [(row.seq, row.body, row.hash) for row in found]


def test_an_honest_trail_holds(store: Store) -> None:
    rows = chain(store)
    head, broken = audit.verify_audit(store)
    assert broken is None
    assert (head.seq, head.hash) == (rows[-1][0], rows[-1][2])
    assert len(rows) > 5


def test_every_single_change_is_found(store: Store) -> None:
    rows = chain(store)
    head = Head(rows[-1][0], rows[-1][2])
    for place in range(len(rows)):
        seq, body, digest = rows[place]
        changed = [*rows[:place], (seq, body.replace("run", "ruin", 1), digest), *rows[place + 1 :]]
        deleted = [*rows[:place], *rows[place + 1 :]]
        assert verify_chain(changed, head) is not None
        assert verify_chain(deleted, head) is not None
    swapped = [rows[1], rows[0], *rows[2:]]
    assert verify_chain(swapped, head) is not None
    assert verify_chain(rows[:-1], head) is not None
    assert verify_chain([*rows, (head.seq + 1, rows[-1][1], rows[-1][2])], head) is not None


def test_an_empty_trail_holds() -> None:
    assert verify_chain([], Head(0, GENESIS)) is None


def tamper(store: Store, statement: sa.Executable) -> None:
    """Changes the trail as somebody could who owns the database: its own guard is taken away first."""
    with store.database.write() as connection:
        if store.database.is_sqlite:
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER qd_audit_no_{verb}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(statement)


@pytest.mark.parametrize(
    "changed",
    [{"kind": "x"}, {"subject_kind": "x"}, {"subject_id": "x"}, {"prev_hash": "x"}, {"at": START - timedelta(days=1)}],
    ids=lambda changed: next(iter(changed)),
)
def test_an_event_that_is_hidden_from_those_who_look_for_it_is_found(store: Store, changed: dict[str, object]) -> None:
    chain(store)
    tamper(store, schema.audit.update().where(schema.audit.c.seq == 3).values(changed))
    broken = audit.verify_audit(store)[1]
    assert broken is not None
    assert broken.seq == 3


def test_an_event_added_after_the_head_is_found(store: Store) -> None:
    seq, body, digest = chain(store)[-1]
    forged = body.replace(f'"seq":{seq}', f'"seq":{seq + 1}').replace(json.loads(body)["prev"], digest)
    row = {"seq": seq + 1, "at": START, "kind": "run.done", "subject_kind": "run", "subject_id": "r", "body": forged}
    row |= {"prev_hash": digest, "hash": hashlib.sha256(forged.encode()).hexdigest()}
    tamper(store, schema.audit.insert().values(row))
    assert audit.verify_audit(store)[1] is not None


@pytest.mark.parametrize("body", ["", "[]", "{}", "null", "[" * 100_000, '{"seq":1,"prev":1}', "\ud800"])
def test_whatever_stands_in_the_trail_it_is_told_and_not_tripped_over(body: str) -> None:
    digest = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    broken = verify_chain([(1, body, digest)], Head(1, digest))
    assert broken is not None
    assert broken.seq == 1


@pytest.mark.parametrize("verb", ["UPDATE qd_audit SET kind = 'x'", "DELETE FROM qd_audit"])
def test_the_database_refuses_to_change_the_trail(store: Store, verb: str) -> None:
    chain(store)
    with pytest.raises((sa.exc.DatabaseError, DatabaseUnavailable), match="append-only"), store.database.write() as tx:
        tx.execute(sa.text(verb))
    assert audit.verify_audit(store)[1] is None
