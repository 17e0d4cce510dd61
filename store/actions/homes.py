"""Home pages: opened, turned, published. Nothing here is a fact about the team, so nothing here is audited."""

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once
from store.records.home import HomeShow, HomeTab
from store.transaction import Tx

_FIRST_PAGE = 1


@action("homes.open")
def open_home(tx: Tx, *, surface: str, account: str, person_id: str | None, view_hash: str | None) -> HomeTab:
    """Records that an account looks at its page, by `person_id` (None: no member of the team).

    `view_hash` is what the surface says it shows, None for nothing; when that is not what we published last, the page
    is published again. Opening it twice is the same as once.
    """
    known = _locked(tx, surface, account)
    if known is None:
        return _first(tx, surface, account, person_id, view_hash)
    is_ours = view_hash is not None and view_hash == known.view_hash
    seen: dict[str, object] = {"opened_at": tx.now, "person_id": person_id, "view_hash": view_hash}
    return _save(tx, known, seen if is_ours else {**seen, "shown_digest": None})


@action("homes.turn")
def turn_home(
    tx: Tx, *, surface: str, account: str, person_id: str, show: HomeShow | None = None, page: int | None = None
) -> HomeTab:
    """Has the page published at once, turned to another part (None: as it is) and page."""
    known = _locked(tx, surface, account) or _first(tx, surface, account, person_id, None)
    turned = {"show": show or known.show, "page": page or known.page}
    return _save(tx, known, {**turned, "person_id": person_id, "opened_at": tx.now, "shown_digest": None})


@action("homes.close")
def close_home(tx: Tx, home: HomeTab) -> None:
    """Takes the page away from an account that is no member any more; what it shows is published anew."""
    known = _locked(tx, home.surface, home.account)
    if known is not None:
        _save(tx, known, {"person_id": None, "shown_digest": None})


@action("homes.published")
def home_published(tx: Tx, home: HomeTab, *, digest: str, view_hash: str | None) -> bool:
    """Records what the surface shows now.

    False when the person has done something since `home` was read: then only the surface's mark is kept, and the page
    is published once more.
    """
    table = schema.homes
    ours = sa.and_(table.c.surface == home.surface, table.c.account == home.account)
    tx.connection.execute(table.update().where(ours).values(view_hash=view_hash))
    unmoved = sa.and_(ours, table.c.opened_at == home.opened_at)
    return tx.connection.execute(table.update().where(unmoved).values(shown_digest=digest)).rowcount == 1


def _first(tx: Tx, surface: str, account: str, person_id: str | None, view_hash: str | None) -> HomeTab:
    home = HomeTab(
        surface=surface,
        account=account,
        person_id=person_id,
        show=HomeShow.ALL,
        page=_FIRST_PAGE,
        opened_at=tx.now,
        view_hash=view_hash,
    )
    insert_once(tx, schema.homes, rows.values(home))
    return home


def _locked(tx: Tx, surface: str, account: str) -> HomeTab | None:
    table = schema.homes
    query = sa.select(table).where(table.c.surface == surface, table.c.account == account).with_for_update()
    row = tx.connection.execute(query).first()
    return rows.read(HomeTab, row) if row else None


def _save(tx: Tx, home: HomeTab, changes: dict[str, object]) -> HomeTab:
    table = schema.homes
    changed = home.model_copy(update=changes)
    kept = rows.values(changed)
    tx.connection.execute(
        table.update().where(table.c.surface == home.surface, table.c.account == home.account).values(kept)
    )
    return changed
