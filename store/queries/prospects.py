"""How much is under way in a record that nobody is working on."""

from typing import NamedTuple

import sqlalchemy as sa

from store import schema
from store.handle import Store
from store.records.run import FINAL_RUN_STATES
from store.records.step import StepState


class Unfinished(NamedTuple):
    """`runs` have not ended; `begun` calls have their intent on record and no outcome."""

    runs: int
    begun: int


def unfinished(store: Store) -> Unfinished:
    """What the next start takes up again."""
    runs, steps = schema.runs, schema.steps
    final = [state.value for state in FINAL_RUN_STATES]
    open_runs = sa.select(sa.func.count()).select_from(runs).where(runs.c.state.not_in(final))
    begun = (
        sa.select(sa.func.count())
        .select_from(steps.join(runs, runs.c.id == steps.c.run_id))
        .where(steps.c.state == StepState.STARTED.value, runs.c.state.not_in(final))
    )
    with store.database.read() as connection:
        return Unfinished(connection.execute(open_runs).scalar_one(), connection.execute(begun).scalar_one())
