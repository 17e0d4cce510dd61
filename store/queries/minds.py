"""The minds that were kept with each version of the workspace."""

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.mind import KeptMind
from store.records.run import Run, RunState


def kept_mind(store: Store, workspace_digest: str, agent_id: str) -> KeptMind | None:
    """The agent's mind as that version of the workspace had it; None when it was not kept."""
    table = schema.minds
    query = sa.select(table).where(table.c.workspace_digest == workspace_digest, table.c.agent_id == agent_id)
    with store.database.read() as connection:
        row = connection.execute(query).first()
    return rows.read(KeptMind, row) if row else None


def unfinished_runs_of_others(store: Store, agent_ids: frozenset[str]) -> list[Run]:
    """Runs that have not ended, of agents other than these."""
    table = schema.runs
    unfinished = [state.value for state in RunState if not state.is_final]
    query = sa.select(table).where(table.c.state.in_(unfinished), table.c.agent_id.not_in(sorted(agent_ids)))
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.created_at, table.c.id)).all()
    return [rows.read(Run, row) for row in found]
