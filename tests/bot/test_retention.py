"""Forgetting: what is old goes, what is open stays, the trail holds, and a dry run says exactly what a sweep does."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from agents.roster import Team
from bot.delivery.present import Presenter
from bot.inbound.files import Shelf
from bot.retention.nightly import is_due
from bot.retention.sweep import FILES, foreseen, sweep
from bot.surfaces.console.views.run import RunRecords, run_page
from store import schema
from store.actions import Store
from store.actions.approvals import claim_approved, decide_approval
from store.actions.inbox import close_event, receive_event
from store.actions.messages import add_message
from store.actions.retention import FORGOTTEN
from store.actions.runs import begin_segment, finish_run, request_run, save_receipt
from store.actions.steps import begin_step, settle_step
from store.actions.tasks import create_task
from store.database import Database
from store.kernel.clock import ManualClock
from store.migrate import migrate
from store.queries import approvals, cards, runs, tasks
from store.queries.audit import verify_audit
from store.queries.retention import last_swept_at
from store.records import (
    ApprovalState,
    Author,
    InboxState,
    Layer,
    Receipt,
    Retention,
    Run,
    RunState,
    StepKind,
    StepState,
    Task,
    Trigger,
    TriggerKind,
)
from store.retained import KEPT, OF_RUNS, RULES
from tests.bot.conftest import START
from tests.store import samples
from tests.store.samples import LIMITS, asked, intent, person

AGES = Retention(content_days=30, records_days=396, approvals_days=2192)
SECRET_WORDS = "what the stranger wrote"
TASK = "task_aaaaaaaaaaaaaaaa"
GIVEN = b"a file somebody gave"


@pytest.fixture
def store(database_url: str, clock: ManualClock) -> Iterator[Store]:
    """On each kind of database: what is forgotten is chosen in SQL."""
    database = Database(database_url)
    migrate(database)
    yield Store(database, clock, lambda tx, segment: None)
    database.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files")


def thought(store: Store, key: str, *, ends: bool = True, digest: str = "") -> Run:
    """A tainted run with a model call, a tool call, words and a receipt."""
    trigger = Trigger(
        kind=TriggerKind.FORM, key=key, initiator=person("ana"), input={"words": SECRET_WORDS, "file": digest}
    )
    made = request_run(store, agent_id="watch", trigger=trigger, limits=LIMITS, workspace_digest="w", tainted=True)
    run = begin_segment(store, made.id, 0)
    assert run is not None
    layers = (Layer(name="role", owner="team", version="1", size_bytes=3),)
    context = {"role": SECRET_WORDS}
    save_receipt(store, Receipt(run_id=run.id, layers=layers, digest="d", context=context, booted_at=START))
    author = Author(surface="slack", account="U1")
    add_message(store, run.id, message_id=f"m:{key}", author=author, text=SECRET_WORDS)
    for place, kind in ((0, StepKind.MODEL), (1, StepKind.TOOL)):
        step = intent(run, place, arguments={"n": place, "said": SECRET_WORDS}).model_copy(update={"kind": kind})
        begin_step(store, step)
        settle_step(store, run.id, step.key, state=StepState.DONE, result={"said": SECRET_WORDS})
    if ends:
        finish_run(store, run.id, state=RunState.DONE, result={"said": SECRET_WORDS})
    return runs.run(store, run.id)


def decided(store: Store, key: str) -> Run:
    """A run whose call a person approved."""
    run = samples.running(store, key)
    approval = asked(store, run)
    decide_approval(
        store, approval.id, person_id="ana", approve=True, surface="console", account="ana", eligible=frozenset({"ana"})
    )
    begin_segment(store, run.id, 1)
    claim_approved(store, approval.id, approval.call_hash, eligible=frozenset({"ana"}))
    settle_step(store, run.id, "t0", state=StepState.DONE, result={"moved": 1})
    finish_run(store, run.id, state=RunState.DONE)
    return runs.run(store, run.id)


def event(store: Store, key: str, *, closed: bool) -> None:
    receive_event(store, surface="slack", key=key, kind="message", payload={"text": SECRET_WORDS})
    if closed:
        close_event(store, surface="slack", key=key, state=InboxState.HANDLED, answer=SECRET_WORDS)


def everywhere(store: Store) -> str:
    """All rows of all tables, as text."""
    with store.database.read() as connection:
        return "\n".join(
            str(row) for table in schema.metadata.sorted_tables for row in connection.execute(sa.select(table))
        )


@pytest.fixture
def old(store: Store, clock: ManualClock) -> Store:
    """A record of long ago in which some is open and some is not."""
    thought(store, "ended")
    event(store, "closed", closed=True)
    return store


def test_words_go_after_a_month_and_what_happened_stays(
    old: Store, clock: ManualClock, shelf: Shelf, team: Team
) -> None:
    run, presenter = runs.recent_runs(old)[0], Presenter(old, team, None)
    drawn = [presenter.draw_and_keep(row).key for row in cards.all_cards(old)]
    assert f"run:{run.id}" in drawn
    assert SECRET_WORDS in everywhere(old)
    clock.move_to(clock.now() + timedelta(days=29))
    assert foreseen(old, AGES, shelf)[1].counts == {}
    clock.move_to(clock.now() + timedelta(days=2))
    due = foreseen(old, AGES, shelf)[1]
    assert due.counts == {"words of ended runs": 1, "events from surfaces": 1}
    assert sweep(old, AGES, shelf) == due
    now = runs.run(old, run.id)
    assert (now.state, now.trigger.key, now.trigger.input) == (RunState.DONE, "ended", {})
    steps = runs.steps(old, run.id)
    assert [step.request_hash for step in steps] == [step.request_hash for step in steps if step.request_hash]
    assert all(isinstance(step.result, dict) and step.result.keys() == {FORGOTTEN} for step in steps)
    receipt = runs.receipt(old, run.id)
    assert receipt is not None
    assert (receipt.digest, receipt.context) == ("d", {})
    assert isinstance(now.result, dict)
    assert now.result.keys() == {FORGOTTEN}
    assert SECRET_WORDS not in everywhere(old)
    assert all(presenter.draw(row).title for row in cards.all_cards(old))
    records = RunRecords(now, steps, [], receipt, [])
    assert run_page(records, presenter.view, clock.now()).mark.word == "Done"
    assert verify_audit(old)[1] is None
    assert foreseen(old, AGES, shelf)[1].counts == {}


def test_records_go_after_thirteen_months_and_decisions_after_six_years(
    store: Store, clock: ManualClock, shelf: Shelf
) -> None:
    plain, approved = thought(store, "ended"), decided(store, "decided")
    before = verify_audit(store)[0].seq
    clock.move_to(clock.now() + timedelta(days=400))
    sweep(store, AGES, shelf)
    assert runs.steps(store, plain.id) == []
    assert SECRET_WORDS not in everywhere(store)
    [step] = runs.steps(store, approved.id)
    [approval] = approvals.approvals_of_run(store, approved.id)
    assert (step.state, approval.state, approval.arguments) == (StepState.DONE, ApprovalState.EXECUTED, {"n": 0})
    assert len(approvals.votes(store, approval.id)) == 1
    clock.move_to(clock.now() + timedelta(days=2000))
    assert sweep(store, AGES, shelf).counts["decided approvals"] == 1
    assert (approvals.approvals_of_run(store, approved.id), approvals.votes(store, approval.id)) == ([], [])
    assert runs.steps(store, approved.id) == []
    head, broken = verify_audit(store)
    assert (broken, head.seq) == (None, before + 2)


def test_nothing_that_is_open_is_touched_however_old_it_is(store: Store, clock: ManualClock, shelf: Shelf) -> None:
    digest = shelf.keep(GIVEN)
    thought(store, "open", ends=False, digest=digest)
    parked = samples.running(store, "parked")
    approval = asked(store, parked, expires_seconds=10**9)
    event(store, "waiting", closed=False)
    by_ana = person("ana")
    create_task(store, Task(id=TASK, title="Look", created_by=by_ana, created_at=START, changed_at=START))
    was = everywhere(store)
    clock.move_to(clock.now() + timedelta(days=3000))
    cutoffs, due = foreseen(store, AGES, shelf)
    assert cutoffs.approvals > START
    assert due.counts == {}
    sweep(store, AGES, shelf)
    now = everywhere(store)
    assert only_the_head_moved(was, now)
    assert approvals.approval(store, approval.id).state is ApprovalState.OPEN
    assert [task.title for task in tasks.tasks(store)] == ["Look"]
    assert shelf.read(digest) == GIVEN


def only_the_head_moved(was: str, now: str) -> bool:
    """The sweep's own word on the trail moves its head, and changes nothing else."""
    lost = [line for line in was.splitlines() if line not in now.splitlines()]
    return len(lost) == 1 and lost[0].startswith("(1, ")


def test_given_files_go_once_no_run_under_way_needs_them(store: Store, clock: ManualClock, shelf: Shelf) -> None:
    digest = shelf.keep(GIVEN)
    run = thought(store, "open", ends=False, digest=digest)
    clock.move_to(clock.now().replace(year=2099))
    assert FILES not in foreseen(store, AGES, shelf)[1].counts
    finish_run(store, run.id, state=RunState.DONE)
    assert sweep(store, AGES, shelf).counts[FILES] == 1
    assert shelf.given_before(clock.now()) == []


def test_a_sweep_that_is_stopped_records_nothing_and_the_next_goes_on(
    old: Store, clock: ManualClock, shelf: Shelf
) -> None:
    clock.move_to(clock.now() + timedelta(days=31))
    assert sweep(old, AGES, shelf, lambda: True).counts == {}
    assert last_swept_at(old) is None
    assert sweep(old, AGES, shelf).total == 2
    assert last_swept_at(old) == clock.now()


def test_every_table_is_swept_or_kept_for_a_reason() -> None:
    swept = {rule.table for rule in RULES} | OF_RUNS
    assert swept.isdisjoint(KEPT)
    assert swept | set(KEPT) == set(schema.metadata.tables.values())


def test_a_night_is_swept_once_and_made_up_for() -> None:
    zone = ZoneInfo("Europe/Berlin")
    night = START.astimezone(zone).replace(hour=3, minute=30)
    assert is_due(night, None, zone)
    assert is_due(night, night - timedelta(hours=24), zone)
    assert not is_due(night + timedelta(hours=23), night, zone)
    assert not is_due(night - timedelta(minutes=1), night - timedelta(hours=23), zone)
    assert is_due(night + timedelta(days=9), night, zone)
