"""The task card: a piece of work, whose it is, where it came from and where it stands."""

from blocks.cards.approval import REASON_FIELD
from blocks.cards.view import CardView
from blocks.elements import (
    MAX_OPTIONS,
    Action,
    Button,
    Card,
    Context,
    Element,
    Fact,
    Facts,
    FieldKind,
    Form,
    FormButton,
    FormField,
    Item,
    Items,
    LinkButton,
    Menu,
    Option,
    Quoted,
    Style,
    Text,
    Tone,
)
from blocks.text import one_line, sentence
from blocks.tokens import Verb, encode
from blocks.words import TASK_TONE, TASK_WORD
from store.records import Evidence, EvidenceKind, Task, TaskState

OWNER_FIELD = "owner"
EVIDENCE_FIELD = "evidence"

_REASON = {
    TaskState.BLOCKED: "Blocked because",
    TaskState.DONE: "Evidence",
    TaskState.DROPPED: "Dropped because",
    TaskState.OPEN: "Open again:",
}


def task_card(
    task: Task,
    view: CardView,
    *,
    revision: int = 0,
    handed_over: bool = False,
    waits_for: tuple[Task, ...] = (),
) -> Card:
    """The task with what may be done next; `handed_over` is the card a former owner keeps, with nothing to press.

    `waits_for` are the unfinished tasks that it waits for.
    """
    return Card(
        key=f"task:{task.id}",
        revision=revision,
        kind="task",
        tone=Tone.BAD if _is_late(task) else TASK_TONE[task.state],
        state="Handed over" if handed_over else _state(task),
        title=task.title,
        summary=_summary(task, view, handed_over=handed_over),
        simulated=view.simulated,
        elements=_elements(task, view, waits_for),
        actions=() if handed_over else _actions(task, view),
    )


def _is_late(task: Task) -> bool:
    """By the record, not by the clock: it was said that it is overdue, and it is not closed since."""
    return task.escalated_at is not None and not task.state.is_closed


def _state(task: Task) -> str:
    return f"{TASK_WORD[task.state]}, overdue" if _is_late(task) else TASK_WORD[task.state]


def owner_name(task: Task, view: CardView) -> str:
    """Whose the task is."""
    if task.agent_id:
        return view.agent(task.agent_id)
    return view.person(task.person_id) if task.person_id else "nobody yet"


def _summary(task: Task, view: CardView, *, handed_over: bool) -> str:
    owner = owner_name(task, view)
    if handed_over:
        return f"Task handed to {owner}: {one_line(task.title)}."
    due = f", due {view.when(task.due_at)}" if task.due_at and not task.state.is_closed else ""
    return f"{_state(task)} for {owner}: {one_line(task.title)}{due}."


def _elements(task: Task, view: CardView, waits_for: tuple[Task, ...]) -> tuple[Element, ...]:
    elements: list[Element] = [_facts(task, view)]
    if task.reason and task.state in _REASON:
        elements.append(Text(heading=_REASON[task.state], text=sentence(task.reason)))
    if waits_for:
        elements.append(_waiting(waits_for, view))
    shown = tuple(one for one in task.evidence if one.kind is not EvidenceKind.TEXT)
    if shown:
        elements.append(Items(heading="Shown", rows=tuple(_shown(one) for one in shown), total=len(shown)))
    if task.details:
        elements.append(Quoted(text=task.details, source=f"Written by {view.actor(task.created_by)}, not checked"))
    if task.source and task.source.text:
        elements.append(Quoted(text=task.source.text, source=f"Message by {task.source.author}, not checked"))
    elements.append(Context(parts=(task.id, f"made {view.when(task.created_at)} by {view.actor(task.created_by)}")))
    return tuple(elements)


def _waiting(waits_for: tuple[Task, ...], view: CardView) -> Items:
    rows = tuple(Item(text=one_line(one.title), detail=f"{_state(one)} · {owner_name(one, view)}") for one in waits_for)
    return Items(heading="Waits for", rows=rows, total=len(rows))


def _shown(one: Evidence) -> Item:
    """A piece of evidence: what it is, and for a file what it was when it was looked at."""
    kept = f" · sha256 {one.sha256[:12]}" if one.sha256 else ""
    return Item(text=one.value, detail=f"{one.kind.value}{kept}")


def _facts(task: Task, view: CardView) -> Facts:
    rows = [Fact(label="Owner", value=owner_name(task, view))]
    if task.due_at:
        rows.append(Fact(label="Due", value=view.when(task.due_at), at=task.due_at))
    if task.held_by:
        rows.append(Fact(label="Worked on by", value=task.held_by))
    if task.closed_at and task.closed_by:
        closed = f"{view.when(task.closed_at)} by {view.actor(task.closed_by)}"
        rows.append(Fact(label="Closed", value=closed, at=task.closed_at))
    return Facts(rows=tuple(rows))


def _actions(task: Task, view: CardView) -> tuple[Action, ...]:
    actions: list[Action] = []
    if task.state.is_closed:
        actions.append(_button(task, "Open again", Verb.TASK_REOPEN))
    else:
        actions.extend(_moves(task))
        actions.extend(_assign(task, view))
    if task.source and task.source.url:
        actions.append(LinkButton(label="Open message", url=task.source.url))
    return tuple(actions)


def _moves(task: Task) -> tuple[Action, ...]:
    untouched = task.state is TaskState.OPEN
    return (
        _ask_why(task, "Block", Verb.TASK_BLOCK, "What is it waiting for?")
        if task.state is TaskState.IN_PROGRESS
        else _begin(task, Style.PRIMARY if untouched else Style.PLAIN),
        _done(task),
        _ask_why(task, "Drop", Verb.TASK_DROP, "Why is it not to be done?"),
    )


def _begin(task: Task, style: Style) -> Button:
    """Somebody begins: whoever owns it, or, where nobody does, whoever takes it."""
    unowned = task.agent_id is None and task.person_id is None
    return _button(task, *(("Take it", Verb.TASK_TAKE) if unowned else ("Start", Verb.TASK_START)), style=style)


def _done(task: Task) -> FormButton:
    field = FormField(
        name=EVIDENCE_FIELD,
        label="By what can it be seen?",
        kind=FieldKind.MULTILINE,
        hint="A few words, or a link.",
    )
    token = encode(Verb.TASK_DONE, task.id, task.revision)
    form = Form(title="This task is done", submit="Done", token=token, intro=task.title, fields=(field,))
    return FormButton(label="Done…", form=form, about=task.title)


def _button(task: Task, label: str, verb: Verb, style: Style = Style.PLAIN) -> Button:
    return Button(label=label, token=encode(verb, task.id, task.revision), style=style, about=task.title)


def _ask_why(task: Task, label: str, verb: Verb, question: str) -> FormButton:
    field = FormField(name=REASON_FIELD, label=question, kind=FieldKind.MULTILINE)
    token = encode(verb, task.id, task.revision)
    form = Form(title=f"{label} this task", submit=label, token=token, intro=task.title, fields=(field,))
    return FormButton(label=f"{label}…", form=form, about=task.title)


def _assign(task: Task, view: CardView) -> tuple[Action, ...]:
    """A menu of everybody else; with more people than a menu holds, a form that asks for a name."""
    agents = [("a", one, name) for one, name in view.agent_names.items() if one != task.agent_id]
    people = [("p", one, name) for one, name in view.person_names.items() if one != task.person_id]
    others = (*agents, *people)
    if not others:
        return ()
    if len(others) > MAX_OPTIONS:
        return (_assign_by_name(task),)
    options = tuple(
        Option(label=name, token=encode(Verb.TASK_ASSIGN, f"{task.id}/{kind}/{one}", task.revision))
        for kind, one, name in others
    )
    return (Menu(label="Assign to…", options=options),)


def _assign_by_name(task: Task) -> FormButton:
    field = FormField(name=OWNER_FIELD, label="Who?", hint="The name or id of an agent or a person.")
    token = encode(Verb.TASK_ASSIGN, task.id, task.revision)
    form = Form(title="Assign this task", submit="Assign", token=token, intro=task.title, fields=(field,))
    return FormButton(label="Assign…", form=form, about=task.title)
