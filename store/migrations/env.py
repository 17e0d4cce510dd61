"""Alembic's entry: runs on the connection that `store.migrate` hands over, on our own tables only."""

from alembic import context

from store.schema import PREFIX, metadata


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or (name or "").startswith(PREFIX)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=f"{PREFIX}schema_version",
    include_name=_ours,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
