"""The Bridge: what needs a person, what each agent is doing, what got done. Every figure leads to its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks.cards.alert import finding
from blocks.cards.view import CardView
from blocks.elements import Button, Tone
from bot.surfaces.console.marks import BLOCKED, NEVER, OVERDUE, UNOWNED, Mark, agent_mark, alert_mark, run_mark
from bot.surfaces.console.views.controls import agent_actions
from bot.surfaces.console.views.needs import Need, needs
from bot.surfaces.console.views.rail import channel_href
from store.kernel.money import format_usd
from store.records import AgentView, Alert, Fleet, Outstanding, Run, RunState, Task

_FULL_PERCENT = 100
_HIGH_PERCENT = 80


@dataclass(frozen=True)
class Figure:
    """One number and where its rows are."""

    label: str
    value: str
    href: str
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True)
class AgentRow:
    """One agent now. `share_percent` is today's spend against the day's cap, at most 100; None without a cap."""

    agent: AgentView
    href: str
    mark: Mark
    doing: str | None
    doing_href: str | None
    last: Mark
    last_at: datetime | None
    last_href: str | None
    runs_href: str
    share_percent: int | None
    spend_tone: Tone
    actions: tuple[Button, ...]


@dataclass(frozen=True)
class Line:
    """One line of a list. `detail` is said in a quieter voice."""

    mark: Mark
    title: str
    href: str
    detail: str
    at: datetime | None


@dataclass(frozen=True)
class Bridge:
    """The whole page. `finished` lists the latest first; `finished_count` counts all of today.

    `stuck` are runs that wait and tasks that do not go on, each with whoever could move it.
    """

    figures: tuple[Figure, ...]
    needs: tuple[Need, ...]
    agents: tuple[AgentRow, ...]
    finished: tuple[Line, ...]
    finished_count: int
    alerts: tuple[Line, ...]
    stuck: tuple[Line, ...]


_FINISHED_SHOWN = 8


def bridge(fleet: Fleet, alerts: Sequence[Alert], outstanding: Outstanding, view: CardView) -> Bridge:
    """The Bridge of a fleet; `alerts` are all that are not cleared, `outstanding` is the shared work that waits."""
    names = {agent.agent_id: agent.name for agent in fleet.agents}
    return Bridge(
        figures=_figures(fleet, alerts),
        needs=tuple(needs(fleet.needs_me, names)),
        agents=tuple(_agent_row(agent) for agent in fleet.agents),
        finished=tuple(_finished(run, names) for run in fleet.finished_today[:_FINISHED_SHOWN]),
        finished_count=len(fleet.finished_today),
        alerts=tuple(_alert(alert, view) for alert in alerts),
        stuck=(*_waiting_runs(fleet, view), *_stuck_tasks(outstanding, view)),
    )


def _figures(fleet: Fleet, alerts: Sequence[Alert]) -> tuple[Figure, ...]:
    needs, working = fleet.needs_me.count, sum(_is_working(agent) for agent in fleet.agents)
    return (
        Figure("Needs you", str(needs), "#needs", Tone.WAITING if needs else Tone.NEUTRAL),
        Figure("Working now", str(working), "/runs?state=running"),
        Figure("Finished today", str(len(fleet.finished_today)), "/runs?day=today&state=ended"),
        Figure("Open alerts", str(len(alerts)), "#alerts", Tone.BAD if alerts else Tone.NEUTRAL),
        _spent_today(fleet),
    )


def _spent_today(fleet: Fleet) -> Figure:
    """The team's spend, against the sum of the day caps where every agent has one."""
    spent = format_usd(sum(agent.spent_today_micros for agent in fleet.agents))
    caps = [agent.day_cap_micros for agent in fleet.agents if agent.day_cap_micros is not None]
    all_capped = bool(caps) and len(caps) == len(fleet.agents)
    return Figure(f"of {format_usd(sum(caps))} spent today" if all_capped else "Spent today", spent, "/runs?day=today")


def _is_working(agent: AgentView) -> bool:
    return agent.current is not None and agent.current.state is RunState.RUNNING


def _agent_row(agent: AgentView) -> AgentRow:
    share = _share_percent(agent)
    return AgentRow(
        agent=agent,
        href=channel_href(agent.agent_id),
        mark=agent_mark(agent),
        doing=_doing(agent),
        doing_href=f"/runs/{agent.current.id}" if agent.current else None,
        last=run_mark(agent.last.state) if agent.last else NEVER,
        last_at=agent.last.finished_at if agent.last else None,
        last_href=f"/runs/{agent.last.id}" if agent.last else None,
        runs_href=f"/runs?agent={agent.agent_id}&day=today",
        share_percent=share,
        spend_tone=_spend_tone(share),
        actions=agent_actions(agent),
    )


def _doing(agent: AgentView) -> str | None:
    """What stands beside the state's mark; None when the mark says it all."""
    if agent.current is None or agent.doing == agent.current.state.value:
        return None
    return f"for {agent.doing}" if agent.current.state is RunState.WAITING else agent.doing


def _share_percent(agent: AgentView) -> int | None:
    if not agent.day_cap_micros:
        return None
    return min(_FULL_PERCENT, agent.spent_today_micros * _FULL_PERCENT // agent.day_cap_micros)


def _spend_tone(share: int | None) -> Tone:
    if share is None or share < _HIGH_PERCENT:
        return Tone.NEUTRAL
    return Tone.BAD if share >= _FULL_PERCENT else Tone.WARNING


def _finished(run: Run, names: dict[str, str]) -> Line:
    detail = run.said or run.reason or ""
    return Line(run_mark(run.state), names.get(run.agent_id, run.agent_id), f"/runs/{run.id}", detail, run.finished_at)


def _alert(alert: Alert, view: CardView) -> Line:
    owner = alert.acknowledged_by or alert.owner
    detail = f"{view.agent(alert.agent_id)} · owner: {view.person(owner) if owner else 'nobody yet'}"
    return Line(alert_mark(alert.state), finding(alert), f"/cards/alert:{alert.id}", detail, alert.since)


def _waiting_runs(fleet: Fleet, view: CardView) -> Iterator[Line]:
    """Runs that wait, each with whoever it waits for."""
    roles = {item.run_id: item.requirement.role for item in fleet.needs_me.approvals}
    for agent in fleet.agents:
        run = agent.current
        if run is None or run.state is not RunState.WAITING:
            continue
        owner = view.person(run.owner) if run.owner else "nobody named"
        yield Line(
            run_mark(run.state),
            f"{agent.name} waits for {run.reason or 'its turn'}",
            f"/runs/{run.id}",
            f"waits for {roles[run.id]}" if run.id in roles else f"owner: {owner}",
            run.created_at,
        )


def _stuck_tasks(outstanding: Outstanding, view: CardView) -> Iterator[Line]:
    """Tasks past their due time, long blocked, or nobody's; one that is several of these stands once."""
    shown: set[str] = set()
    groups = ((OVERDUE, outstanding.overdue), (BLOCKED, outstanding.stuck), (UNOWNED, outstanding.unowned))
    for mark, tasks in groups:
        for task in tasks:
            if task.id not in shown:
                shown.add(task.id)
                yield _task(mark, task, view)


def _task(mark: Mark, task: Task, view: CardView) -> Line:
    owner = view.agent(task.agent_id) if task.agent_id else view.person(task.person_id) if task.person_id else "nobody"
    detail = f"owner: {owner}" + (f" · {task.reason}" if mark is BLOCKED and task.reason else "")
    since = task.due_at if mark is OVERDUE else task.changed_at
    return Line(mark, task.title, f"/cards/task:{task.slot}", detail, since)
