"""The alert card: one metric out of its range, since when, whose it is and what to do.

The title says what is wrong, a fact says the value: a value in the title would be old at the next reading.
"""

from blocks.cards.feedback import feedback_on
from blocks.cards.view import CardView, duration
from blocks.charts import alert_chart
from blocks.elements import Action, Button, Card, Context, Element, Fact, Facts, LinkButton, Style, Text
from blocks.text import says, sentence, with_unit
from blocks.tokens import Verb, encode
from blocks.words import ALERT_TONE, ALERT_WORD
from store.records import Alert, AlertState, CardKind


def alert_card(alert: Alert, view: CardView, *, revision: int = 0) -> Card:
    """The alert with its chart; Acknowledge while nobody has, nothing to press once it cleared."""
    return Card(
        key=f"alert:{alert.id}",
        revision=revision,
        kind="alert",
        tone=ALERT_TONE[alert.state],
        state=ALERT_WORD[alert.state],
        title=alert.title,
        summary=_summary(alert, view),
        simulated=view.simulated,
        elements=_elements(alert, view),
        actions=_actions(alert, view, revision),
    )


def finding(alert: Alert) -> str:
    """The alert in one line, with its value said once: "Disk use of /: 92.4 %, expected at most 85 %"."""
    value = "" if says(alert.title, alert.value) else f": {with_unit(alert.value, alert.unit)}"
    return f"{alert.title}{value}, expected {alert.expected}"


def _summary(alert: Alert, view: CardView) -> str:
    if alert.cleared_at:
        took = duration(alert.since, alert.cleared_at)
        return f"{ALERT_WORD[alert.state]} after {took}: {alert.title}. Expected {alert.expected}."
    found = f"{ALERT_WORD[alert.state]}: {finding(alert)}, since {view.when(alert.since)}."
    return f"{found} Next: {sentence(alert.next_step)}"


def _elements(alert: Alert, view: CardView) -> tuple[Element, ...]:
    elements: list[Element] = [_facts(alert, view)]
    if alert.state is not AlertState.CLEARED:
        elements.append(Text(heading="Next step", text=alert.next_step))
    if chart := alert_chart(alert, view.timezone):
        elements.append(chart)
    elements.append(_small_print(alert, view))
    return tuple(elements)


def _facts(alert: Alert, view: CardView) -> Facts:
    owner = view.person(alert.owner) if alert.owner else "nobody yet"
    now = "Was" if alert.state is AlertState.CLEARED else "Now"
    return Facts(
        rows=(
            Fact(label=now, value=with_unit(alert.value, alert.unit), baseline=f"expected {alert.expected}"),
            Fact(label="Since", value=view.when(alert.since), baseline=_lasting(alert), at=alert.since),
            Fact(label="Owner", value=owner),
        )
    )


def _lasting(alert: Alert) -> str:
    if alert.cleared_at:
        return f"lasted {duration(alert.since, alert.cleared_at)}"
    return f"for {duration(alert.since, alert.last_at)}" if alert.last_at > alert.since else "one reading so far"


def _small_print(alert: Alert, view: CardView) -> Context:
    parts = [view.agent(alert.agent_id), f"metric {alert.metric}", f"last reading {view.when(alert.last_at)}"]
    if alert.acknowledged_by:
        parts.append(f"acknowledged by {view.person(alert.acknowledged_by)}")
    if alert.cleared_at:
        parts.append(f"cleared {view.when(alert.cleared_at)}")
    return Context(parts=tuple(parts))


def _actions(alert: Alert, view: CardView, revision: int) -> tuple[Action, ...]:
    actions: list[Action] = []
    if alert.state is AlertState.OPEN:
        token = encode(Verb.ACKNOWLEDGE, alert.id, revision)
        actions.append(Button(label="Acknowledge", token=token, style=Style.PRIMARY, about=alert.title))
    if url := view.link("runs", alert.run_id):
        actions.append(LinkButton(label="Open run", url=url))
    return (*actions, feedback_on(CardKind.ALERT, alert.id))
