"""Schedules: when each runs next, how its last due times ended, and its switches."""

from collections.abc import Sequence
from dataclasses import dataclass

from blocks.cards.view import CardView
from blocks.elements import Button
from bot.cadence import cadence
from bot.surfaces.console.marks import PAUSED, Mark, outcome_mark
from bot.surfaces.console.views.controls import CommandButton, run_schedule_now, switch_schedule
from bot.surfaces.console.views.rail import channel_href
from store.records import Occurrence, Outcome, Schedule

STRIP_OCCURRENCES = 30


@dataclass(frozen=True)
class Tick:
    """One due time of the strip; `href` None when it made no run."""

    occurrence: Occurrence
    mark: Mark
    href: str | None


@dataclass(frozen=True)
class ScheduleRow:
    """One schedule. `last` is the latest due time with an outcome, `strip` oldest first, `state` None while live."""

    schedule: Schedule
    agent_name: str
    agent_href: str
    cadence: str
    state: Mark | None
    last: Tick | None
    strip: tuple[Tick, ...]
    run_now: Button
    switch: CommandButton


def schedule_row(schedule: Schedule, occurrences: Sequence[Occurrence], view: CardView) -> ScheduleRow:
    """The row of a schedule with its latest occurrences, which come latest first."""
    strip = tuple(_tick(item) for item in reversed(occurrences))
    ended = [tick for tick in strip if tick.occurrence.outcome is not Outcome.PENDING]
    return ScheduleRow(
        schedule=schedule,
        agent_name=view.agent(schedule.agent_id),
        agent_href=channel_href(schedule.agent_id),
        cadence=cadence(schedule),
        state=PAUSED if schedule.paused else None,
        last=ended[-1] if ended else None,
        strip=strip,
        run_now=run_schedule_now(schedule),
        switch=switch_schedule(schedule),
    )


def _tick(occurrence: Occurrence) -> Tick:
    href = f"/runs/{occurrence.run_id}" if occurrence.run_id else None
    return Tick(occurrence, outcome_mark(occurrence.outcome), href)
