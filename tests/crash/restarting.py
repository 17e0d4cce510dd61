"""A team that dies at a point and is started again, until all it was asked for is done."""

from store.queries import schedules
from store.records import Outcome
from tests.crash.team import ORDERED, TeamDrill


def settled(exercise: TeamDrill) -> bool:
    """True when the orders are carried out, and everything of the ticker that was due by then."""
    if not exercise.finished() or exercise.open_approvals():
        return False
    ended_at = [exercise.ordered_run(agent).finished_at for agent in ORDERED]
    by_then = max(moment for moment in ended_at if moment is not None)
    rows = schedules.occurrences(exercise.store, "ticker.second", limit=100_000)
    return bool(rows) and all(row.outcome is not Outcome.PENDING for row in rows if row.due_at <= by_then)


async def kill_and_restart(exercise: TeamDrill, point: str) -> None:
    process = await exercise.start(crash_at=point)
    await exercise.until_dead(process)
    await exercise.start()
    await exercise.until(f"all is done after {point}", lambda: settled(exercise), act=exercise.order_and_approve)
