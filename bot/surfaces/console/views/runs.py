"""The list of runs, narrowed by agent, state and day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from blocks.cards.view import CardView, duration
from blocks.words import RUN_WORD
from bot.surfaces.console.marks import Mark, run_mark
from bot.surfaces.console.views.run import started_by
from store.kernel.money import format_usd
from store.records import Run, RunState

PAGE_RUNS = 50
READ_RUNS = 1000
"""Runs looked through for one page when a filter cannot be asked of the store."""

ENDED = "ended"
TODAY = "today"


@dataclass(frozen=True)
class RunFilter:
    """What to list. `agent` and `state` None mean any; `state` may also be "ended"; `today` is the team's day."""

    agent: str | None = None
    state: str | None = None
    today: bool = False
    before: datetime | None = None

    @property
    def exact_state(self) -> RunState | None:
        """The one state asked for, if it is one."""
        return RunState(self.state) if self.state in list(RunState) else None

    @property
    def query(self) -> str:
        """The filter as an address, without the place in the list."""
        parts = {"agent": self.agent, "state": self.state, "day": TODAY if self.today else None}
        return urlencode({key: value for key, value in parts.items() if value})


@dataclass(frozen=True)
class RunLine:
    """One row."""

    run: Run
    agent_name: str
    mark: Mark
    started_by: str
    took: str | None
    cost: str


@dataclass(frozen=True)
class RunsPage:
    """The list, newest first. `older_href` is None at the end."""

    filter: RunFilter
    agents: tuple[tuple[str, str], ...]
    states: tuple[tuple[str, str], ...]
    rows: tuple[RunLine, ...]
    older_href: str | None


def read_filter(query: Mapping[str, str]) -> RunFilter:
    """The filter an address asks for; anything unknown in it is left out."""
    state = query.get("state")
    known = state in list(RunState) or state == ENDED
    return RunFilter(
        agent=query.get("agent") or None,
        state=state if known else None,
        today=query.get("day") == TODAY,
        before=_moment(query.get("before", "")),
    )


def runs_page(found: Iterable[Run], asked: RunFilter, view: CardView, now: datetime) -> RunsPage:
    """The page for what was found, at most `PAGE_RUNS` rows."""
    fitting = [run for run in found if _fits(run, asked, view, now)]
    rows = tuple(_line(run, view, now) for run in fitting[:PAGE_RUNS])
    more = len(fitting) > PAGE_RUNS
    return RunsPage(
        filter=asked,
        agents=tuple(sorted(view.agent_names.items(), key=lambda item: item[1].casefold())),
        states=((ENDED, "Ended"), *((state.value, RUN_WORD[state]) for state in RunState)),
        rows=rows,
        older_href=_older(asked, rows[-1].run.created_at) if more else None,
    )


def _fits(run: Run, asked: RunFilter, view: CardView, now: datetime) -> bool:
    if asked.state == ENDED and not run.state.is_final:
        return False
    return not asked.today or _local_day(run.finished_at or now, view) == _local_day(now, view)


def _local_day(moment: datetime, view: CardView) -> str:
    return moment.astimezone(ZoneInfo(view.timezone)).date().isoformat()


def _line(run: Run, view: CardView, now: datetime) -> RunLine:
    took = duration(run.started_at, run.finished_at or now) if run.started_at else None
    return RunLine(
        run=run,
        agent_name=view.agent(run.agent_id),
        mark=run_mark(run.state),
        started_by=started_by(run, view),
        took=took,
        cost=format_usd(run.spent_micros),
    )


def _older(asked: RunFilter, oldest: datetime) -> str:
    query = "&".join(part for part in (asked.query, urlencode({"before": oldest.isoformat()})) if part)
    return f"/runs?{query}"


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
