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
    LinkButton,
    Menu,
    Option,
    Quoted,
    Style,
    Text,
)
from blocks.text import one_line, sentence
from blocks.tokens import Verb, encode
from blocks.words import TASK_TONE, TASK_WORD
from store.records import Task, TaskState

OWNER_FIELD = "owner"

_REASON = {
    TaskState.BLOCKED: "Blocked because",
    TaskState.DONE: "Evidence",
    TaskState.DROPPED: "Dropped because",
}


def task_card(task: Task, view: CardView, *, revision: int = 0, handed_over: bool = False) -> Card:
    """The task with what may be done next; `handed_over` is the card a former owner keeps, with nothing to press."""
    return Card(
        key=f"task:{task.id}",
        revision=revision,
        kind="task",
        tone=TASK_TONE[task.state],
        state="Handed over" if handed_over else TASK_WORD[task.state],
        title=task.title,
        summary=_summary(task, view, handed_over=handed_over),
        simulated=view.simulated,
        elements=_elements(task, view),
        actions=() if handed_over else _actions(task, view),
    )


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
    return f"{TASK_WORD[task.state]} for {owner}: {one_line(task.title)}{due}."


def _elements(task: Task, view: CardView) -> tuple[Element, ...]:
    elements: list[Element] = [_facts(task, view)]
    if task.reason and task.state in _REASON:
        elements.append(Text(heading=_REASON[task.state], text=sentence(task.reason)))
    if task.details:
        elements.append(Quoted(text=task.details, source=f"Written by {view.actor(task.created_by)}, not checked"))
    if task.source and task.source.text:
        elements.append(Quoted(text=task.source.text, source=f"Message by {task.source.author}, not checked"))
    elements.append(Context(parts=(task.id, f"made {view.when(task.created_at)} by {view.actor(task.created_by)}")))
    return tuple(elements)


def _facts(task: Task, view: CardView) -> Facts:
    rows = [Fact(label="Owner", value=owner_name(task, view))]
    if task.due_at:
        rows.append(Fact(label="Due", value=view.when(task.due_at), at=task.due_at))
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
        else _button(task, "Start", Verb.TASK_START, style=Style.PRIMARY if untouched else Style.PLAIN),
        _button(task, "Done", Verb.TASK_DONE, style=Style.PLAIN if untouched else Style.PRIMARY),
        _ask_why(task, "Drop", Verb.TASK_DROP, "Why is it not to be done?"),
    )


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
