"""Home pages and who looks at them."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.home import HomeTab


def homes_opened_since(store: Store, since: datetime) -> list[HomeTab]:
    """The pages somebody opened or used after a moment; those that must be published at once come first."""
    table = schema.homes
    order = (table.c.shown_digest.is_not(None), table.c.opened_at.desc(), table.c.account)
    query = sa.select(table).where(table.c.opened_at >= since).order_by(*order)
    with store.database.read() as connection:
        return [rows.read(HomeTab, row) for row in connection.execute(query)]


def home(store: Store, surface: str, account: str) -> HomeTab | None:
    """The account's page; None when it was never opened."""
    table = schema.homes
    query = sa.select(table).where(table.c.surface == surface, table.c.account == account)
    with store.database.read() as connection:
        row = connection.execute(query).first()
    return rows.read(HomeTab, row) if row else None
