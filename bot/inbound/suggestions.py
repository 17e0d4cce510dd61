"""What the argument of a command may be, for surfaces that offer a choice while it is typed. It changes nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from types import MappingProxyType

from blocks.cards.alert import finding
from blocks.text import one_line
from bot.inbound.desk import Desk
from bot.surfaces.commands import Naming, Question, Suggestion
from bot.workspace.candidates import candidates
from store.queries import approvals, decisions, findings, runs, schedules
from store.records import Run, RunState

LOOKED_AT = 200
"""Of records that go on for ever: the newest that are looked through."""
STOPS = "stop"
"""The command for which only what has not ended is offered."""


def suggestions(desk: Desk, question: Question) -> tuple[Suggestion, ...]:
    """What matches best comes first, each value once; where several kinds match, each kind gets its share."""
    kinds = [[Suggestion(label=word, value=word) for word in question.usage.words]]
    kinds += [list(_LOOKS[name](desk, question)) for name in question.usage.names if name in _LOOKS]
    return _shared([_matching(found, question.typed) for found in kinds], question.at_most)


def _matching(found: Iterable[Suggestion], typed: str) -> list[Suggestion]:
    """Those that hold what was typed; those that begin with it first."""
    wanted = one_line(typed).strip().casefold()
    ranked = [(_rank(one, wanted), one) for one in found]
    return [one for rank, one in sorted(ranked, key=lambda each: each[0]) if rank < _NO_MATCH]


_NO_MATCH = 2


def _rank(one: Suggestion, wanted: str) -> int:
    texts = (one.label.casefold(), one.value.casefold())
    if any(text.startswith(wanted) for text in texts):
        return 0
    return 1 if any(wanted in text for text in texts) else _NO_MATCH


def _shared(kinds: Sequence[Sequence[Suggestion]], at_most: int) -> tuple[Suggestion, ...]:
    """As many of each kind as there is room for, kind by kind in the order of the usage."""
    taken: dict[str, tuple[int, Suggestion]] = {}
    turns = zip_longest(*([(kind, one) for one in found] for kind, found in enumerate(kinds)))
    for entry in (each for turn in turns for each in turn if each is not None):
        if len(taken) < at_most:
            taken.setdefault(entry[1].value, entry)
    return tuple(one for _, one in sorted(taken.values(), key=lambda each: each[0]))


def _agents(desk: Desk, _question: Question) -> Iterator[Suggestion]:
    return (Suggestion(label=agent.name, value=agent.id) for agent in desk.team.agents.values())


def _schedules(desk: Desk, _question: Question) -> Iterator[Suggestion]:
    for one in schedules.live_schedules(desk.store):
        paused = ", paused" if one.paused else ""
        yield Suggestion(label=f"{one.id} ({desk.presenter.view.agent(one.agent_id)}{paused})", value=one.id)


def _runs(desk: Desk, question: Question) -> Iterator[Suggestion]:
    states = [state for state in RunState if not state.is_final] if question.command == STOPS else [None]
    found = [run for state in states for run in runs.recent_runs(desk.store, limit=LOOKED_AT, state=state)]
    return (Suggestion(label=_said(desk, one), value=one.id) for one in found)


def _said(desk: Desk, run: Run) -> str:
    view = desk.presenter.view
    return f"{view.agent(run.agent_id)}: {run.state.value.replace('_', ' ')}, {view.when(run.created_at)}, {run.id}"


def _approvals(desk: Desk, _question: Question) -> Iterator[Suggestion]:
    view = desk.presenter.view
    for one in approvals.open_approvals(desk.store):
        yield Suggestion(label=f"{view.agent(one.agent_id)}: {one.summary}", value=one.id)


def _cards(desk: Desk, _question: Question) -> Iterator[Suggestion]:
    """What most often wants an explanation: alerts that are not over, and the latest digests."""
    for alert in findings.open_alerts(desk.store):
        yield Suggestion(label=finding(alert), value=alert.id)
    for digest in findings.recent_digests(desk.store):
        label = f"{digest.title}, {desk.presenter.view.when(digest.published_at)}"
        yield Suggestion(label=label, value=digest.id)


def _subjects(desk: Desk, _question: Question) -> Iterator[Suggestion]:
    found = decisions.decisions(desk.store, limit=LOOKED_AT)
    return (Suggestion(label=one.subject, value=one.subject) for one in found)


def _topics(desk: Desk, _question: Question) -> Iterator[Suggestion]:
    return (Suggestion(label=name, value=name) for name in sorted(desk.presenter.topics))


def _people(desk: Desk, _question: Question) -> Iterator[Suggestion]:
    return (Suggestion(label=person.name, value=person.id) for person in desk.team.people.values())


def _candidates(desk: Desk, _question: Question) -> Iterator[Suggestion]:
    for one in candidates(desk.team):
        yield Suggestion(label=f"{one.name}: {one.says}" if one.says else one.name, value=one.name)


_LOOKS: Mapping[Naming, Callable[[Desk, Question], Iterator[Suggestion]]] = MappingProxyType(
    {
        Naming.AGENT: _agents,
        Naming.SCHEDULE: _schedules,
        Naming.RUN: _runs,
        Naming.APPROVAL: _approvals,
        Naming.CARD: _cards,
        Naming.SUBJECT: _subjects,
        Naming.TOPIC: _topics,
        Naming.PERSON: _people,
        Naming.CANDIDATE: _candidates,
    }
)
