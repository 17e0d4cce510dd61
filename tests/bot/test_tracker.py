"""The tracker anyone can parse: what it prints fits its schema: owners, dependencies, claims, evidence, history."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from bot.inbound.desk import Desk
from bot.tracker import tracker
from store.actions.runs import begin_segment
from store.actions.task_claims import claim_task
from store.actions.tasks import create_task, move_task
from store.queries import tasks
from store.records import Evidence, EvidenceKind, QuotedMessage, Task, TaskState
from tests.store import samples
from tests.store.samples import person

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "tracker.schema.json").read_text("utf-8"))
ANA = person("ana")


def test_the_document_fits_its_schema_and_says_what_is_so(desk: Desk) -> None:
    store, now = desk.store, desk.store.clock.now()
    first = Task(id="task_a", title="Look", agent_id="watch", created_by=ANA, created_at=now, changed_at=now)
    create_task(store, first)
    create_task(store, first.model_copy(update={"id": "task_b", "agent_id": None, "blocked_by": ("task_a",)}))
    quoted = QuotedMessage(surface="slack", author="Kim", text="Again?")
    create_task(store, first.model_copy(update={"id": "task_c", "source": quoted, "due_at": now}))
    run = begin_segment(store, samples.requested(store).id, 0)
    assert run is not None
    claim_task(store, "task_a", run.id)
    shown = (Evidence(kind=EvidenceKind.LINK, value="https://example.com"),)
    move_task(store, "task_c", ANA, to=TaskState.DONE, evidence=shown)
    told = tracker(store, desk.presenter, tasks.tasks(store, states=tuple(TaskState)), with_history=True)
    printed = json.loads(told.model_dump_json())
    assert list(Draft202012Validator(SCHEMA).iter_errors(printed)) == []
    by_id = {one["id"]: one for one in printed["tasks"]}
    assert by_id["task_a"]["claim"]["run"] == run.id
    assert by_id["task_a"]["owner"] == {"kind": "agent", "id": "watch", "name": "Watch"}
    assert by_id["task_b"]["owner"] == {"kind": "nobody", "id": None, "name": None}
    assert (by_id["task_b"]["waits_for"], by_id["task_b"]["state"]) == (["task_a"], "blocked")
    assert (by_id["task_c"]["tainted"], by_id["task_c"]["closed_by"]["name"]) == (True, "Ana")
    assert [one["kind"] for one in by_id["task_a"]["history"]] == ["task.created", "task.claimed"]
    plain = tracker(store, desk.presenter, tasks.tasks(store))
    assert [one.history for one in plain.tasks] == [None, None]
