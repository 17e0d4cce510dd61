"""`quarterdeck retention`: what is forgotten, and when."""

from typing import Annotated

from cyclopts import Parameter

from bot.cli import exits
from bot.cli.local_api import answers
from bot.cli.opening import DEFAULT_WORKSPACE, Workspace, open_record
from bot.foundation import lay_foundation
from bot.inbound.files import FOLDER, Shelf
from bot.retention.sweep import foreseen, sweep
from bot.settings import read_settings
from store.kernel.errors import UserMistake
from store.queries.retention import last_swept_at


def retention(
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    dry_run: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Only say what would be forgotten now.")
    ] = False,
) -> int:
    """Forget now what is older than the workspace's `retention` says.

    A running team does so every night by itself. The audit trail is never shortened, and nothing open is touched.
    """
    foundation = lay_foundation(workspace, read_settings(workspace))
    shelf = Shelf(foundation.folder / FOLDER)
    if not dry_run and answers(foundation.folder):
        raise UserMistake("The team is running, and does so every night by itself.", "--dry-run says what is due.")
    with open_record(workspace) as (store, presenter):
        ages, view = foundation.team.retention, presenter.view
        cutoffs, due = foreseen(store, ages, shelf)
        swept = due if dry_run else sweep(store, ages, shelf)
        last = last_swept_at(store)
    print(f"Words and files: {ages.content_days} days, before {view.when(cutoffs.content)}")
    print(f"Records: {ages.records_days} days, before {view.when(cutoffs.records)}")
    print(f"Approvals: {ages.approvals_days} days, before {view.when(cutoffs.approvals)}")
    print("Would be forgotten:" if dry_run else "Forgotten:")
    for what, number in swept.counts.items():
        print(f"  {number:>8}  {what}")
    if not swept.counts:
        print("  nothing")
    print(f"Last sweep: {view.when(last) if last else 'none yet'}")
    return exits.DONE
