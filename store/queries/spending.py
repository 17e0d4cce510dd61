"""What each agent has spent and holds, today and this week."""

from datetime import timedelta

import sqlalchemy as sa

from store import schema
from store.handle import Store
from store.records.fleet import TeamFacts
from store.records.spending import Spending


def spending(store: Store, team: TeamFacts) -> tuple[Spending, ...]:
    """One entry for each agent of the team, in its order, an agent that spent nothing included.

    Days are UTC days, because the caps count by them; a week begins on Monday.
    """
    today = store.clock.now().date()
    monday = today - timedelta(days=today.weekday())
    week, day = _sums(store, monday.isoformat()), _sums(store, today.isoformat())
    return tuple(
        Spending(
            agent_id=agent.agent_id,
            today_spent_micros=day.get(agent.agent_id, (0, 0))[0],
            today_held_micros=day.get(agent.agent_id, (0, 0))[1],
            week_spent_micros=week.get(agent.agent_id, (0, 0))[0],
            week_held_micros=week.get(agent.agent_id, (0, 0))[1],
            day_cap_micros=agent.day_cap_micros,
        )
        for agent in team.agents
    )


def _sums(store: Store, first_day: str) -> dict[str, tuple[int, int]]:
    """Agent → (spent, held) since a day, given as an ISO date."""
    table = schema.day_spend
    spent, held = sa.func.sum(table.c.spent_micros), sa.func.sum(table.c.held_micros)
    query = sa.select(table.c.agent_id, spent, held).where(table.c.day >= first_day).group_by(table.c.agent_id)
    with store.database.read() as connection:
        return {agent: (int(spent), int(held)) for agent, spent, held in connection.execute(query)}
