"""What a person must act on, each with where it is seen whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from blocks.cards.alert import finding
from bot.surfaces.console.marks import INCIDENT, Mark, alert_mark, approval_mark, run_mark
from store.records import Alert, Approval, Incident, NeedsMe, Run


@dataclass(frozen=True)
class Need:
    """One thing a person must act on. `expires_at` is None when it waits as long as it takes."""

    mark: Mark
    title: str
    agent: str
    href: str
    since: datetime
    expires_at: datetime | None = None
    next_step: str | None = None
    often: str | None = None


def needs(waiting: NeedsMe, names: dict[str, str]) -> Iterator[Need]:
    """Decisions first, because they expire; then what stopped, what went wrong, what is out of range."""
    yield from (_approval_need(item, names) for item in waiting.approvals)
    yield from (_run_need(item, names) for item in waiting.stopped)
    yield from (_incident_need(item, names) for item in waiting.incidents)
    yield from (_alert_need(item, names) for item in waiting.alerts)


def _approval_need(item: Approval, names: dict[str, str]) -> Need:
    agent = names.get(item.agent_id, item.agent_id)
    return Need(
        approval_mark(item.state),
        item.summary,
        agent,
        f"/approvals/{item.id}",
        item.created_at,
        expires_at=item.expires_at,
    )


def _run_need(item: Run, names: dict[str, str]) -> Need:
    agent = names.get(item.agent_id, item.agent_id)
    title = item.reason or "Stopped without a reason on record."
    return Need(run_mark(item.state), title, agent, f"/runs/{item.id}", item.finished_at or item.created_at)


def _incident_need(item: Incident, names: dict[str, str]) -> Need:
    agent = names.get(item.agent_id, item.agent_id) if item.agent_id else "Team"
    often = f"{item.count} times" if item.count > 1 else None
    return Need(
        INCIDENT,
        item.title,
        agent,
        f"/cards/incident:{item.id}",
        item.first_at,
        next_step=item.next_step,
        often=often,
    )


def _alert_need(item: Alert, names: dict[str, str]) -> Need:
    agent = names.get(item.agent_id, item.agent_id)
    return Need(
        alert_mark(item.state), finding(item), agent, f"/cards/alert:{item.id}", item.since, next_step=item.next_step
    )
