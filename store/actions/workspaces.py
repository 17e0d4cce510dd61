"""Taking up a version of the workspace: its schedules, its watches and its agents' minds, all of it or nothing."""

from collections.abc import Sequence

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import close_cause, strike
from store.actions.insert import insert_once
from store.actions.locked import locked_run
from store.actions.runs import ask_to_stop, end_run
from store.actions.schedules import put_schedules
from store.actions.watching import put_watches
from store.records.actor import SYSTEM, Actor
from store.records.mind import KeptMind
from store.records.record import Record
from store.records.run import Run, RunState
from store.records.schedule import Schedule
from store.records.watch import Reader
from store.transaction import Tx

UNSOUND = "workspace.unsound"
"""The cause of the one incident that says why an edited workspace was not taken up."""


class Version(Record):
    """One version of the workspace, as the record needs it."""

    digest: str
    schedules: tuple[Schedule, ...] = ()
    readers: tuple[Reader, ...] = ()
    minds: tuple[KeptMind, ...] = ()


@action("workspace.adopt")
def adopt_workspace(tx: Tx, version: Version, actor: Actor, *, previous: str | None) -> None:
    """Makes schedules and watches those of this version and keeps its minds; `previous` is the version it replaces.

    Minds of an older version stay as long as a run that began before it was replaced has not ended. None: the team
    starts. Adopting a version again changes nothing.
    """
    put_schedules(tx, version.schedules)
    put_watches(tx, version.readers)
    _keep(tx, version)
    _forget_unneeded(tx, version.digest)
    close_cause(tx, UNSOUND, closed_by=None)
    if previous is not None:
        tx.audit("workspace.adopted", actor, ("workspace", version.digest), previous=previous)


@action("workspace.unsound")
def note_unsound(tx: Tx, *, said: str, next_step: str) -> None:
    """Says on the one incident card that the edited workspace has mistakes and was not taken up."""
    strike(
        tx,
        cause=UNSOUND,
        kind="workspace",
        title="The edited workspace was not taken up",
        detail=said,
        next_step=next_step,
        agent_id=None,
        run_id=None,
        example={},
    )


@action("workspace.sound")
def note_sound(tx: Tx) -> None:
    """Closes that incident: the workspace is as the team has it."""
    close_cause(tx, UNSOUND, closed_by=None)


@action("workspace.dismiss")
def dismiss_run(tx: Tx, run_id: str) -> Run:
    """Ends a run whose agent is no longer in the team: at once when it is queued or waits, else at its next step."""
    run = locked_run(tx, run_id)
    why = f"{run.agent_id} is no longer part of this team."
    if run.state.is_final:
        return run
    if run.state is RunState.RUNNING:
        return ask_to_stop(tx, run, SYSTEM, by="workspace", why=why)
    return end_run(tx, run, RunState.CANCELLED, actor=SYSTEM, reason=why)


def _keep(tx: Tx, version: Version) -> None:
    table = schema.minds
    for mind in version.minds:
        if not insert_once(tx, table, rows.values(mind)):
            same = (table.c.workspace_digest == mind.workspace_digest) & (table.c.agent_id == mind.agent_id)
            tx.connection.execute(table.update().where(same).values(superseded_at=None))
    replaced = (table.c.workspace_digest != version.digest) & table.c.superseded_at.is_(None)
    tx.connection.execute(table.update().where(replaced).values(superseded_at=tx.now))


def _forget_unneeded(tx: Tx, digest: str) -> None:
    """A run began under a version at the latest when that was replaced, and was made before it began."""
    runs, minds = schema.runs, schema.minds
    unfinished = [state.value for state in RunState if not state.is_final]
    oldest = tx.connection.execute(
        sa.select(sa.func.min(runs.c.created_at)).where(runs.c.state.in_(unfinished))
    ).scalar()
    unneeded: Sequence[sa.ColumnElement[bool]] = [minds.c.workspace_digest != digest]
    if oldest is not None:
        unneeded = [*unneeded, minds.c.superseded_at < oldest]
    tx.connection.execute(minds.delete().where(*unneeded))
