"""The schema's history, as alembic revisions; `store.migrate` applies it."""
