"""What needs one person, as entries of the home page: each with the buttons its card has.

Times are said as moments, never as ages, so that a page on which nothing happened reads the same a minute later.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from blocks.cards.alert import finding
from blocks.cards.approval import approval_card
from blocks.cards.call import asked_by, exact_call
from blocks.cards.incident import incident_title
from blocks.cards.task import task_card
from blocks.cards.view import CardView
from blocks.elements import Action, Button, Element, Item, Items, LinkButton, Menu, Text
from blocks.home import HomeEntry, HomeItem
from blocks.limits import HOME
from blocks.text import count, mixed_script_words, one_line
from blocks.tokens import Verb, decode, encode
from blocks.words import RUN_WORD, TASK_WORD
from store.records import Alert, Approval, Fleet, HomeShow, Incident, Run, Task, TaskState, Vote

TOO_LONG = "The exact call is longer than this page can show, so it is approved on its own card."


@dataclass(frozen=True)
class Viewer:
    """Whose page it is and what that person may do.

    `decides` names the open approvals whose decision this person's vote would count for, `votes` what was voted on
    them so far. `tasks` are theirs and not closed. `channels` is where an agent's channel opens, by agent id. `note`
    answers their last press.
    """

    person_id: str
    decides: frozenset[str] = frozenset()
    votes: Mapping[str, tuple[Vote, ...]] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    may_switch_all: bool = False
    channels: Mapping[str, str] = field(default_factory=dict)
    show: HomeShow = HomeShow.ALL
    note: str | None = None

    def asked(self, owner: str | None, view: CardView) -> bool:
        """True when this person is asked: by name, or because nobody of the team is."""
        return owner == self.person_id or owner is None or owner not in view.person_names


def needs(fleet: Fleet, viewer: Viewer, view: CardView) -> Iterator[HomeEntry]:
    """Decisions first, because they expire; then what stopped, what went wrong, their tasks, what is out of range."""
    waiting = fleet.needs_me
    for approval in waiting.approvals:
        if approval.id in viewer.decides:
            yield approval_entry(approval, viewer, view)
    yield from (_stopped(run, view) for run in waiting.stopped if viewer.asked(run.owner, view))
    yield from (_incident(incident, view) for incident in waiting.incidents)
    yield from (_task(task, view) for task in viewer.tasks)
    yield from (_alert(alert, view) for alert in waiting.alerts if viewer.asked(alert.owner, view))


def approval_entry(approval: Approval, viewer: Viewer, view: CardView) -> HomeItem:
    """The approval with its card's own buttons. What cannot be shown to its last character cannot be approved here."""
    payload = exact_call(approval)
    whole = HOME.length(payload.text) <= HOME.payload_chars
    votes = viewer.votes.get(approval.id, ())
    actions = tuple(one for one in approval_card(approval, votes, view).actions if not _is(one, Verb.ALLOW_LIKE))
    if not whole:
        actions = _elsewhere(actions, viewer.channels.get(approval.agent_id))
    head = Text(heading=f"Approve? {one_line(approval.summary)}", text=_asked(approval, len(votes), view))
    elements: list[Element] = [head, payload] if whole else [head, payload, Text(text=TOO_LONG)]
    if words := mixed_script_words(approval.payload):
        elements.append(Text(text=f"Look closely: letters of different alphabets are mixed in {', '.join(words)}"))
    return HomeItem(elements=tuple(elements), actions=actions)


def _asked(approval: Approval, votes: int, view: CardView) -> str:
    requirement = approval.requirement
    needed = count(requirement.quorum, "person", "people")
    counted = f", {votes} of {needed} so far" if requirement.quorum > 1 else ""
    final = " · cannot be undone" if approval.irreversible else ""
    return f"{asked_by(approval, view)} asks{counted} · decide by {view.when(approval.expires_at)}{final}"


def _elsewhere(actions: tuple[Action, ...], channel_url: str | None) -> tuple[Action, ...]:
    kept = tuple(action for action in actions if not _is(action, Verb.APPROVE))
    has_link = any(isinstance(action, LinkButton) for action in kept)
    return kept if has_link or channel_url is None else (*kept, LinkButton(label="Open channel", url=channel_url))


def _is(action: Action, verb: Verb) -> bool:
    return isinstance(action, Button) and decode(action.token).verb is verb


def _stopped(run: Run, view: CardView) -> HomeItem:
    agent, ended = view.agent(run.agent_id), f" · {view.when(run.finished_at)}" if run.finished_at else ""
    detail = f"{(run.reason or 'no reason on record').removesuffix('.')}{ended}"
    item = Item(text=f"{RUN_WORD[run.state]}: {agent}", detail=detail, url=view.link("runs", run.id))
    again = Button(label="Run again", token=encode(Verb.RETRY, run.id, 0), about=f"the stopped run of {agent}")
    return _item(item, again)


def _incident(incident: Incident, view: CardView) -> HomeItem:
    title = incident_title(incident, view)
    detail = f"{count(incident.count, 'time')} · last {view.when(incident.last_at)} · {incident.next_step}"
    item = Item(text=f"Incident: {title}", detail=detail, url=view.link("cards", f"incident:{incident.id}"))
    return _item(item, Button(label="Close", token=encode(Verb.CLOSE_INCIDENT, incident.id, 0), about=title))


def _alert(alert: Alert, view: CardView) -> HomeItem:
    detail = f"since {view.when(alert.since)} · {alert.next_step}"
    item = Item(text=f"Alert: {finding(alert)}", detail=detail, url=view.link("cards", f"alert:{alert.id}"))
    token = encode(Verb.ACKNOWLEDGE, alert.id, 0)
    return _item(item, Button(label="Acknowledge", token=token, about=alert.title))


def _task(task: Task, view: CardView) -> HomeItem:
    due = f"due {view.when(task.due_at)}" if task.due_at else "no due time"
    waits = f" · {TASK_WORD[task.state].lower()}: {task.reason}" if task.state is TaskState.BLOCKED else ""
    item = Item(text=f"{TASK_WORD[task.state]}: {one_line(task.title)}", detail=f"{due}{waits}")
    return _item(item, *(action for action in task_card(task, view).actions if not isinstance(action, Menu)))


def _item(item: Item, *actions: Action) -> HomeItem:
    return HomeItem(elements=(Items(rows=(item,), total=1),), actions=actions)
