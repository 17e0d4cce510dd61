"""The two forms for what people ask in their own words: a run of an agent, or a task for anybody.

Nothing is remembered between a form and its answers but the event it came from, which is on record: a form sent after a
restart does the same.
"""

from agents.roster import AgentSpec
from blocks.cards import notice_card
from blocks.elements import MAX_FILES, MAX_OPTIONS, Choice, FieldKind, Form, FormButton, FormField, Menu, Option, Tone
from blocks.text import one_line
from blocks.tokens import Verb, encode
from bot.inbound.desk import Desk, Pressed
from bot.inbound.origins import Origin, origin_named
from bot.surfaces.base import Answer

AGENT, WORDS, FILES, TITLE, OWNER, DUE, NOTES = "agent", "words", "files", "title", "owner", "due", "notes"
"""The fields of both forms."""
TITLE_CHARS, WORDS_CHARS, INTRO_CHARS = 120, 2_900, 400
NO_DATE = "none"
DAYS = {
    NO_DATE: "No date",
    "0": "Today",
    "1": "Tomorrow",
    "3": "In three days",
    "7": "In a week",
    "14": "In two weeks",
}
"""What may be chosen as a date: days from today, and how they are said."""


def ask_form(desk: Desk, origin: Origin, agent_id: str | None = None) -> Form:
    """Asks which agent is to do what."""
    agents = [Choice(label=agent.name, value=agent.id) for agent in desk.team.agents.values()]
    return Form(
        title="Give this to an agent" if origin.quoted else "Ask an agent",
        submit="Start",
        token=encode(Verb.ASK, origin.key, 0),
        intro=_intro(origin, "Starts a run that everybody sees, with your words as its request."),
        fields=(
            _choice(AGENT, "Which agent?", agents, agent_id),
            FormField(
                name=WORDS,
                label="What is it to do?",
                kind=FieldKind.MULTILINE,
                required=origin.quoted is None,
                initial=origin.text[:WORDS_CHARS] or None,
            ),
            FormField(name=FILES, label="Files", kind=FieldKind.FILE, required=False, max_files=MAX_FILES),
        ),
    )


def task_form(desk: Desk, origin: Origin) -> Form:
    """Asks what is to be done, by whom and until when."""
    team = desk.team
    owners = [Choice(label=agent.name, value=f"a/{agent.id}") for agent in team.agents.values()]
    owners += [Choice(label=person.name, value=f"p/{person.id}") for person in team.people.values()]
    first = one_line(origin.quoted.text if origin.quoted else origin.text)[:TITLE_CHARS]
    due = [Choice(label=label, value=days) for days, label in DAYS.items()]
    return Form(
        title="Make this a task" if origin.quoted else "New task",
        submit="Make the task",
        token=encode(Verb.MAKE_TASK, origin.key, 0),
        intro=_intro(origin, "Its owner gets a card with buttons."),
        fields=(
            FormField(name=TITLE, label="What is to be done?", initial=first or None),
            _choice(OWNER, "By whom?", owners, None),
            FormField(name=DUE, label="Until when?", kind=FieldKind.CHOICE, options=tuple(due), initial=NO_DATE),
            FormField(name=NOTES, label="Notes", kind=FieldKind.MULTILINE, required=False),
        ),
    )


def offer(desk: Desk, origin: Origin, agents: tuple[AgentSpec, ...] = ()) -> Answer:
    """A card that leads to both forms: what somebody wrote says neither which agent nor what is meant."""
    asked = agents or tuple(desk.team.agents.values())
    options = tuple(
        Option(label=agent.name, token=encode(Verb.ASK, f"{origin.key}/{agent.id}", 0)) for agent in asked[:MAX_OPTIONS]
    )
    card = notice_card("Who is to do this?", f"“{origin.text[:INTRO_CHARS]}”", Tone.WAITING)
    actions = (
        *((Menu(label="Ask an agent…", options=options),) if options else ()),
        FormButton(label="Write a request…", form=ask_form(desk, origin)),
        FormButton(label="Make it a task…", form=task_form(desk, origin)),
    )
    return Answer(card=card.model_copy(update={"actions": actions}))


def new_task(desk: Desk) -> FormButton:
    """Leads to an empty form for a task."""
    return FormButton(label="New task…", form=task_form(desk, Origin()))


def new_request(desk: Desk) -> FormButton:
    """Leads to an empty form for a request."""
    return FormButton(label="Ask an agent…", form=ask_form(desk, Origin()))


def form_for(desk: Desk, pressed: Pressed) -> Form:
    """The form that a pressed button or picked agent asks for."""
    key, _, agent_id = pressed.press.record_id.partition("/")
    origin = origin_named(desk, pressed.event.surface, key)
    return task_form(desk, origin) if pressed.press.verb is Verb.MAKE_TASK else ask_form(desk, origin, agent_id or None)


def _intro(origin: Origin, does: str) -> str:
    if origin.quoted is None:
        return does
    text = origin.quoted.text
    shown = text if len(text) <= INTRO_CHARS else text[: INTRO_CHARS - 1] + "…"
    return f"{does}\n\n{origin.quoted.author} wrote: “{shown}”"


def _choice(name: str, label: str, choices: list[Choice], initial: str | None) -> FormField:
    """One of what there is; a name typed in where a menu cannot hold them all."""
    if not choices or len(choices) > MAX_OPTIONS:
        return FormField(name=name, label=label, hint="A name or an id.", initial=initial)
    return FormField(name=name, label=label, kind=FieldKind.CHOICE, options=tuple(choices), initial=initial)
