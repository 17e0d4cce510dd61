"""`quarterdeck backup` and `quarterdeck restore`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from bot.cli import exits
from bot.cli.opening import DEFAULT_WORKSPACE, Workspace, existing_database, open_record
from bot.foundation import lay_foundation
from bot.settings import read_settings
from store.kernel.clock import WallClock


def backup(
    target: Annotated[Path, Parameter(help="A folder, or the archive's own name; nothing is ever overwritten.")],
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> int:
    """Back up the record and its files into one archive.

    It does not matter whether the team is running. No token, key or password is in it, but everything the team wrote
    and read is: keep it as you keep the record.
    """
    from bot.backup.making import make_backup

    settings = read_settings(workspace)
    foundation = lay_foundation(workspace, settings)
    database = existing_database(workspace, settings)
    try:
        made = make_backup(foundation, database, target, WallClock())
    finally:
        database.close()
    manifest = made.manifest
    files = len(manifest.parts) - (len(manifest.tables) or 1)
    print(made.archive)
    print(f"{made.archive.stat().st_size} bytes, SHA-256 {made.sha256}")
    print(f"Schema {manifest.schema_version}, {files} files, audit trail whole: {manifest.audit_seq} events, head")
    print(manifest.audit_hash)
    return exits.DONE


def restore(
    archive: Annotated[Path, Parameter(help="What `quarterdeck backup` wrote.")],
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    replace: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Move the record that is there aside first.")
    ] = False,
) -> int:
    """Put a backup in place, and say what the next start will do with it.

    Only into an empty place, or with --replace; every part and the audit trail are checked before anything is changed.
    """
    from bot.backup.prospects import prospects_of
    from bot.backup.restoring import restore_backup

    foundation = lay_foundation(workspace, read_settings(workspace))
    restored = restore_backup(foundation, archive, WallClock(), replace=replace)
    manifest = restored.manifest
    print(f"Restored the record of {manifest.team} as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    print(f"Every part is as the manifest says; the audit trail is whole up to event {manifest.audit_seq}.")
    if restored.aside is not None:
        print(f"What was here before is kept: {restored.aside}")
    print("At the next start:")
    with open_record(workspace) as (store, presenter):
        for line in prospects_of(store, manifest, presenter.view, foundation.team.digest):
            print(f"- {line}")
    return exits.DONE
