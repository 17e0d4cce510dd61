"""The alert card: one metric out of its range, since when, whose it is and what to do.

The title says what is wrong, a fact says the value: a value in the title would be old at the next reading.
"""

from blocks.cards.approval import REASON_FIELD
from blocks.cards.feedback import feedback_on
from blocks.cards.view import CardView, duration
from blocks.charts import alert_chart
from blocks.elements import (
    Action,
    Button,
    Card,
    Context,
    Element,
    Fact,
    Facts,
    FieldKind,
    Form,
    FormButton,
    FormField,
    LinkButton,
    Menu,
    Option,
    Quoted,
    Style,
    Text,
    Tone,
)
from blocks.text import count, says, sentence, with_unit
from blocks.tokens import Verb, encode
from blocks.words import ALERT_TONE, ALERT_WORD, FALSE_ALARM_WORD
from store.records import Alert, AlertState, AnswerKind, CardKind

SNOOZES = {"4h": "4 hours", "1d": "a day", "1w": "a week"}
"""For how long an alert may be snoozed, and how that is said."""
REASON_CHARS = 500
"""Of why it is a false alarm; the rest is cut, visibly."""


def alert_card(alert: Alert, view: CardView, *, revision: int = 0) -> Card:
    """The alert with its chart and what may be said to it; nothing to press once it cleared."""
    return Card(
        key=f"alert:{alert.id}",
        revision=revision,
        kind="alert",
        tone=Tone.NEUTRAL if alert.is_false else ALERT_TONE[alert.state],
        state=alert_word(alert),
        title=alert.title,
        summary=_summary(alert, view),
        simulated=view.simulated,
        elements=_elements(alert, view),
        actions=_actions(alert, view, revision),
    )


def alert_word(alert: Alert) -> str:
    """How the alert stands, in a word or two."""
    return FALSE_ALARM_WORD if alert.is_false else ALERT_WORD[alert.state]


def finding(alert: Alert) -> str:
    """The alert in one line, with its value said once: "Disk use of /: 92.4 %, expected at most 85 %"."""
    value = "" if says(alert.title, alert.value) else f": {with_unit(alert.value, alert.unit)}"
    return f"{alert.title}{value}, expected {alert.expected}"


def _summary(alert: Alert, view: CardView) -> str:
    if alert.cleared_at:
        took = duration(alert.since, alert.cleared_at)
        return f"{alert_word(alert)} after {took}: {alert.title}. Expected {alert.expected}."
    found = f"{alert_word(alert)}: {finding(alert)}, since {view.when(alert.since)}."
    return f"{found} Next: {sentence(alert.next_step)}"


def _elements(alert: Alert, view: CardView) -> tuple[Element, ...]:
    elements: list[Element] = [_facts(alert, view)]
    if said := _said(alert, view):
        elements.append(said)
    if alert.state is not AlertState.CLEARED:
        elements.append(Text(heading="Next step", text=alert.next_step))
    if chart := alert_chart(alert, view.timezone):
        elements.append(chart)
    elements.append(_small_print(alert, view))
    return tuple(elements)


def _facts(alert: Alert, view: CardView) -> Facts:
    owner = view.person(alert.owner) if alert.owner else "nobody yet"
    now = "Was" if alert.state is AlertState.CLEARED else "Now"
    rows = [
        Fact(label=now, value=with_unit(alert.value, alert.unit), baseline=f"expected {alert.expected}"),
        Fact(label="Since", value=view.when(alert.since), baseline=_lasting(alert), at=alert.since),
        Fact(label="Owner", value=owner),
    ]
    if alert.formed:
        rows.append(Fact(label="Range from", value=alert.formed))
    return Facts(rows=tuple(rows))


def _said(alert: Alert, view: CardView) -> Element | None:
    """What a person said that explains why it is silent or closed; a reason is quoted, for it is their words."""
    false = alert.answer if alert.is_false else alert.resembles if alert.state is AlertState.QUIET else None
    if false is not None:
        who, day = view.person(false.person_id), view.when(false.at)
        like, it = ("", "it ") if alert.is_false else ("Like the one ", "")
        return Quoted(text=false.reason or "", source=f"{like}{who} called {it}a false alarm on {day}")
    if alert.snoozed_until and alert.answer:
        return Text(text=f"{view.person(alert.answer.person_id)} wants to hear of it {_again(alert, view)}.")
    return None


def _again(alert: Alert, view: CardView) -> str:
    return f"again on {view.when(alert.snoozed_until)}" if alert.snoozed_until else "again"


def _lasting(alert: Alert) -> str:
    if alert.cleared_at:
        return f"lasted {duration(alert.since, alert.cleared_at)}"
    return f"for {duration(alert.since, alert.last_at)}" if alert.last_at > alert.since else "one reading so far"


def _small_print(alert: Alert, view: CardView) -> Context:
    parts = [view.agent(alert.agent_id), f"metric {alert.metric}", f"last reading {view.when(alert.last_at)}"]
    if alert.source:
        parts.append(
            f"{count(alert.source.rows, 'row')} of {alert.source.source}, as of {view.when(alert.source.as_of)}"
        )
    if alert.acknowledged_by:
        word = "being looked into for" if _is_looked_into(alert) else "acknowledged by"
        parts.append(f"{word} {view.person(alert.acknowledged_by)}")
    if alert.cleared_at:
        parts.append(f"{'closed' if alert.is_false else 'cleared'} {view.when(alert.cleared_at)}")
    return Context(parts=tuple(parts))


def _is_looked_into(alert: Alert) -> bool:
    return alert.answer is not None and alert.answer.answer is AnswerKind.INVESTIGATED


def _actions(alert: Alert, view: CardView, revision: int) -> tuple[Action, ...]:
    """At most four, which leaves room for "why?". While it asks, calling it false stands for "was this useful?"."""
    feedback = feedback_on(CardKind.ALERT, alert.id)
    if alert.state is AlertState.CLEARED:
        url = view.link("runs", alert.run_id)
        return (LinkButton(label="Open run", url=url), feedback) if url else (feedback,)
    investigate = Button(
        label="Investigate", token=encode(Verb.INVESTIGATE, alert.id, revision), about=f"{alert.title}: starts a run"
    )
    answers = (*_seen(alert, revision), investigate, _call_false(alert, revision), _snooze(alert, revision))
    return answers if alert.state is AlertState.OPEN else (*answers, feedback)


def _seen(alert: Alert, revision: int) -> tuple[Action, ...]:
    if alert.state is not AlertState.OPEN:
        return ()
    token = encode(Verb.ACKNOWLEDGE, alert.id, revision)
    return (Button(label="Acknowledge", token=token, style=Style.PRIMARY, about=alert.title),)


def _snooze(alert: Alert, revision: int) -> Menu:
    options = tuple(
        Option(label=f"For {words}", token=encode(Verb.SNOOZE, f"{alert.id}/{length}", revision))
        for length, words in SNOOZES.items()
    )
    return Menu(label="Snooze…", options=options)


def _call_false(alert: Alert, revision: int) -> FormButton:
    field = FormField(
        name=REASON_FIELD,
        label="Why is it no alarm?",
        kind=FieldKind.MULTILINE,
        hint="It stands on the card and in the weekly report.",
    )
    form = Form(
        title="Call it a false alarm",
        submit="Close it",
        token=encode(Verb.FALSE_ALARM, alert.id, revision),
        intro="Those like it (same kind, same weekday, no farther out) are shown quietly for four weeks.",
        fields=(field,),
    )
    return FormButton(label="False alarm…", form=form, about=alert.title)
