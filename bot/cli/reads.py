"""`status`, `runs`, `approvals`, `schedules`: the record in words or as JSON, whether or not the team is running."""

import json
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter, validators

from blocks.render.text import render
from blocks.render.words import SIMULATED
from bot.cli.opening import DEFAULT_WORKSPACE, AsJson, Simulated, Workspace, open_record
from bot.delivery.present import Presenter
from store.queries import approvals as approval_queries
from store.queries import runs as run_queries
from store.queries import schedules as schedule_queries
from store.records import Occurrence, Record

LATEST = 20


def status(*, workspace: Workspace = DEFAULT_WORKSPACE, as_json: AsJson = False, simulated: Simulated = False) -> None:
    """What needs a person, what each agent is doing, and what got done today."""
    with open_record(workspace, simulated=simulated) as (_, presenter):
        print(presenter.fleet().model_dump_json(indent=2) if as_json else render(presenter.fleet_card()))


def runs(
    agent: Annotated[str | None, Parameter(help="Only runs of this agent.")] = None,
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
    limit: Annotated[int, Parameter(validator=validators.Number(gte=1), help="How many at most.")] = LATEST,
) -> None:
    """The latest runs, newest first."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        found = run_queries.recent_runs(store, agent, limit)
        if as_json:
            return _print_json(found)
        _mark(presenter)
        for run in found:
            why = f"  {run.reason}" if run.reason else ""
            print(f"{run.id}  {presenter.view.when(run.created_at)}  {run.agent_id}  {run.state.value}{why}")
        return None if found else print("No runs yet.")


def approvals(
    *, workspace: Workspace = DEFAULT_WORKSPACE, as_json: AsJson = False, simulated: Simulated = False
) -> None:
    """What waits for a decision, oldest first."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        found = approval_queries.open_approvals(store)
        if as_json:
            return _print_json(found)
        _mark(presenter)
        for approval in found:
            by = presenter.view.when(approval.expires_at)
            print(
                f"{approval.id}  {approval.agent_id}  {approval.summary}  (role {approval.requirement.role}, by {by})"
            )
        return None if found else print("Nothing waits for a decision.")


def schedules(
    *, workspace: Workspace = DEFAULT_WORKSPACE, as_json: AsJson = False, simulated: Simulated = False
) -> None:
    """What runs when, its next due time, and how the last ones ended."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        found = schedule_queries.live_schedules(store)
        if as_json:
            return _print_json(found)
        _mark(presenter)
        for schedule in found:
            due = presenter.view.when(schedule.next_fire_at) if schedule.next_fire_at else "never"
            timing = schedule.cron or f"every {schedule.every_seconds} s"
            last = _last(schedule_queries.occurrences(store, schedule.id, limit=1))
            print(f"{schedule.id}  {timing}  next {due}{'  paused' if schedule.paused else ''}{last}")
        return None if found else print("This team has no schedules.")


def _last(found: Sequence[Occurrence]) -> str:
    if not found:
        return ""
    why = f" ({found[0].reason})" if found[0].reason else ""
    return f"  last {found[0].outcome.value}{why}"


def _mark(presenter: Presenter) -> None:
    """Says first that what follows did not happen."""
    if presenter.view.simulated:
        print(SIMULATED)


def _print_json(found: Sequence[Record]) -> None:
    print(json.dumps([record.model_dump(mode="json") for record in found], indent=2, ensure_ascii=False))
