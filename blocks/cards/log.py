"""The log of a run: what happened when, what came of it and what it cost, in the thread of the run's card."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from blocks.cards.view import CardView, duration
from blocks.elements import Action, Align, Card, Column, Context, Element, LinkButton, Table
from blocks.text import count
from blocks.words import APPROVAL_WORD, RUN_TONE, RUN_WORD, STEP_WORD, place
from store.kernel.money import format_usd
from store.records import Approval, ApprovalState, Author, Run, RunMessage, RunState, Step

LOG_ROWS = 50
"""Entries a log shows: the latest ones. The console shows every step."""

_COLUMNS = (
    Column(name="Time", align=Align.RIGHT),
    Column(name="What"),
    Column(name="Outcome"),
    Column(name="Cost", align=Align.RIGHT),
)


def log_card(
    run: Run,
    steps: Sequence[Step],
    approvals: Sequence[Approval],
    messages: Sequence[RunMessage],
    view: CardView,
    *,
    revision: int = 0,
) -> Card:
    """The run's finished steps, its questions with their decisions, what people wrote to it, and its end: newest first.

    `revision` is the card row's.
    """
    entries = sorted(_entries(run, steps, approvals, messages, view), key=lambda entry: entry.at, reverse=True)
    return Card(
        key=f"log:{run.id}",
        revision=revision,
        kind="log",
        tone=RUN_TONE[run.state],
        state="Log",
        title=f"{view.agent(run.agent_id)}, {view.when(run.started_at or run.created_at)}",
        summary=_summary(run, len(entries), view),
        simulated=view.simulated,
        live=run.state in (RunState.QUEUED, RunState.RUNNING),
        elements=_elements(run, entries, view),
        actions=_actions(run, view),
    )


_NOT_APPROVED = frozenset(
    {ApprovalState.REJECTED, ApprovalState.EXPIRED, ApprovalState.SUPERSEDED, ApprovalState.WITHDRAWN}
)


@dataclass(frozen=True)
class _Entry:
    at: datetime
    what: str
    outcome: str = ""
    cost_micros: int = 0


def _entries(
    run: Run, steps: Sequence[Step], approvals: Sequence[Approval], messages: Sequence[RunMessage], view: CardView
) -> Iterator[_Entry]:
    for step in steps:
        if step.state.is_final:
            yield _step(step)
    for approval in approvals:
        yield from _approval(approval, view)
    for message in messages:
        yield _Entry(message.at, f"{_author(message.author, view)} wrote: {message.text}")
    if run.finished_at is not None:
        yield _Entry(run.finished_at, "Ended", _with(RUN_WORD[run.state].lower(), run.reason))


def _author(author: Author, view: CardView) -> str:
    if author.person_id is not None:
        return view.person(author.person_id)
    return f"{author.account} {place(author.surface)}, not of the team,"


def _step(step: Step) -> _Entry:
    ended = step.finished_at or step.started_at
    again = f", attempt {step.attempts}" if step.attempts > 1 else ""
    outcome = f"{STEP_WORD[step.state]}, {duration(step.started_at, ended)}{again}"
    return _Entry(ended, step.name, _with(outcome, step.error), step.spent_micros)


def _approval(approval: Approval, view: CardView) -> Iterator[_Entry]:
    word = APPROVAL_WORD[approval.state]
    waits = approval.state is ApprovalState.OPEN
    unanswered = f"waits for {approval.requirement.role}" if waits else word.lower()
    asked = "" if approval.decided_at else unanswered
    yield _Entry(approval.created_at, f"Asked: {approval.summary}", asked)
    if approval.decided_at is None:
        return
    verb = word if approval.state in _NOT_APPROVED else APPROVAL_WORD[ApprovalState.APPROVED]
    who = f" by {view.people(approval.decided_by)}" if approval.decided_by else ""
    where = f" {place(approval.decided_on)}" if approval.decided_on else ""
    yield _Entry(approval.decided_at, f"{verb}{who}{where}: {approval.summary}", approval.decision_reason or "")


def _with(outcome: str, detail: str | None) -> str:
    return f"{outcome}: {detail}" if detail else outcome


def _summary(run: Run, entries: int, view: CardView) -> str:
    so_far = f"{count(entries, 'entry', 'entries')}, {format_usd(run.spent_micros)} spent"
    return f"Log of {view.agent(run.agent_id)}, {RUN_WORD[run.state].lower()}: {so_far}."


def _elements(run: Run, entries: Sequence[_Entry], view: CardView) -> tuple[Element, ...]:
    shown = entries[:LOG_ROWS]
    zone = ZoneInfo(view.timezone)
    columns = _COLUMNS if any(entry.cost_micros for entry in shown) else _COLUMNS[:-1]
    rows = tuple(_row(entry, zone)[: len(columns)] for entry in shown)
    table = Table(columns=columns, rows=rows, total_rows=len(rows), total_columns=len(columns))
    earlier = f"… {len(entries) - len(shown):,} earlier" if len(entries) > len(shown) else None
    parts = ("newest first", earlier, f"{format_usd(run.spent_micros)} in all")
    return (table, Context(parts=tuple(part for part in parts if part)))


def _row(entry: _Entry, zone: ZoneInfo) -> tuple[str, ...]:
    cost = format_usd(entry.cost_micros) if entry.cost_micros else ""
    return (f"{entry.at.astimezone(zone):%H:%M:%S}", entry.what, entry.outcome, cost)


def _actions(run: Run, view: CardView) -> tuple[Action, ...]:
    url = view.link("runs", run.id)
    return (LinkButton(label="Open run", url=url),) if url else ()
