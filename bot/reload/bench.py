"""Where a running team's own workspace is read again, and a change of it asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from agents.roster import Team
from bot.foundation import Foundation, load_team, with_data
from bot.reload.changes import Change
from bot.workspace import WorkspaceInvalid
from store.actions.workspaces import note_sound, note_unsound
from store.handle import Store
from store.kernel.errors import UserMistake
from store.records import Actor

NEXT_STEP = "Mend it and save: it is taken up then. Until then the team goes on as before."
SHOWN = 5


@dataclass(frozen=True)
class Bench:
    """The workspace a team was loaded from. `offer` asks the process to take a change up.

    `rehearse` auditions an agent of a team as it would be, at a moment, and sums it up in lines; None: nobody can here.
    """

    store: Store
    foundation: Foundation
    offer: Callable[[Change], None]
    rehearse: Callable[[Foundation, str, datetime], tuple[str, ...]] | None = None

    @property
    def workspace(self) -> Path:
        """The folder, or its team.yaml."""
        return self.foundation.workspace

    def read_again(self, actor: Actor) -> Foundation | None:
        """The workspace as it stands now, when it says something else than the team goes by; None when it does not.

        With a mistake in it raises WorkspaceInvalid, which names all of them; the incident card then says so too, and
        is closed as soon as there is none.
        """
        try:
            team = with_data(load_team(self.workspace, self.foundation.tools), self.foundation.other_data)
        except WorkspaceInvalid as invalid:
            note_unsound(self.store, said=_said(invalid), next_step=NEXT_STEP)
            raise
        if team.digest == self.foundation.team.digest:
            note_sound(self.store)
            return None
        data = self.foundation.other_data or team.root / team.data
        return replace(self.foundation, team=team, data=data.absolute())

    def reload(self, actor: Actor) -> str:
        """Has an edited workspace taken up, and says what is new about it. Raises as `read_again`."""
        found = self.read_again(actor)
        if found is None:
            return "The workspace is as the team has it: nothing to take up."
        self.offer(Change(found, actor))
        return f"The workspace is in order and is taken up now: {differences(self.foundation.team, found.team)}."


def bench_of(bench: Bench | None) -> Bench:
    """The bench. Raises UserMistake in a simulation, which goes by one workspace from its start to its end."""
    if bench is None:
        raise UserMistake("A simulation's workspace does not change.", "Start the team itself: quarterdeck up FOLDER")
    return bench


def differences(before: Team, after: Team) -> str:
    """What is different, in a few words: whole agents and people first, then whatever else."""
    said = [
        *_named("agent", before.agents, after.agents),
        *_named("person", before.people, after.people),
        *_named("schedule", {one.id: one for one in before.schedules}, {one.id: one for one in after.schedules}),
        *(["the policy"] if before.policy.rules != after.policy.rules else []),
    ]
    return ", ".join(said) or "what agents think or read with"


def _named(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    new = [f"{what} {name} is new" for name in after if name not in before]
    gone = [f"{what} {name} is gone" for name in before if name not in after]
    changed = [f"{what} {name} changed" for name in after if name in before and before[name] != after[name]]
    return [*new, *gone, *changed]


def _said(invalid: WorkspaceInvalid) -> str:
    errors = [str(problem) for problem in invalid.problems if problem.severity == "error"]
    more = f" … and {len(errors) - SHOWN} more; quarterdeck check lists them." if errors[SHOWN:] else ""
    return "\n".join(errors[:SHOWN]) + more
