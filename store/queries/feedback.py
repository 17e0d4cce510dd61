"""What people thought of what was delivered."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.feedback import Feedback


def feedback_since(
    store: Store, since: datetime, until: datetime | None = None, agent_id: str | None = None, limit: int = 1000
) -> list[Feedback]:
    """Verdicts given from `since` on and before `until`, latest first; of one agent's work where one is named."""
    table = schema.feedback
    query = sa.select(table).where(table.c.at >= since)
    query = query.where(table.c.at < until) if until else query
    query = query.where(table.c.agent_id == agent_id) if agent_id else query
    order = (table.c.at.desc(), table.c.card_key, table.c.person_id)
    with store.database.read() as connection:
        return [rows.read(Feedback, row) for row in connection.execute(query.order_by(*order).limit(limit))]
