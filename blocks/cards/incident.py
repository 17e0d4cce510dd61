"""The incident card: one cause of trouble, however often it struck."""

from blocks.cards.view import CardView
from blocks.elements import Action, Button, Card, Context, Element, Fact, Facts, Item, Items, LinkButton, Style, Text
from blocks.text import count
from blocks.tokens import Verb, encode
from blocks.words import INCIDENT_TONE, INCIDENT_WORD
from store.kernel.canonical import JsonObject
from store.records import Incident, IncidentState


def incident_card(incident: Incident, view: CardView, *, revision: int = 0) -> Card:
    """The incident with its latest strikes; Close while it is open."""
    return Card(
        key=f"incident:{incident.id}",
        revision=revision,
        kind="incident",
        tone=INCIDENT_TONE[incident.state],
        state=INCIDENT_WORD[incident.state],
        title=incident.title,
        summary=_summary(incident, view),
        simulated=view.simulated,
        elements=_elements(incident, view),
        actions=_actions(incident, view, revision),
    )


def _summary(incident: Incident, view: CardView) -> str:
    often = f"{count(incident.count, 'time')}, last {view.when(incident.last_at)}"
    return f"{INCIDENT_WORD[incident.state]}: {incident.title}, {often}. {incident.next_step}"


def _elements(incident: Incident, view: CardView) -> tuple[Element, ...]:
    elements: list[Element] = [Text(text=incident.detail), _facts(incident, view)]
    if incident.state is IncidentState.OPEN:
        elements.append(Text(heading="Next step", text=incident.next_step))
    if incident.examples:
        elements.append(_examples(incident))
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


def _examples(incident: Incident) -> Items:
    newest_first = tuple(Item(text=_in_words(example)) for example in reversed(incident.examples))
    return Items(heading="Latest", rows=newest_first, total=max(incident.count, len(newest_first)))


def _in_words(example: JsonObject) -> str:
    return ", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in example.items()) or "no details"


def _small_print(incident: Incident, view: CardView) -> Context:
    parts = [f"incident {incident.id}", incident.kind]
    if incident.agent_id:
        parts.append(view.agent(incident.agent_id))
    return Context(parts=tuple(parts))


def _actions(incident: Incident, view: CardView, revision: int) -> tuple[Action, ...]:
    actions: list[Action] = []
    if incident.state is IncidentState.OPEN:
        token = encode(Verb.CLOSE_INCIDENT, incident.id, revision)
        actions.append(Button(label="Close", token=token, style=Style.PRIMARY, about=incident.title))
    if incident.run_id and (url := view.link("runs", incident.run_id)):
        actions.append(LinkButton(label="Open run", url=url))
    return tuple(actions)
