"""One run: what happened step by step, what it knew, who let it, what it cost."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from blocks.cards.view import CardView, duration
from blocks.elements import Button
from bot.surfaces.console.marks import Mark, approval_mark, run_mark, step_mark
from bot.surfaces.console.views.controls import run_actions
from store.kernel.canonical import Json
from store.kernel.money import format_usd
from store.records import Approval, AuditEvent, Receipt, Run, Step, TriggerKind

SHOWN_CHARS = 20_000
"""Characters of an input, output or context that a page shows; what is left out is counted."""

_LEAST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True)
class Exact:
    """Recorded JSON, laid out for reading. `hidden_chars` says how much of it is not shown."""

    text: str
    hidden_chars: int


@dataclass(frozen=True)
class StepLine:
    """One step of the timeline. `waited` is the pause before it, in words, when a person or a clock was waited for."""

    step: Step
    mark: Mark
    took: str | None
    waited: str | None
    cost: str | None
    request: Exact
    result: Exact | None
    approval: Approval | None


@dataclass(frozen=True)
class ApprovalLine:
    """One call the run asked for."""

    approval: Approval
    mark: Mark


@dataclass(frozen=True)
class EventLine:
    """One audit event; `facts` is its data on one line."""

    event: AuditEvent
    who: str
    facts: str


@dataclass(frozen=True)
class RunPage:
    """The whole page; `cap` and `cost` are in words, `took` None while it has not started."""

    run: Run
    agent_name: str
    mark: Mark
    started_by: str
    took: str | None
    cost: str
    cap: str
    owner: str | None
    result: Exact | None
    input: Exact | None
    steps: tuple[StepLine, ...]
    approvals: tuple[ApprovalLine, ...]
    receipt: Receipt | None
    context: Exact | None
    events: tuple[EventLine, ...]
    actions: tuple[Button, ...]


@dataclass(frozen=True)
class RunRecords:
    """What the page is computed from; steps, approvals and events oldest first."""

    run: Run
    steps: Sequence[Step]
    approvals: Sequence[Approval]
    receipt: Receipt | None
    events: Sequence[AuditEvent]


def run_page(records: RunRecords, view: CardView, now: datetime) -> RunPage:
    """The page of one run as it stands at `now`."""
    run, name = records.run, view.agent(records.run.agent_id)
    return RunPage(
        run=run,
        agent_name=name,
        mark=run_mark(run.state),
        started_by=started_by(run, view),
        took=duration(run.started_at, run.finished_at or now) if run.started_at else None,
        cost=format_usd(run.spent_micros),
        cap=format_usd(run.limits.max_cost_micros),
        owner=view.person(run.owner) if run.owner else None,
        result=exact(run.result) if run.result is not None else None,
        input=exact(run.trigger.input) if run.trigger.input else None,
        steps=tuple(_step_lines(records.steps, {item.id: item for item in records.approvals})),
        approvals=tuple(ApprovalLine(item, approval_mark(item.state)) for item in records.approvals),
        receipt=records.receipt,
        context=exact(records.receipt.context) if records.receipt else None,
        events=event_lines(records.events, view),
        actions=run_actions(run, name),
    )


def started_by(run: Run, view: CardView) -> str:
    """What made the run, in words."""
    if run.trigger.kind is TriggerKind.SCHEDULE:
        return f"Schedule {run.trigger.schedule_id or ''}".rstrip()
    if run.trigger.kind is TriggerKind.HANDOFF:
        return f"Work handed over ({(run.trigger.contract or '').partition('.')[0]})"
    return f"{view.actor(run.trigger.initiator)} ({run.trigger.kind.value})"


def event_lines(events: Sequence[AuditEvent], view: CardView) -> tuple[EventLine, ...]:
    """Audit events with their actors' names."""
    return tuple(EventLine(event, view.actor(event.actor), _facts(event.data)) for event in events)


def exact(value: Json) -> Exact:
    """Recorded JSON indented, cut visibly when it is very long."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    return Exact(text[:SHOWN_CHARS], max(0, len(text) - SHOWN_CHARS))


def _step_lines(steps: Sequence[Step], approvals: Mapping[str, Approval]) -> Iterator[StepLine]:
    before: Step | None = None
    for step in steps:
        yield StepLine(
            step=step,
            mark=step_mark(step.state),
            took=duration(step.started_at, step.finished_at) if step.finished_at else None,
            waited=_waited(before, step),
            cost=format_usd(step.spent_micros) if step.spent_micros else None,
            request=exact(step.request),
            result=exact(step.result) if step.result is not None else None,
            approval=approvals.get(step.approval_id or ""),
        )
        before = step


def _waited(before: Step | None, step: Step) -> str | None:
    """The pause between two segments; none within a segment, where the mind was at work."""
    if before is None or before.finished_at is None or before.segment == step.segment:
        return None
    return (
        duration(before.finished_at, step.started_at) if step.started_at - before.finished_at >= _LEAST_WAIT else None
    )


def _facts(data: Mapping[str, Json]) -> str:
    return ", ".join(f"{key.replace('_', ' ')}: {_short(value)}" for key, value in data.items())


def _short(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
