"""People from a file: who answers which approval, how, and how long after it was asked. For headless simulations."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError

from agents.roster import Team
from blocks.cards import REASON_FIELD
from blocks.tokens import Verb, encode
from bot.presses import Desk, press
from bot.surfaces.base import InboundEvent, InboundKind
from store.kernel.errors import UserMistake
from store.queries.approvals import open_approvals
from store.records import Approval, Record

SURFACE = "script"


class ScriptedAnswer(Record):
    """One line of the script: the first that fits an approval answers it. `agent` and `tool` None fit any."""

    person: str
    answer: Literal["approve", "reject"]
    after_minutes: int = Field(ge=0)
    agent: str | None = None
    tool: str | None = None
    reason: str | None = None

    def fits(self, approval: Approval) -> bool:
        """True when this line is about the approval, and its person may decide it."""
        asked_for_it = approval.requested_by.is_person and approval.requested_by.id == self.person
        return self.agent in (None, approval.agent_id) and self.tool in (None, approval.tool) and not asked_for_it

    def due_at(self, approval: Approval) -> datetime:
        """When the person answers."""
        return approval.created_at + timedelta(minutes=self.after_minutes)


class PeopleScript(Record):
    """The whole script, in order of precedence."""

    answers: tuple[ScriptedAnswer, ...]


def read_people_script(path: Path, team: Team) -> PeopleScript:
    """The script in a YAML file. Raises UserMistake that says what is wrong with it."""
    try:
        script = PeopleScript.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserMistake(f"The people script {path} cannot be read: {type(error).__name__}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UserMistake(f"The people script {path} is wrong at {place or 'its top'}: {first['msg']}.") from error
    unknown = sorted({line.person for line in script.answers} - set(team.people))
    if unknown:
        raise UserMistake(f"The people script names {unknown[0]!r}.", f"The team has {', '.join(team.people)}.")
    return script


class ScriptedPeople:
    """Answers open approvals at the script's moments, through the same door as a pressed button."""

    def __init__(self, desk: Desk, script: PeopleScript) -> None:
        self._desk = desk
        self._script = script

    def next_at(self) -> datetime | None:
        """The next moment at which somebody answers; None while nobody will."""
        return min((line.due_at(approval) for approval, line in self._planned()), default=None)

    def act(self) -> None:
        """Gives every answer that is due, oldest question first."""
        now = self._desk.store.clock.now()
        for approval, line in self._planned():
            if line.due_at(approval) <= now:
                self._answer(approval, line)

    def _planned(self) -> list[tuple[Approval, ScriptedAnswer]]:
        found = open_approvals(self._desk.store)
        planned = [
            (approval, next((line for line in self._script.answers if line.fits(approval)), None)) for approval in found
        ]
        return [(approval, line) for approval, line in planned if line is not None]

    def _answer(self, approval: Approval, line: ScriptedAnswer) -> None:
        verb = Verb.APPROVE if line.answer == "approve" else Verb.REJECT
        event = InboundEvent(
            surface=SURFACE,
            key=f"{approval.id}:{line.person}",
            kind=InboundKind.PRESS,
            account=line.person,
            token=encode(verb, approval.id, approval.revision),
            fields={REASON_FIELD: line.reason or "as scripted"},
        )
        press(self._desk, event, self._desk.team.people[line.person])
