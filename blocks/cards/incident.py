"""The incident card: one cause of trouble, however often it struck."""

import re
from datetime import datetime

from blocks.cards.view import CardView
from blocks.elements import Action, Button, Card, Context, Element, Fact, Facts, Item, Items, LinkButton, Style, Text
from blocks.text import count
from blocks.tokens import Verb, encode
from blocks.words import INCIDENT_TONE, INCIDENT_WORD
from store.kernel.canonical import Json, JsonObject
from store.records import Incident, IncidentState

_CARD = "card"
"""What an example names the card under that has its buttons."""
_SOMEBODY = re.compile(r"^(What |)(\S+)( is asked to look\.| was to do )")
"""Where a record's sentence begins with the id of an agent or a person."""


def incident_card(incident: Incident, view: CardView, *, revision: int = 0) -> Card:
    """The incident with its latest strikes; Close while it is open."""
    return Card(
        key=f"incident:{incident.id}",
        revision=revision,
        kind="incident",
        tone=INCIDENT_TONE[incident.state],
        state=INCIDENT_WORD[incident.state],
        title=incident_title(incident, view),
        summary=_summary(incident, view),
        simulated=view.simulated,
        elements=_elements(incident, view),
        actions=_actions(incident, view, revision),
    )


def incident_title(incident: Incident, view: CardView) -> str:
    """The title; the agent goes by its name where the record begins with its id."""
    agent_id, title = incident.agent_id, incident.title
    return view.agent(agent_id) + title[len(agent_id) :] if agent_id and title.startswith(f"{agent_id} ") else title


def _named(sentence: str, view: CardView) -> str:
    """The sentence with the name of whom it begins with, where the record has an id."""
    return _SOMEBODY.sub(lambda found: f"{found[1]}{view.agent(view.person(found[2]))}{found[3]}", sentence)


def _summary(incident: Incident, view: CardView) -> str:
    often = f"{count(incident.count, 'time')}, last {view.when(incident.last_at)}"
    next_step = f" {_named(incident.next_step, view)}" if incident.state is IncidentState.OPEN else ""
    return f"{INCIDENT_WORD[incident.state]}: {incident_title(incident, view)}, {often}.{next_step}"


def _elements(incident: Incident, view: CardView) -> tuple[Element, ...]:
    elements: list[Element] = [Text(text=_named(incident.detail, view)), _facts(incident, view)]
    if incident.state is IncidentState.OPEN:
        elements.append(Text(heading="Next step", text=_named(incident.next_step, view)))
    if incident.examples:
        elements.append(_examples(incident, view))
    elements.append(_small_print(incident, view))
    return tuple(elements)


def _facts(incident: Incident, view: CardView) -> Facts:
    rows = [
        Fact(label="Happened", value=count(incident.count, "time")),
        Fact(label="First", value=view.when(incident.first_at), at=incident.first_at),
        Fact(label="Last", value=view.when(incident.last_at), at=incident.last_at),
    ]
    if incident.closed_at:
        by = f" by {view.person(incident.closed_by)}" if incident.closed_by else ", the cause has passed"
        rows.append(Fact(label="Closed", value=view.when(incident.closed_at) + by, at=incident.closed_at))
    return Facts(rows=tuple(rows))


def _examples(incident: Incident, view: CardView) -> Items:
    newest_first = tuple(_example(example, view) for example in reversed(incident.examples))
    return Items(heading="Latest", rows=newest_first, total=max(incident.count, len(newest_first)))


def _example(example: JsonObject, view: CardView) -> Item:
    """One time it struck; it opens the card that it names."""
    card = example.get(_CARD)
    return Item(text=_in_words(example, view), url=view.link("cards", card) if isinstance(card, str) else None)


def _in_words(example: JsonObject, view: CardView) -> str:
    said = {key: value for key, value in example.items() if value is not None and key != _CARD}
    known = ((key.replace("_", " "), value) for key, value in said.items())
    return " · ".join(f"{key}: {_value(value, view)}" for key, value in known) or "no details"


def _value(value: Json, view: CardView) -> str:
    """A moment in the team's zone; anything else as it is."""
    try:
        moment = datetime.fromisoformat(str(value))
        return view.when(moment) if moment.tzinfo else str(value)
    except (ValueError, OverflowError):  # no moment, or one at the edge of the calendar
        return str(value)


def _small_print(incident: Incident, view: CardView) -> Context:
    agent = (view.agent(incident.agent_id),) if incident.agent_id else ()
    return Context(parts=(*agent, incident.id))


def _actions(incident: Incident, view: CardView, revision: int) -> tuple[Action, ...]:
    actions: list[Action] = []
    if incident.state is IncidentState.OPEN:
        token = encode(Verb.CLOSE_INCIDENT, incident.id, revision)
        actions.append(Button(label="Close", token=token, style=Style.PRIMARY, about=incident.title))
    if incident.run_id and (url := view.link("runs", incident.run_id)):
        actions.append(LinkButton(label="Open run", url=url))
    return tuple(actions)
