"""Alerts answered from a people script: who says what about which alert, and how long after it was raised."""

from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from blocks.cards import REASON_FIELD
from blocks.tokens import Verb, encode
from bot.inbound.desk import Desk
from bot.inbound.presses import press
from bot.surfaces.base import InboundEvent, InboundKind
from store.queries.findings import open_alerts
from store.records import Alert, AlertState, Record

SURFACE = "script"
MOST_MINUTES = 60 * 24 * 366
"""Nobody in a script takes longer than a year to answer."""
_VERBS = {"acknowledge": Verb.ACKNOWLEDGE, "false_alarm": Verb.FALSE_ALARM, "investigate": Verb.INVESTIGATE}


class ScriptedAlert(Record):
    """One line about alerts: the first that fits an alert answers it. `agent` and `metric` None fit any."""

    answer: Literal["acknowledge", "false_alarm", "investigate"]
    person: str
    after_minutes: int = Field(default=0, ge=0, le=MOST_MINUTES)
    agent: str | None = None
    metric: str | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _false_for_a_reason(self) -> Self:
        if self.answer == "false_alarm" and not self.reason:
            raise ValueError("false_alarm needs a reason")
        return self

    def fits(self, alert: Alert) -> bool:
        """True when this line is about the alert."""
        return self.agent in (None, alert.agent_id) and self.metric in (None, alert.metric)


class ScriptedAlerts:
    """Answers open alerts at the script's moments, through the same door as a pressed button; each alert once."""

    def __init__(self, desk: Desk, lines: tuple[ScriptedAlert, ...]) -> None:
        self._desk = desk
        self._lines = lines
        self._raised: dict[str, datetime] = {}
        self._answered: set[str] = set()

    def next_at(self) -> datetime | None:
        """The next moment at which somebody answers; None while nobody will."""
        return min((due for _, _, due in self._planned()), default=None)

    def act(self) -> None:
        """Gives every answer that is due, the longest standing alert first."""
        now = self._desk.store.clock.now()
        for alert, line, due in self._planned():
            if due <= now:
                self._answered.add(alert.id)
                self._answer(alert, line)

    def _planned(self) -> list[tuple[Alert, ScriptedAlert, datetime]]:
        if not self._lines:
            return []
        found = [(alert, self._line(alert)) for alert in open_alerts(self._desk.store) if self._asks(alert)]
        return [(alert, line, self._due_at(alert, line)) for alert, line in found if line is not None]

    def _asks(self, alert: Alert) -> bool:
        return alert.state is AlertState.OPEN and alert.id not in self._answered

    def _line(self, alert: Alert) -> ScriptedAlert | None:
        return next((line for line in self._lines if line.fits(alert)), None)

    def _due_at(self, alert: Alert, line: ScriptedAlert) -> datetime:
        """Counted from when the alert was first seen open: an alert does not keep when it was raised."""
        seen = self._raised.setdefault(alert.id, self._desk.store.clock.now())
        return seen + timedelta(minutes=line.after_minutes)

    def _answer(self, alert: Alert, line: ScriptedAlert) -> None:
        event = InboundEvent(
            surface=SURFACE,
            key=f"{alert.id}:{line.person}",
            kind=InboundKind.PRESS,
            account=line.person,
            token=encode(_VERBS[line.answer], alert.id, 0),
            fields={REASON_FIELD: line.reason or "as scripted"},
        )
        press(self._desk, event, self._desk.team.people[line.person])
