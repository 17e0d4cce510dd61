"""People from a file: who answers which approval, how, and how long after it was asked. For headless simulations."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from agents.roster import Team
from blocks.cards import REASON_FIELD
from blocks.tokens import Verb, encode
from bot.inbound.presses import Desk, press
from bot.simulation.scripted_alerts import MOST_MINUTES, SURFACE, ScriptedAlert
from bot.surfaces.base import InboundEvent, InboundKind
from store.kernel.errors import UserMistake
from store.queries.approvals import open_approvals
from store.records import Approval, Record


class ScriptedAnswer(Record):
    """One line of the script: the first that fits an approval answers it. `agent` and `tool` None fit any.

    `nobody` leaves it to expire. A line is for `times` approvals, then for no more; None: for as many as there are.
    """

    answer: Literal["approve", "reject", "nobody"]
    person: str | None = None
    after_minutes: int = Field(default=0, ge=0, le=MOST_MINUTES)
    agent: str | None = None
    tool: str | None = None
    reason: str | None = None
    times: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _somebody_answers(self) -> Self:
        if (self.person is None) != (self.answer == "nobody"):
            raise ValueError("approve and reject need a person, nobody has none")
        return self

    def fits(self, approval: Approval) -> bool:
        """True when this line is about the approval, and its person may decide it."""
        asked_for_it = approval.requested_by.is_person and approval.requested_by.id == self.person
        return self.agent in (None, approval.agent_id) and self.tool in (None, approval.tool) and not asked_for_it

    def due_at(self, approval: Approval) -> datetime | None:
        """When the person answers; None when nobody does."""
        return None if self.answer == "nobody" else approval.created_at + timedelta(minutes=self.after_minutes)


class PeopleScript(Record):
    """The whole script, in order of precedence: answers to approvals, and answers to alerts."""

    answers: tuple[ScriptedAnswer, ...] = ()
    alerts: tuple[ScriptedAlert, ...] = ()


def read_people_script(path: Path, team: Team) -> PeopleScript:
    """The script in a YAML file. Raises UserMistake that says what is wrong with it."""
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:  # ValueError: no text, or a date that does not exist
        why = getattr(error, "strerror", None) or "it is not YAML"
        raise UserMistake(f"The people script {path} cannot be read: {why}.") from error
    if not isinstance(written, dict):
        raise UserMistake(f"The people script {path} has no `answers`.", "Write `answers:` and a list below it.")
    try:
        script = PeopleScript.model_validate(written)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UserMistake(f"The people script {path} is wrong at {place}: {first['msg']}.") from error
    _require_known(
        "person", [*(line.person for line in script.answers), *(line.person for line in script.alerts)], team.people
    )
    _require_known(
        "agent", [*(line.agent for line in script.answers), *(line.agent for line in script.alerts)], team.agents
    )
    tools = dict.fromkeys(tool for agent in team.agents.values() for tool in agent.tools)
    _require_known("tool", (line.tool for line in script.answers), tools)
    return script


def _require_known(what: str, named: Iterable[str | None], known: Iterable[str]) -> None:
    """A name that nothing has would answer nothing, silently."""
    unknown = sorted({name for name in named if name is not None} - set(known))
    if unknown:
        raise UserMistake(f"The people script names the {what} {unknown[0]!r}.", f"The team has {', '.join(known)}.")


class ScriptedPeople:
    """Answers open approvals at the script's moments, through the same door as a pressed button.

    Approvals get their lines in the order in which they were asked. One that an answer leaves open (a quorum of two, a
    person without the role) gets the next line that fits; no line answers the same approval twice.
    """

    def __init__(self, desk: Desk, script: PeopleScript) -> None:
        self._desk = desk
        self._script = script
        self._lines: dict[str, int | None] = {}
        self._used: Counter[int] = Counter()

    def next_at(self) -> datetime | None:
        """The next moment at which somebody answers; None while nobody will."""
        return min((due for _, _, due in self._planned()), default=None)

    def act(self) -> None:
        """Gives every answer that is due, oldest question first."""
        now = self._desk.store.clock.now()
        for approval, line, due in self._planned():
            if due <= now:
                self._answer(approval, line)
                self._lines[approval.id] = self._next_line(approval)

    def _planned(self) -> list[tuple[Approval, ScriptedAnswer, datetime]]:
        found = [(approval, self._line(approval)) for approval in open_approvals(self._desk.store)]
        return [
            (approval, line, due)
            for approval, line in found
            if line is not None and (due := line.due_at(approval)) is not None
        ]

    def _line(self, approval: Approval) -> ScriptedAnswer | None:
        if approval.id not in self._lines:
            self._lines[approval.id] = self._take(approval, after=None)
        position = self._lines[approval.id]
        return None if position is None else self._script.answers[position]

    def _next_line(self, approval: Approval) -> int | None:
        """The line for an approval that was just answered; one that is decided needs none, and uses none up."""
        still_open = any(one.id == approval.id for one in open_approvals(self._desk.store))
        return self._take(approval, after=self._lines[approval.id]) if still_open else None

    def _take(self, approval: Approval, after: int | None) -> int | None:
        first = 0 if after is None else after + 1
        for position, line in enumerate(self._script.answers[first:], start=first):
            if line.fits(approval) and (line.times is None or self._used[position] < line.times):
                self._used[position] += 1
                return position
        return None

    def _answer(self, approval: Approval, line: ScriptedAnswer) -> None:
        person = self._desk.team.people[line.person or ""]
        verb = Verb.APPROVE if line.answer == "approve" else Verb.REJECT
        event = InboundEvent(
            surface=SURFACE,
            key=f"{approval.id}:{person.id}",
            kind=InboundKind.PRESS,
            account=person.id,
            token=encode(verb, approval.id, approval.revision),
            fields={REASON_FIELD: line.reason or "as scripted"},
        )
        press(self._desk, event, person)
