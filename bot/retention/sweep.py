"""One sweep: the record in batches, then the shelf of given files, then a word on the trail."""

import json
import re
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from bot.inbound.files import Shelf
from store.actions.retention import forget_rows, forget_runs, note_sweep
from store.handle import Store
from store.queries.retention import forgettable, open_inputs
from store.records import Cutoffs, Retention, Swept
from store.retained import RULES, RUN_STAGES

FILES = "given files"
BREATH_SECONDS = 0.02
"""Between two batches, so that whoever waits to write comes first."""

_DIGEST = re.compile(r"\b[0-9a-f]{64}\b", re.ASCII)


def sweep(store: Store, retention: Retention, shelf: Shelf, should_stop: Callable[[], bool] = lambda: False) -> Swept:
    """Forgets all that is due, and records that it did. Safe to cut off anywhere: the next sweep goes on.

    Blocks for as long as there is something to forget; `should_stop` is asked between batches, and a sweep that was
    stopped records nothing.
    """
    cutoffs = retention.cutoffs(store.clock.now())
    counts: dict[str, int] = {}
    for stage in RUN_STAGES:
        counts[stage.what] = _in_batches(partial(forget_runs, store, stage, cutoffs), should_stop)
    for position, rule in enumerate(RULES):
        counts[rule.what] = _in_batches(partial(forget_rows, store, position, cutoffs), should_stop)
    counts[FILES] = sum(shelf.forget(digest) for digest in _old_files(store, shelf, cutoffs.content))
    swept = Swept(counts={what: number for what, number in counts.items() if number})
    if not should_stop():
        note_sweep(store, cutoffs, swept)
    return swept


def foreseen(store: Store, retention: Retention, shelf: Shelf) -> tuple[Cutoffs, Swept]:
    """What a sweep would forget now, and up to when; changes nothing."""
    cutoffs = retention.cutoffs(store.clock.now())
    files = len(_old_files(store, shelf, cutoffs.content))
    counts = forgettable(store, cutoffs).counts
    return cutoffs, Swept(counts={**counts, FILES: files} if files else counts)


def _in_batches(batch: Callable[[], int], should_stop: Callable[[], bool]) -> int:
    forgotten = 0
    while not should_stop():
        some = batch()
        forgotten += some
        if some == 0:
            break
        time.sleep(BREATH_SECONDS)
    return forgotten


def _old_files(store: Store, shelf: Shelf, before: datetime) -> list[str]:
    """Files given before, that nothing under way has been handed."""
    old = shelf.given_before(before)
    if not old:
        return []
    needed = set(_DIGEST.findall(json.dumps(open_inputs(store))))
    return [digest for digest in old if digest not in needed]
