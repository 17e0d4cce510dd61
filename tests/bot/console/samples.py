"""A console over records held in memory: the port's data, and a way in that only remembers what came."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from blocks.cards import (
    CardView,
    alert_card,
    approval_card,
    decision_card,
    digest_card,
    fleet_card,
    incident_card,
    run_card,
)
from blocks.elements import Card
from bot.delivery.sought import sought_in
from bot.surfaces.base import Accepted, Answer, InboundEvent
from bot.surfaces.console.work_data import SharedWork, TaskRecords, TopicRecords
from store.kernel.errors import NotFound
from store.records import (
    SYSTEM,
    AgentState,
    AgentView,
    Alert,
    Approval,
    ApprovalState,
    AuditEvent,
    CardKind,
    CardRow,
    DecisionStanding,
    Fleet,
    Incident,
    Layer,
    Misfire,
    NeedsMe,
    Note,
    Occurrence,
    Outcome,
    Outstanding,
    Overlap,
    ProposalState,
    Receipt,
    Run,
    RunLimits,
    RunState,
    Schedule,
    Sought,
    Step,
    StepKind,
    StepState,
    Task,
    TaskState,
    TopicFacts,
    TopicVersion,
    Trigger,
    TriggerKind,
    Undo,
    Vote,
)
from store.records.sought import folded
from tests.blocks import samples
from tests.blocks.samples import NOW, VIEW

Item = TypeVar("Item", Run, Approval, Task)

PEOPLE = {"ana": "Ana Duarte", "bo": "Bo Lindqvist"}


@dataclass
class SampleData:
    """ConsoleData over plain lists. `cards` maps keys to rows; `fleet_now` is what the fleet query would say."""

    fleet_now: Fleet
    cards: dict[str, CardRow] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    step_rows: list[Step] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    approvals: list[Approval] = field(default_factory=list)
    vote_rows: list[Vote] = field(default_factory=list)
    undo_rows: list[Undo] = field(default_factory=list)
    schedule_rows: list[Schedule] = field(default_factory=list)
    occurrence_rows: list[Occurrence] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    events: list[AuditEvent] = field(default_factory=list)
    work: Outstanding = field(default_factory=lambda: Outstanding(as_of=NOW))
    shared: SharedWork = field(default_factory=lambda: SharedWork(as_of=NOW))

    def put(self, card: Card, channel: str | None, at: datetime = NOW) -> CardRow:
        """Puts a card on record as the outbox would have kept it."""
        known = self.cards.get(card.key)
        row = CardRow(
            key=card.key,
            position=known.position if known else len(self.cards) + 1,
            kind=CardKind(card.kind),
            record_id=card.key.partition(":")[2],
            channel=channel,
            revision=card.revision,
            priority=1,
            created_at=known.created_at if known else at,
            changed_at=at,
            snapshot=card.model_dump(mode="json"),
            snapshot_revision=card.revision,
        )
        self.cards[card.key] = row
        return row

    def fleet(self) -> Fleet:
        return self.fleet_now

    def card(self, key: str) -> CardRow | None:
        return self.cards.get(key)

    def oldest_event_at(self) -> datetime | None:
        return None

    def channel_cards(self, channel: str | None, before: int | None, limit: int) -> list[CardRow]:
        rows = [
            row for row in self.cards.values() if row.channel == channel and (before is None or row.position < before)
        ]
        return sorted(rows, key=lambda row: row.position)[-limit:]

    def run(self, run_id: str) -> Run:
        return _one(self.runs, run_id)

    def steps(self, run_id: str) -> list[Step]:
        return [step for step in self.step_rows if step.run_id == run_id]

    def receipt(self, run_id: str) -> Receipt | None:
        return self.receipts.get(run_id)

    def recent_runs(
        self, agent_id: str | None, state: RunState | None, before: datetime | None, limit: int
    ) -> list[Run]:
        found = [run for run in self.runs if agent_id in (None, run.agent_id) and state in (None, run.state)]
        found = [run for run in found if before is None or run.created_at < before]
        return sorted(found, key=lambda run: run.created_at, reverse=True)[:limit]

    def approval(self, approval_id: str) -> Approval:
        return _one(self.approvals, approval_id)

    def votes(self, approval_id: str) -> list[Vote]:
        return [vote for vote in self.vote_rows if vote.approval_id == approval_id]

    def undos(self, decided: Sequence[Approval]) -> Mapping[str, Undo]:
        return {one.approval_id: one for one in self.undo_rows if one.approval_id in {each.id for each in decided}}

    def open_approvals(self) -> list[Approval]:
        return [item for item in self.approvals if item.state.is_open]

    def decided_approvals(self, limit: int) -> list[Approval]:
        return [item for item in self.approvals if not item.state.is_open][:limit]

    def approvals_of_run(self, run_id: str) -> list[Approval]:
        return [item for item in self.approvals if item.run_id == run_id]

    def schedules(self) -> list[Schedule]:
        return self.schedule_rows

    def occurrences(self, schedule_id: str, limit: int) -> list[Occurrence]:
        return [item for item in self.occurrence_rows if item.schedule_id == schedule_id][:limit]

    def search(self, words: str, kind: CardKind | None, limit: int) -> list[Sought]:
        wanted, found = words.casefold().split(), []
        for row in self.cards.values():
            known = sought_in(row, Card.model_validate(row.snapshot)) if row.snapshot else None
            if known and wanted and kind in (None, row.kind) and all(word in folded(known[1]) for word in wanted):
                found.append(known[0])
        return found[:limit]

    def open_incidents(self) -> list[Incident]:
        return self.incidents

    def open_alerts(self) -> list[Alert]:
        return self.alerts

    def outstanding(self) -> Outstanding:
        return self.work

    def shared_work(self) -> SharedWork:
        return self.shared

    def task(self, task_id: str) -> TaskRecords:
        task = _one([*self.shared.unfinished, *self.shared.closed], task_id)
        blockers = tuple(self.shared.waited_for[one] for one in task.blocked_by)
        return TaskRecords(task, blockers, tuple(one for one in self.shared.unfinished if task_id in one.blocked_by))

    def topic(self, name: str) -> TopicRecords:
        found = next(((topic, version) for topic, version in self.shared.topics if topic.name == name), None)
        if found is None:
            raise NotFound(f"There is no topic {name}.")
        versions = (found[1],) if found[1] else ()
        return TopicRecords(found[0], versions, tuple(one for one in self.shared.proposals if one.topic == name))

    def events_for(self, subject_kind: str, subject_id: str) -> list[AuditEvent]:
        return [event for event in self.events if (event.subject_kind, event.subject_id) == (subject_kind, subject_id)]


class RememberingInbound:
    """Stores events once by (surface, key) and answers what a test wants; `acted` are the events carried out."""

    def __init__(self) -> None:
        self.answer = Answer(text="Done.")
        self.acted: list[InboundEvent] = []
        self.accepted: list[InboundEvent] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._answers: dict[tuple[str, str], str | None] = {}

    async def accept(self, event: InboundEvent) -> Accepted:
        self.accepted.append(event)
        key = (event.surface, event.key)
        if key in self._answers:
            return Accepted(event=event, repeat=True, earlier_answer=self._answers[key])
        self._answers[key] = None
        return Accepted(event=event, repeat=False)

    async def act(self, accepted: Accepted) -> Answer:
        await self.gate.wait()
        self.acted.append(accepted.event)
        self._answers[accepted.event.surface, accepted.event.key] = self.answer.text
        return self.answer


def empty_data(view: CardView = VIEW) -> SampleData:
    """A team that has done nothing yet."""
    agents = (
        AgentView(
            agent_id="machine-watch", name="Machine Watch", purpose="Watches this machine", state=AgentState.ACTIVE
        ),
    )
    fleet = samples.fleet(needs_me=NeedsMe(), agents=agents, finished_today=())
    return SampleData(fleet_now=fleet)


def busy_data(view: CardView = VIEW) -> SampleData:
    """A team in the middle of a day: every kind of record, in several states."""
    approval, alert, incident = samples.approval(), samples.alert(), samples.incident()
    waiting = samples.run(RunState.WAITING)
    data = SampleData(fleet_now=_busy_fleet(approval, alert, incident))
    data.runs = [waiting, *_earlier_runs()]
    data.step_rows = _steps()
    data.receipts = {waiting.id: _receipt(waiting.id)}
    data.approvals = [approval, *_decided()]
    data.vote_rows = [samples.vote(approval_id="approval_executed")]
    data.schedule_rows = [_daily(), _checks()]
    data.occurrence_rows = _occurrences()
    data.incidents, data.alerts = [incident], [alert]
    data.events = _events(waiting.id, approval.id)
    data.shared = shared_work()
    _post_cards(data, view)
    return data


def shared_work(text: str = "") -> SharedWork:
    """Tasks of everybody in every state, decisions, topics and notes; `text` stands for what somebody wrote."""
    day = timedelta(days=1)
    export = samples.task(
        id="task_bbbbbbbbbbbbbbbb", title=text or "Ask for the export", held_by="run_aaaaaaaaaaaaaaaa"
    )
    export = export.model_copy(update={"state": TaskState.IN_PROGRESS})
    late = samples.task(id="task_cccccccccccccccc", title=text or "Renew the key", due_at=NOW - day)
    waits = samples.task(TaskState.BLOCKED, title=text or "Compare the weeks", reason=None, blocked_by=(export.id,))
    hers = samples.task(id="task_dddddddddddddddd", agent_id=None, person_id="ana", state=TaskState.BLOCKED)
    nobodys = samples.task(id="task_eeeeeeeeeeeeeeee", agent_id=None, title=text or "Find an owner", due_at=None)
    done = samples.task(TaskState.DONE, id="task_ffffffffffffffff", reason=text or "The folder is empty")
    version = TopicVersion(
        topic="site", number=3, text=text or "The shop runs on one server.", written_by=samples.ANA, written_at=NOW
    )
    note = Note(
        id="note_aaaaaaaaaaaaaaaa",
        to_agent="machine-watch",
        sender=samples.ANA,
        text=text or "The export comes at nine from now on.",
        created_at=NOW - day,
        due_at=NOW - day / 2,
    )
    decided = (samples.decision(DecisionStanding.CONTESTED), samples.decision(id="decision_cccccccccccccccc"))
    return SharedWork(
        as_of=NOW,
        unfinished=(late, waits, export, hers.model_copy(update={"reason": text or "no access"}), nobodys),
        closed=(done,),
        waited_for={export.id: export},
        decisions=tuple(one.model_copy(update={"choice": text}) if text else one for one in decided),
        taken={decided[1].id: frozenset({"machine-watch", "bo"})},
        topics=(
            (TopicFacts(name="site", writer="machine-watch", about=text or "What we know of the site"), version),
            (TopicFacts(name="company", writer="note-taker"), None),
        ),
        proposals=(samples.proposal(ProposalState.QUARANTINED, text=text or "The shop moved."),),
        notes=(note,),
    )


def many_data(view: CardView = VIEW) -> SampleData:
    """More of everything than one page holds."""
    data = busy_data(view)
    data.runs += [_run(f"run_many{number:03}", minutes=200 + number) for number in range(120)]
    for run in data.runs[-90:]:
        data.put(run_card(run, (), view, revision=1), run.agent_id, run.created_at)
    data.approvals += [samples.approval(ApprovalState.REJECTED, id=f"approval_many{number}") for number in range(60)]
    return data


def hostile_data(view: CardView = VIEW) -> SampleData:
    """Every text that somebody else could have written is an attack."""
    text = samples.HOSTILE
    hostile_view = CardView(
        timezone="UTC", agent_names={"machine-watch": text}, person_names={"ana": text}, console_url=view.console_url
    )
    data = busy_data(view)
    data.runs = [run.model_copy(update={"reason": text, "owner": text}) for run in data.runs]
    data.step_rows = [_hostile_step(step, text) for step in data.step_rows]
    data.approvals = [_hostile_approval(item, text) for item in data.approvals]
    data.alerts = [item.model_copy(update={"title": text, "unit": text, "owner": text}) for item in data.alerts]
    data.incidents = [item.model_copy(update={"title": text, "next_step": text}) for item in data.incidents]
    data.vote_rows = [item.model_copy(update={"reason": text, "person_id": text}) for item in data.vote_rows]
    data.occurrence_rows = [item.model_copy(update={"reason": text}) for item in data.occurrence_rows]
    data.events = [event.model_copy(update={"data": {text: text}, "kind": text}) for event in data.events]
    data.fleet_now = _hostile_fleet(data, text)
    data.shared = shared_work(text)
    _post_cards(data, hostile_view)
    return data


def _hostile_step(step: Step, text: str) -> Step:
    return step.model_copy(update={"name": text, "request": {text: text}, "result": text, "error": text})


def _hostile_approval(item: Approval, text: str) -> Approval:
    words = ("summary", "claim", "payload", "rule_reason", "decision_reason", "undo", "outcome", "tool")
    return item.model_copy(update={**dict.fromkeys(words, text), "arguments": {"path": text, "note": text}})


def _hostile_fleet(data: SampleData, text: str) -> Fleet:
    stopped = tuple(run.model_copy(update={"reason": text}) for run in data.fleet_now.needs_me.stopped)
    needs = NeedsMe(
        approvals=tuple(data.open_approvals()),
        stopped=stopped,
        incidents=tuple(data.incidents),
        alerts=tuple(data.alerts),
    )
    agents = tuple(
        agent.model_copy(update={"name": text, "purpose": text, "doing": text}) for agent in data.fleet_now.agents
    )
    finished = tuple(run.model_copy(update={"reason": text}) for run in data.fleet_now.finished_today)
    return data.fleet_now.model_copy(
        update={"team": text, "needs_me": needs, "agents": agents, "finished_today": finished}
    )


def _busy_fleet(approval: Approval, alert: Alert, incident: Incident) -> Fleet:
    waiting = samples.run(RunState.WAITING)
    working = _run("run_working", RunState.RUNNING, agent="note-taker", minutes=2)
    watch = "Watches this machine and the repository it stands in"
    agents = (
        _agent("machine-watch", "Machine Watch", watch, waiting, doing="a decision about moving 3 files"),
        _agent("note-taker", "Note Taker", "Summarises what changed", working, doing="files.read", spent=312_000),
        _agent("ga-engagement", "GA Engagement", "Reads what visitors do", spent=1_710_000),
        _agent("link-audit", "Link Audit", "Looks for broken links", spent=40_000, paused=True),
    )
    needs = NeedsMe(approvals=(approval,), stopped=(_stopped(),), incidents=(incident,), alerts=(alert,))
    finished = tuple(run for run in _earlier_runs() if run.state.is_final)
    return samples.fleet(needs_me=needs, agents=agents, finished_today=finished)


def _agent(
    agent_id: str,
    name: str,
    purpose: str,
    current: Run | None = None,
    *,
    doing: str | None = None,
    spent: int = 0,
    paused: bool = False,
) -> AgentView:
    return AgentView(
        agent_id=agent_id,
        name=name,
        purpose=purpose,
        state=AgentState.PAUSED if paused else AgentState.ACTIVE,
        current=current,
        doing=doing,
        last=_run(f"run_last_{agent_id}", minutes=90, agent=agent_id),
        next_due_at=None if paused else NOW + timedelta(hours=17, minutes=30),
        spent_today_micros=spent,
        day_cap_micros=2_000_000,
    )


def _run(run_id: str, state: RunState = RunState.DONE, *, agent: str = "machine-watch", minutes: int = 60) -> Run:
    started = NOW - timedelta(minutes=minutes)
    ended = started + timedelta(seconds=42) if state.is_final else None
    return samples.run(
        state, id=run_id, agent_id=agent, created_at=started, started_at=started, finished_at=ended, spent_micros=18_300
    )


def _stopped() -> Run:
    return _run("run_stopped", RunState.NEEDS_ATTENTION, agent="ga-engagement", minutes=95)


def _earlier_runs() -> list[Run]:
    manual = Trigger(kind=TriggerKind.MANUAL, key="m1", initiator=samples.ANA, input={"folder": "/srv/reports"})
    return [
        _run("run_working", RunState.RUNNING, agent="note-taker", minutes=2),
        _run("run_done1", minutes=34).model_copy(update={"trigger": manual}),
        _run("run_done2", agent="note-taker", minutes=64),
        _stopped(),
        _run("run_failed", RunState.FAILED, agent="link-audit", minutes=140),
        _run("run_done3", agent="ga-engagement", minutes=170),
    ]


def _steps() -> list[Step]:
    model = {"kind": StepKind.MODEL, "name": "model.complete", "spent_micros": 18_300}
    listing: list[object] = [
        {"name": f"report-2026-{month:02}.pdf", "bytes": 1_400_000 + month} for month in range(8, 11)
    ]
    return [
        samples.step(0, result={"used_percent": "92.4", "free_gb": "18.2"}),
        samples.step(1, result={"used_percent": "41.0"}),
        samples.step(2, result={"files": listing}),
        samples.step(3, StepState.DONE, **model, result={"text": "Three reports are older than thirty days."}),
        samples.step(
            4, StepState.FAILED, name="files.read", attempts=3, error="The folder /var/reports is not readable."
        ),
        samples.step(
            5,
            StepState.WAITING,
            name="files.move",
            segment=1,
            rule_id="ask-for-writes",
            request=samples.ARGUMENTS,
            approval_id=samples.approval().id,
            started_at=NOW - timedelta(minutes=12),
            finished_at=None,
        ),
    ]


def _receipt(run_id: str) -> Receipt:
    layers = (
        Layer(name="role and lane", owner="machine-watch", version="3f9c2b7a11e0", size_bytes=1_204),
        Layer(name="operational state", owner="quarterdeck", version="2026-11-21T13:01", size_bytes=4_410),
        Layer(name="knowledge", owner="chief", version="88ab0102", size_bytes=61_000, dropped="over the token budget"),
    )
    return Receipt(
        run_id=run_id,
        layers=layers,
        digest="c0ffee" * 10,
        context={"team": "First Light"},
        booted_at=NOW - timedelta(minutes=29),
    )


def _decided() -> list[Approval]:
    return [
        samples.approval(ApprovalState.EXECUTED, id="approval_executed"),
        samples.approval(ApprovalState.REJECTED, id="approval_rejected"),
        samples.approval(ApprovalState.EXPIRED, id="approval_expired", decided_at=NOW - timedelta(hours=9)),
        samples.approval(ApprovalState.UNKNOWN, id="approval_unknown"),
    ]


def _daily() -> Schedule:
    return Schedule(
        id="machine-watch/daily",
        agent_id="machine-watch",
        cron="0 8 * * *",
        timezone="Europe/Berlin",
        misfire=Misfire.RUN_LATEST,
        overlap=Overlap.SKIP,
        lateness_seconds=300,
        limits=RunLimits(max_steps=40, max_cost_micros=1_000_000, wall_seconds=600),
        workspace_digest="w" * 64,
        next_fire_at=NOW + timedelta(hours=17, minutes=30),
    )


def _checks() -> Schedule:
    changes = {"id": "note-taker/changes", "agent_id": "note-taker", "cron": None, "every_seconds": 900, "paused": True}
    return _daily().model_copy(update=changes)


def _occurrences() -> list[Occurrence]:
    special = {
        2: (Outcome.LATE, "The machine was asleep."),
        5: (Outcome.SKIPPED, "The earlier run was still going."),
        9: (Outcome.MISSED, "Nobody could run it."),
    }
    rows = []
    for number in range(24):
        outcome, reason = special.get(number, (Outcome.RAN, None))
        run_id = None if outcome in (Outcome.SKIPPED, Outcome.MISSED) else "run_done1"
        due = NOW - timedelta(days=number, hours=6, minutes=30)
        rows.append(
            Occurrence(
                schedule_id="machine-watch/daily",
                due_at=due,
                outcome=outcome,
                reason=reason,
                run_id=run_id,
                recorded_at=due,
            )
        )
    return rows


def _events(run_id: str, approval_id: str) -> list[AuditEvent]:
    told = [
        ("run", run_id, "run.requested"),
        ("run", run_id, "run.started"),
        ("run", run_id, "run.waiting"),
        ("approval", approval_id, "approval.asked"),
    ]
    return [
        AuditEvent(
            seq=number + 40,
            at=NOW - timedelta(minutes=30 - number * 5),
            kind=kind,
            actor=SYSTEM,
            subject_kind=subject,
            subject_id=subject_id,
            data={"segment": number, "rule": "ask-for-writes"},
            prev_hash="0" * 64,
            hash=f"{number}a9f" * 16,
        )
        for number, (subject, subject_id, kind) in enumerate(told)
    ]


def _post_cards(data: SampleData, view: CardView) -> None:
    waiting = data.runs[0]
    data.put(digest_card(samples.digest(), view, revision=1), "machine-watch", NOW - timedelta(hours=6))
    for alert in data.alerts:
        data.put(alert_card(alert, view, revision=2), "machine-watch", NOW - timedelta(minutes=45))
    data.put(run_card(waiting, data.steps(waiting.id), view, revision=6), "machine-watch", NOW - timedelta(minutes=29))
    executed = next(item for item in data.approvals if item.id == "approval_executed")
    data.put(approval_card(executed, (), view), "machine-watch", NOW - timedelta(minutes=20))
    for item in data.open_approvals():
        data.put(approval_card(item, (), view), "machine-watch", item.created_at)
    for incident in data.incidents:
        data.put(incident_card(incident, view, revision=3), "machine-watch", NOW - timedelta(minutes=8))
    for one in data.shared.decisions:
        data.put(decision_card(one, view, revision=1), None, one.decided_at)
    named = data.fleet_now.model_copy(update={"team": "First Light"})  # the team's name is part of the card's key
    data.put(fleet_card(named, view, revision=9), None, NOW - timedelta(hours=1))


def _one(items: list[Item], wanted: str) -> Item:
    found = next((item for item in items if item.id == wanted), None)
    if found is None:
        raise NotFound(f"There is no such record as {wanted}.")
    return found
