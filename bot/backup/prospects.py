"""What the next start will do with a restored record, said before anybody starts it."""

from collections.abc import Iterator

from blocks.cards.view import CardView
from bot.backup.manifest import Manifest
from store.handle import Store
from store.queries import approvals, prospects
from store.queries.schedules import due_schedules

_NAMED = 5


def prospects_of(store: Store, manifest: Manifest, view: CardView, workspace_digest: str) -> Iterator[str]:
    """One line for each thing that a person should know, the most important first."""
    now, since = store.clock.now(), view.when(manifest.made_at)
    yield f"Everything recorded after {since} is not on record any more."
    waiting = approvals.open_approvals(store)
    expired = sum(item.expires_at <= now for item in waiting)
    if expired:
        yield f"{_count(expired, 'approval')} expired meanwhile and will be closed as expired."
    if len(waiting) > expired:
        open_count = _count(len(waiting) - expired, "approval")
        yield f"{open_count} still open. Look before you decide: somebody may have decided since."
    found = prospects.unfinished(store)
    if found.runs:
        yield f"{_count(found.runs, 'unfinished run')} will continue; finished steps are answered from the record."
    if found.begun:
        yield f"{_count(found.begun, 'call')} had begun at that moment: looked up, and repeated only where harmless."
    yield "A call that must not happen twice is looked up before it is made; where nothing tells, a person is asked."
    yield "A card that may have been posted since is looked for before it is posted."
    due = due_schedules(store, now)
    if due:
        named = ", ".join(one.id for one in due[:_NAMED])
        yield f"{_count(len(due), 'schedule')} fell due meanwhile ({named}): caught up as its misfire rule says."
    if manifest.workspace_digest != workspace_digest:
        yield "The workspace is not the one that was backed up: runs go on under the present one."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
