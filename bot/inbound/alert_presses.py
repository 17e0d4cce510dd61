"""What the buttons of an alert do: seen, later, false, look into it."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from blocks.cards.alert import REASON_CHARS, SNOOZES
from blocks.cards.approval import REASON_FIELD
from blocks.text import clip
from bot.inbound.desk import Desk, Pressed
from bot.inbound.requests import started, with_request
from bot.starts import agent_named, start_run, usual_input
from bot.surfaces.base import Answer
from store.actions.alerts import Said, answer_alert
from store.kernel.errors import UserMistake
from store.queries import findings
from store.records import Alert, AlertState, AnswerKind, Request, TriggerKind

ALERT = "alert"
"""The key in a run's input under which an alert to look into stands."""
_LENGTHS: Mapping[str, timedelta] = MappingProxyType(
    {"4h": timedelta(hours=4), "1d": timedelta(days=1), "1w": timedelta(weeks=1)}
)


def acknowledge(desk: Desk, pressed: Pressed) -> Answer:
    """Somebody has seen it; it asks no more, and stays until its value is back."""
    answer_alert(desk.store, pressed.press.record_id, pressed.actor, Said(AnswerKind.ACKNOWLEDGED))
    return Answer(text="Acknowledged; the card stays until the value is back in its range.")


def snooze(desk: Desk, pressed: Pressed) -> Answer:
    """It is silent for a while, then asks again. Raises UserMistake for a length that is not offered."""
    alert_id, _, length = pressed.press.record_id.partition("/")
    if length not in _LENGTHS:
        raise UserMistake(f"{length!r} is no length of a snooze.", f"There are {', '.join(_LENGTHS)}.")
    until = desk.store.clock.now() + _LENGTHS[length]
    answer_alert(desk.store, alert_id, pressed.actor, Said(AnswerKind.SNOOZED, until=until))
    return Answer(text=f"Silent for {SNOOZES[length]}, unless it becomes another kind of trouble.")


def false_alarm(desk: Desk, pressed: Pressed) -> Answer:
    """Closes it with the reason; those like it stay quiet for four weeks. Raises UserMistake without a reason."""
    reason = pressed.field(REASON_FIELD)
    if not reason:
        raise UserMistake("Say why it is no alarm, in a few words.")
    said = Said(AnswerKind.FALSE_ALARM, reason=clip(reason, REASON_CHARS))
    answer_alert(desk.store, pressed.press.record_id, pressed.actor, said)
    return Answer(text="Closed as a false alarm. Those like it are shown quietly for four weeks; others still ask.")


def investigate(desk: Desk, pressed: Pressed) -> Answer:
    """Starts a run of the agent with the alert as its request, seen by everybody, and notes that somebody acts on it.

    Pressed again before the next reading, it is the same run. Raises Refused while the agent is paused, and UserMistake
    for an alert that is over.
    """
    alert = findings.alert(desk.store, pressed.press.record_id)
    if alert.state is AlertState.CLEARED:
        raise UserMistake("This alert is over: its value is back in its range.", "Nothing needs to be done.")
    agent = agent_named(desk.team, alert.agent_id)
    what = with_request(usual_input(desk.team, agent), Request(text=_question(alert)))
    run = start_run(
        desk.store,
        desk.team,
        agent,
        kind=TriggerKind.BUTTON,
        key=f"investigate:{alert.id}:{alert.last_at.isoformat()}",
        by=pressed.actor,
        what={**what, ALERT: {"id": alert.id, "metric": alert.metric, "kind": alert.kind.value}},
    )
    answer_alert(desk.store, alert.id, pressed.actor, Said(AnswerKind.INVESTIGATED))
    return Answer(card=started(desk, agent, run))


def _question(alert: Alert) -> str:
    return f"Look into {alert.metric}: {alert.title} Since {alert.since:%Y-%m-%d}; expected {alert.expected}."
