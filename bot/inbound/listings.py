"""The commands that only look: each answers with a card and changes nothing."""

from blocks.cards import CardView, agents_card, budget_card, notice_card, owner_name, why_card, why_figure_card
from blocks.cards.alert import alert_word, finding
from blocks.elements import Card, Item, Items, Tone
from blocks.words import TASK_WORD
from bot.delivery.present import Presenter
from bot.inbound.desk import Desk
from bot.inbound.ordering import Order
from bot.inbound.request_forms import new_request, new_task
from bot.starts import agent_named
from bot.surfaces.base import Answer
from store.handle import Store
from store.kernel.errors import UserMistake
from store.queries import approvals, findings, runs, schedules, sought, tasks
from store.queries.spending import spending
from store.queries.why import why
from store.queries.why_figure import why_figure
from store.records import Alert, CardKind, OutputKind, Task, TaskState, card_key

SHOWN = 20
MINE, DONE, ALL = "mine", "done", "all"
"""What `tasks` takes besides an agent."""
EVERY = 10_000
"""How many tasks `all` gives at most."""
CLOSED = frozenset({TaskState.DONE, TaskState.DROPPED})


def show_agents(desk: Desk, order: Order) -> Answer:
    """Who there is, what each does and owns, and what is next."""
    return Answer(card=agents_card(desk.presenter.fleet(), desk.presenter.view))


def show_budget(desk: Desk, order: Order) -> Answer:
    """What was spent and is held, by agent and together."""
    return Answer(card=budget_card(spending(desk.store, desk.presenter.facts), desk.presenter.view))


def show_why(desk: Desk, order: Order) -> Answer:
    """What is behind a run, an approval or what an agent did last. Raises UserMistake when nothing is."""
    return Answer(card=answer_why(desk.store, desk.presenter, order.argument))


def answer_why(store: Store, presenter: Presenter, subject: str) -> Card:
    """The answer about a record's id, one of its figures, a card's key, or an agent's latest run."""
    if not subject:
        raise UserMistake("Say what to explain.", "For example: why run_…, why approval_…, or why AGENT.")
    if figure := _figure_named(subject):
        return why_figure_card(why_figure(store, *figure), presenter.view)
    agent_id = presenter.agent_id(subject)
    latest = runs.recent_runs(store, agent_id, limit=1) if agent_id else []
    if agent_id and not latest:
        raise UserMistake(f"{presenter.view.agent(agent_id)} has not run yet.")
    return why_card(why(store, latest[0].id if latest else subject), presenter.view)


def _figure_named(subject: str) -> tuple[OutputKind, str, int] | None:
    """The figure that `digest_…/2` names, counted from one; None when it names none."""
    output_id, _, number = subject.partition("/")
    kind = OutputKind.ALERT if output_id.startswith("alert_") else OutputKind.DIGEST
    return (kind, output_id, int(number) - 1) if number.isdecimal() and int(number) else None


def show_tasks(desk: Desk, order: Order) -> Answer:
    """Unfinished tasks: everybody's, one owner's, one's own (`mine`), or what was closed (`done`)."""
    found = tasks_named(desk.store, desk.presenter, order.argument, order.person.id)
    title = "Closed tasks" if order.argument == DONE else "Tasks"
    rows = tuple(_task_row(task, desk.presenter.view) for task in found[:SHOWN])
    card = list_card(title, rows, len(found), "No tasks.")
    return Answer(card=card.model_copy(update={"actions": (new_task(desk), new_request(desk))}))


def tasks_named(store: Store, presenter: Presenter, whose: str, me: str | None) -> list[Task]:
    """The tasks that `tasks WHOSE` means; `me` is whose `mine` are. Raises UserMistake for nobody's name."""
    word = whose.strip().lower()
    if word == DONE:
        return tasks.tasks(store, states=CLOSED)
    if word == ALL:
        return tasks.tasks(store, states=tuple(TaskState), limit=EVERY)
    if word == MINE:
        return tasks.tasks(store, person_id=_somebody(me))
    if not word:
        return tasks.tasks(store)
    agent_id = presenter.agent_id(word)
    if agent_id is None:
        agents = ", ".join(one.agent_id for one in presenter.facts.agents)
        raise UserMistake(f"There is no agent {whose!r}.", f"Say an agent ({agents}), mine, done or all.")
    return tasks.tasks(store, agent_id=agent_id)


def _somebody(me: str | None) -> str:
    if me is None:
        raise UserMistake("Nobody is asking, so nothing is theirs.")
    return me


def _task_row(task: Task, view: CardView) -> Item:
    due = f" · due {view.when(task.due_at)}" if task.due_at else ""
    detail = f"{TASK_WORD[task.state]} · {owner_name(task, view)}{due} · {task.id}"
    return Item(text=task.title, detail=detail, url=view.link("cards", card_key(CardKind.TASK, task.slot)))


def show_approvals(desk: Desk, order: Order) -> Answer:
    """What waits for a decision, oldest first."""
    view = desk.presenter.view
    found = approvals.open_approvals(desk.store)
    rows = tuple(
        Item(
            text=approval.summary,
            detail=f"{view.agent(approval.agent_id)}, decide by {view.when(approval.expires_at)}",
            url=view.link("approvals", approval.id),
        )
        for approval in found[:SHOWN]
    )
    return Answer(card=list_card("Waiting for a decision", rows, len(found), "Nothing waits for a decision."))


def show_alerts(desk: Desk, order: Order) -> Answer:
    """Alerts that are not over, the longest standing first; of one agent where one is named."""
    found = alerts_of(desk.store, agent_named(desk.team, order.argument).id if order.argument else None)
    rows = tuple(_alert_row(alert, desk.presenter.view) for alert in found[:SHOWN])
    return Answer(card=list_card("Alerts", rows, len(found), "Nothing is out of the ordinary."))


def alerts_of(store: Store, agent_id: str | None) -> list[Alert]:
    """Alerts that are not over, the longest standing first: everybody's, or one agent's."""
    return [one for one in findings.open_alerts(store) if agent_id in (None, one.agent_id)]


def _alert_row(alert: Alert, view: CardView) -> Item:
    until = f" until {view.when(alert.snoozed_until)}" if alert.snoozed_until else ""
    detail = f"{alert_word(alert)}{until} · {view.agent(alert.agent_id)} · since {view.when(alert.since)} · {alert.id}"
    return Item(text=finding(alert), detail=detail, url=view.link("cards", card_key(CardKind.ALERT, alert.id)))


def show_runs(desk: Desk, order: Order) -> Answer:
    """The latest runs, of one agent where one is named."""
    view = desk.presenter.view
    agent_id = agent_named(desk.team, order.argument).id if order.argument else None
    rows = tuple(
        Item(
            text=f"{view.agent(run.agent_id)}: {run.state.value.replace('_', ' ')}",
            detail=f"{view.when(run.created_at)}, {run.id}",
            url=view.link("runs", run.id),
        )
        for run in runs.recent_runs(desk.store, agent_id, limit=SHOWN)
    )
    return Answer(card=list_card("Latest runs", rows, len(rows), "No runs yet."))


def show_schedules(desk: Desk, order: Order) -> Answer:
    """What runs when, and what is next."""
    view = desk.presenter.view
    found = schedules.live_schedules(desk.store)
    rows = tuple(
        Item(
            text=schedule.id + (" (paused)" if schedule.paused else ""),
            detail=f"next {view.when(schedule.next_fire_at) if schedule.next_fire_at else 'never'}",
        )
        for schedule in found[:SHOWN]
    )
    return Answer(card=list_card("Schedules", rows, len(found), "This team has no schedules."))


def show_found(desk: Desk, order: Order) -> Answer:
    """The newest records that hold all the words. Raises UserMistake without any."""
    if not order.argument.strip():
        raise UserMistake("Say what to look for.", "For example: search disk full. Every word must occur.")
    view = desk.presenter.view
    found = sought.find(desk.store, order.argument, limit=SHOWN + 1)
    rows = tuple(
        Item(
            text=one.title,
            detail=f"{one.kind.value} · {one.state} · {view.when(one.at)} · {one.record_id}",
            url=view.link(*one.page),
        )
        for one in found[:SHOWN]
    )
    return Answer(card=list_card("Found", rows, len(found), "Nothing holds all of these words."))


def list_card(title: str, rows: tuple[Item, ...], total: int, empty: str) -> Card:
    """Rows under a title; `total` counts what they stand for, `empty` is said when there is none."""
    card = notice_card(title, "", Tone.NEUTRAL)
    summary = f"{title}: {total}." if rows else f"{title}: {empty}"
    return card.model_copy(update={"elements": (Items(rows=rows, total=total, empty=empty),), "summary": summary})
