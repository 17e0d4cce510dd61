"""A card of every kind, drawn from records made up for it: for trying out a surface before anything has happened."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from blocks.cards import BUILDERS, CardView
from blocks.elements import Card
from store.kernel.canonical import JsonObject, call_hash, canonical_bytes
from store.records import (
    SYSTEM,
    Access,
    Actor,
    ActorKind,
    AgentState,
    AgentView,
    Alert,
    AlertState,
    Approval,
    ApprovalState,
    CardKind,
    Decision,
    Digest,
    Figure,
    Fleet,
    Incident,
    IncidentState,
    NeedsMe,
    Proposal,
    Reading,
    Requirement,
    Role,
    Run,
    RunLimits,
    RunState,
    Step,
    StepKind,
    StepState,
    Task,
    Trigger,
    TriggerKind,
)

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
AGENT = "specimen"
VIEW = CardView(agent_names={AGENT: "Specimen"})
_HOUR = timedelta(hours=1)
_CALL: JsonObject = {"tool": "files.move_old", "arguments": {"folder": "inbox", "older_than_days": 30}}
_LIMITS = RunLimits(max_steps=60, max_cost_micros=500_000, wall_seconds=600)
_REQUIREMENT = Requirement(role="approver", expires_seconds=3600, execute_within_seconds=3600)


def specimens() -> Iterator[tuple[CardKind, Card]]:
    """One card of every kind there is."""
    for kind in CardKind:
        yield kind, BUILDERS[kind](*_RECORDS[kind](), VIEW, revision=1)


def _run() -> Run:
    return Run(
        id="run_specimen",
        agent_id=AGENT,
        trigger=Trigger(kind=TriggerKind.MANUAL, key="specimen", initiator=SYSTEM),
        state=RunState.RUNNING,
        segment=0,
        attempt=1,
        limits=_LIMITS,
        tainted=False,
        created_at=AT,
        started_at=AT,
        workspace_digest="",
    )


def _steps() -> tuple[Step, ...]:
    return (_step(0, StepState.DONE), _step(1, StepState.STARTED))


def _step(position: int, state: StepState) -> Step:
    return Step(
        run_id="run_specimen",
        key=f"0/{position}",
        position=position,
        segment=0,
        kind=StepKind.TOOL,
        name="machine.read",
        access=Access.READ,
        irreversible=False,
        request={},
        request_hash="",
        idempotency_key="",
        state=state,
        attempts=1,
        started_at=AT,
        finished_at=AT + timedelta(seconds=3) if state.is_final else None,
    )


def _approval() -> Approval:
    return Approval(
        id="approval_specimen",
        run_id="run_specimen",
        step_key="0/1",
        agent_id=AGENT,
        tool="files.move_old",
        arguments={"folder": "inbox", "older_than_days": 30},
        payload=canonical_bytes(_CALL).decode(),
        call_hash=call_hash(_CALL),
        summary="Moves 3 files older than 30 days.",
        undo="Moves them back.",
        irreversible=False,
        rule_id="specimen",
        requirement=_REQUIREMENT,
        requested_by=Actor(kind=ActorKind.AGENT, id=AGENT),
        state=ApprovalState.OPEN,
        created_at=AT,
        expires_at=AT + _HOUR,
        revision=1,
    )


def _alert() -> Alert:
    series = tuple(
        Reading(metric="disk", agent_id=AGENT, at=AT + number * _HOUR, value=str(80 + number), unit="%")
        for number in range(12)
    )
    return Alert(
        id="alert_specimen",
        agent_id=AGENT,
        run_id="run_specimen",
        metric="disk",
        title="Disk use",
        value="91",
        unit="%",
        expected="at most 90 %",
        upper="90",
        since=AT,
        last_at=AT + 11 * _HOUR,
        state=AlertState.OPEN,
        next_step="Free some space.",
        series=series,
    )


def _digest() -> Digest:
    return Digest(
        id="digest_specimen",
        agent_id=AGENT,
        run_id="run_specimen",
        name="daily",
        title="This machine",
        window_from=AT - 24 * _HOUR,
        window_until=AT,
        headline="All as usual.",
        figures=(Figure(label="Disk used", value="81", unit="%", baseline="80", change="+1"),),
        cannot_see=("swap",),
        written_by="Specimen (routine)",
        published_at=AT,
    )


def _incident() -> Incident:
    return Incident(
        id="incident_specimen",
        cause="specimen",
        kind="specimen",
        agent_id=AGENT,
        run_id=None,
        title="A due time passed with nobody running",
        detail="The machine was asleep.",
        next_step="Nothing to repair.",
        state=IncidentState.OPEN,
        count=2,
        first_at=AT,
        last_at=AT + _HOUR,
        examples=({"due_at": AT.isoformat()},),
    )


def _fleet() -> Fleet:
    agent = AgentView(agent_id=AGENT, name="Specimen", purpose="Shows how cards look.", state=AgentState.ACTIVE)
    needs = NeedsMe(approvals=(_approval(),), incidents=(_incident(),), alerts=(_alert(),))
    return Fleet(team="Specimen", timezone="UTC", as_of=AT, simulated=False, needs_me=needs, agents=(agent,))


def _role() -> Role:
    return Role(
        agent_id=AGENT,
        name="Specimen",
        purpose="Shows how cards look.",
        state=AgentState.ACTIVE,
        owns=("its cards",),
        reads=("machine.read",),
        writes=("files.move_old",),
        rhythms=("every hour",),
        requirement=_REQUIREMENT,
        limits=_LIMITS,
    )


def _task() -> Task:
    return Task(id="task_specimen", title="Look at this card", created_by=SYSTEM, created_at=AT, changed_at=AT)


def _decision() -> Decision:
    return Decision(
        id="decision_specimen",
        subject="Specimens",
        subject_key="specimens",
        choice="One of every kind",
        decided_by=SYSTEM,
        decided_at=AT,
    )


def _proposal() -> Proposal:
    return Proposal(
        id="proposal_specimen",
        topic="specimens",
        agent_id=AGENT,
        text="There is one card of every kind.",
        why="A new kind came.",
        proposed_by=Actor(kind=ActorKind.AGENT, id=AGENT),
        proposed_at=AT,
        based_on=1,
    )


_RECORDS: Mapping[CardKind, Callable[[], tuple[object, ...]]] = MappingProxyType(
    {
        CardKind.RUN: lambda: (_run(), _steps()),
        CardKind.LOG: lambda: (_run(), _steps(), (_approval(),), ()),
        CardKind.APPROVAL: lambda: (_approval(), ()),
        CardKind.DIGEST: lambda: (_digest(),),
        CardKind.ALERT: lambda: (_alert(),),
        CardKind.INCIDENT: lambda: (_incident(),),
        CardKind.FLEET: lambda: (_fleet(),),
        CardKind.ROLE: lambda: (_role(),),
        CardKind.TASK: lambda: (_task(),),
        CardKind.DECISION: lambda: (_decision(),),
        CardKind.PROPOSAL: lambda: (_proposal(),),
    }
)
"""What each kind's builder is given before the view."""
