"""The run card: one session as it happens, then how it ended."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from blocks.cards.feedback import feedback_on
from blocks.cards.view import CardView, duration
from blocks.elements import (
    Action,
    Button,
    Card,
    Confirm,
    Context,
    Element,
    Fact,
    Facts,
    Item,
    Items,
    LinkButton,
    Quoted,
    StepMark,
    StepRow,
    Steps,
    Style,
    Text,
)
from blocks.limits import READABLE_STEPS
from blocks.text import count, sentence
from blocks.tokens import Verb, encode
from blocks.words import RUN_TONE, RUN_WORD, STEP_CUT_OFF, STEP_MARK, STEP_WORD
from store.kernel.money import format_usd
from store.records import CardKind, Request, Run, RunState, Step, StepState, TriggerKind

_STOP = Confirm(
    title="Stop this run?",
    text="Finished steps are kept. The step in progress is cancelled where its tool allows it.",
    verb="Stop run",
    back="Keep running",
)

_WENT_WRONG = (StepState.FAILED, StepState.REFUSED, StepState.UNKNOWN)
_RUN_AGAIN = frozenset({RunState.FAILED, RunState.TIMED_OUT, RunState.CANCELLED, RunState.NEEDS_ATTENTION})

UNREAD = "unread"
"""Stands in a token for all that a run has not read."""


def run_card(
    run: Run,
    steps: Sequence[Step],
    view: CardView,
    *,
    revision: int = 0,
    held_until: datetime | None = None,
    unread: int = 0,
) -> Card:
    """The run with its steps, oldest first; Stop while it is active, Run again once it ended without success.

    `revision` is the card row's: it goes into the card and its tokens. `held_until` is set when more messages of its
    watch have arrived and the rate holds the next run back until then. `unread` counts the replies in its thread that
    it ended without reading.
    """
    return Card(
        key=f"run:{run.id}",
        revision=revision,
        kind="run",
        tone=RUN_TONE[run.state],
        state=RUN_WORD[run.state],
        title=view.agent(run.agent_id),
        summary=_summary(run, steps, view),
        simulated=view.simulated,
        live=run.state in (RunState.QUEUED, RunState.RUNNING),
        elements=(*_elements(run, steps, view), *_unread(unread), *_held(held_until, view)),
        actions=_actions(run, steps, view, revision, unread),
    )


def _summary(run: Run, steps: Sequence[Step], view: CardView) -> str:
    agent, word = view.agent(run.agent_id), RUN_WORD[run.state].lower()
    so_far = f"{count(len(steps), 'step')}, {format_usd(run.spent_micros)} spent."
    if run.reason and run.state is RunState.WAITING:
        return f"{agent}: {word} for {run.reason.rstrip('.')}. {so_far}"
    return f"{agent}: {word}, {so_far}" + (f" {sentence(run.reason)}" if run.reason else "")


def _elements(run: Run, steps: Sequence[Step], view: CardView) -> tuple[Element, ...]:
    elements: list[Element] = [*_request(run, view)]
    if run.reason:
        elements.append(Text(text=sentence(run.reason), heading=_reason_heading(run)))
    if run.said and run.state.is_final:
        elements.append(Text(text=run.said, heading="What came of it"))
    if run.stop_requested_by and not run.state.is_final:
        elements.append(
            Text(text=f"{view.person(run.stop_requested_by)} asked it to stop; the step in progress is being ended.")
        )
    elements.append(_facts(run, view))
    elements.append(_steps(run, steps))
    elements.append(Context(parts=_small_print(run)))
    return tuple(elements)


def _unread(unread: int) -> tuple[Element, ...]:
    words = f"It ended without reading {count(unread, 'reply', 'replies')} in this thread."
    return (Text(text=words),) if unread else ()


def _held(until: datetime | None, view: CardView) -> tuple[Element, ...]:
    if until is None:
        return ()
    why = "arrivals may start no more runs of this agent within the hour"
    words = f"More messages have arrived. The next run starts at {view.when(until)} at the earliest: {why}."
    return (Text(text=words, heading="Messages wait"),)


def _request(run: Run, view: CardView) -> tuple[Element, ...]:
    """What was asked for in words, and the message it is about, as somebody's words."""
    request = run.trigger.request
    if request is None:
        return ()
    asked = Quoted(text=request.text, source=f"Asked by {view.actor(run.trigger.initiator)}")
    quoted = request.quoted
    about = () if quoted is None else (Quoted(text=quoted.text, source=f"Message by {quoted.author}, not checked"),)
    return (*((asked,) if request.text else ()), *about, *_files(request))


def _files(request: Request) -> tuple[Element, ...]:
    rows = tuple(Item(text=file.name, detail=f"{file.bytes:,} bytes, SHA-256 {file.sha256}") for file in request.files)
    return (Items(heading="Files given, not checked", rows=rows, total=len(rows)),) if rows else ()


def _reason_heading(run: Run) -> str:
    return "Waiting for" if run.state is RunState.WAITING else "Why it ended" if run.state.is_final else "Note"


def _facts(run: Run, view: CardView) -> Facts:
    rows = [
        Fact(label="Started by", value=started_by(run, view)),
        _time_fact(run, view),
        Fact(label="Cost", value=format_usd(run.spent_micros), baseline=_cap(run)),
    ]
    if run.owner:
        rows.append(Fact(label="Owner", value=view.person(run.owner)))
    return Facts(rows=tuple(rows))


def _cap(run: Run) -> str:
    held = f", {format_usd(run.held_micros)} held" if run.held_micros else ""
    return f"cap {format_usd(run.limits.max_cost_micros)}{held}"


def started_by(run: Run, view: CardView) -> str:
    """What made the run, in words: its schedule and due time, or who asked and how."""
    trigger = run.trigger
    if trigger.kind is TriggerKind.SCHEDULE:
        due = f", due {view.at_time(trigger.due_at, run.created_at)}" if trigger.due_at else ""
        name = (trigger.schedule_id or "").removeprefix(f"{run.agent_id}.")
        return f"schedule {name}".rstrip() + due
    if trigger.kind is TriggerKind.WATCH:
        name = (trigger.watch_id or "").removeprefix(f"{run.agent_id}.")
        return f"messages in a watched channel ({name})"
    if trigger.kind is TriggerKind.HANDOFF:
        return f"work handed over ({(trigger.contract or '').partition('.')[0]})"
    return f"{view.actor(trigger.initiator)} ({trigger.kind.value})"


def _time_fact(run: Run, view: CardView) -> Fact:
    if run.started_at is None:
        return Fact(label="Queued", value=view.when(run.created_at), at=run.created_at)
    if run.finished_at is None:
        return Fact(label="Started", value=view.when(run.started_at), at=run.started_at)
    took = duration(run.started_at, run.finished_at)
    return Fact(label="Took", value=f"{took}, until {view.when(run.finished_at)}", at=run.finished_at)


def _steps(run: Run, steps: Sequence[Step]) -> Steps:
    total = max(len(steps), run.step_count)
    title = _so_far(steps, total) if total else "No steps yet"
    return Steps(title=title, rows=tuple(_row(run, step) for step in steps[-READABLE_STEPS:]), total=total)


def _so_far(steps: Sequence[Step], total: int) -> str:
    """How many are finished, and how many of those went wrong: a finished step need not be a good one."""
    states = Counter(step.state for step in steps)
    finished = sum(number for state, number in states.items() if state.is_final)
    wrong = "".join(f", {states[state]} {STEP_WORD[state]}" for state in _WENT_WRONG if states[state])
    return f"{finished} of {count(total, 'step')} finished{wrong}"


def _row(run: Run, step: Step) -> StepRow:
    if run.state.is_final and not step.state.is_final:
        # Nothing works at it any more: a sign that turns would promise otherwise.
        return StepRow(name=step.name, mark=StepMark.FAILED, state=STEP_CUT_OFF)
    took = duration(step.started_at, step.finished_at) if step.finished_at else None
    return StepRow(
        name=step.name, mark=STEP_MARK[step.state], state=STEP_WORD[step.state], duration=took, detail=_detail(step)
    )


def _detail(step: Step) -> str | None:
    if step.error:
        return step.error
    if step.state is StepState.UNKNOWN:
        return "It may have happened. It is not repeated until a person has looked."
    cost = format_usd(step.spent_micros) if step.spent_micros else None
    again = f"attempt {step.attempts}" if step.attempts > 1 else None
    return ", ".join(part for part in (cost, again) if part) or None


def _small_print(run: Run) -> tuple[str, ...]:
    parts = [run.id]
    if run.attempt > 1:
        parts.append(f"attempt {run.attempt}")
    if run.tainted:
        parts.append("has read untrusted text")
    return tuple(parts)


def _actions(run: Run, steps: Sequence[Step], view: CardView, revision: int, unread: int) -> tuple[Action, ...]:
    actions: list[Action] = []
    if not run.state.is_final and run.stop_requested_by is None:
        actions.append(_stop(run, view, revision))
    if run.state in _RUN_AGAIN:
        actions.append(
            Button(label="Run again", token=encode(Verb.RETRY, run.id, revision), about=view.agent(run.agent_id))
        )
    if unread:
        token = encode(Verb.RERUN, f"{UNREAD}/{run.id}", revision)
        actions.append(Button(label="Run again with the replies", token=token, about=view.agent(run.agent_id)))
    if run.state.is_final and any(step.refused_by_policy for step in steps):
        actions.append(Button(label="Allow like this…", token=encode(Verb.ALLOW_LIKE, run.id, revision)))
    if url := view.link("runs", run.id):
        actions.append(LinkButton(label="Open run", url=url))
    if run.state.is_final and run.state is not RunState.CANCELLED:
        actions.append(feedback_on(CardKind.RUN, run.id))
    return tuple(actions)


def _stop(run: Run, view: CardView, revision: int) -> Button:
    return Button(
        label="Stop",
        token=encode(Verb.STOP, run.id, revision),
        style=Style.DANGER,
        confirm=_STOP,
        about=f"the run of {view.agent(run.agent_id)}",
    )
