"""What a sent request does: starts a run that everybody sees, or makes a task."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.roster import AgentSpec
from blocks.cards import notice_card
from blocks.elements import Card, LinkButton, Tone
from blocks.text import one_line
from bot.inbound.desk import Desk, Pressed
from bot.inbound.lane_roles import require_lane
from bot.inbound.origins import origin_named
from bot.inbound.owners import owner_chosen
from bot.inbound.request_forms import AGENT, DAYS, DUE, FILES, NO_DATE, NOTES, OWNER, TITLE, TITLE_CHARS, WORDS
from bot.starts import agent_named, start_run, usual_input
from bot.surfaces.base import Answer
from store.actions.tasks import create_task
from store.kernel.canonical import JsonObject
from store.kernel.errors import UserMistake
from store.kernel.ids import derive
from store.records import REQUEST, CardKind, GivenFile, Request, Run, Task, TriggerKind, card_key

END_OF_DAY = time(23, 59)
END_OF_DAY = time(23, 59)


def ask(desk: Desk, pressed: Pressed) -> Answer:
    """Starts the run that the sent form asks for. Raises UserMistake without an agent, or without words."""
    origin = origin_named(desk, pressed.event.surface, pressed.press.record_id.partition("/")[0])
    # Where files cannot be given, the field asks where they are.
    words = "\n".join(said for said in (pressed.field(WORDS), pressed.field(FILES)) if said)
    if not words and origin.quoted is None:
        raise UserMistake("Say what the agent is to do.")
    agent, files = agent_named(desk.team, pressed.field(AGENT)), files_given(pressed)
    run = start_run(
        desk.store,
        desk.team,
        agent,
        kind=TriggerKind.FORM,
        key=f"{pressed.event.surface}:{pressed.event.key}",
        by=pressed.actor,
        what=with_request(usual_input(desk.team, agent), Request(text=words, quoted=origin.quoted, files=files)),
        tainted=origin.quoted is not None or bool(files),
    )
    return Answer(card=started(desk, agent, run))


def make_task(desk: Desk, pressed: Pressed) -> Answer:
    """Puts the task of the sent form on record, once. Raises UserMistake without a title or an owner."""
    origin = origin_named(desk, pressed.event.surface, pressed.press.record_id)
    title, now = one_line(pressed.field(TITLE)), desk.store.clock.now()
    if not title:
        raise UserMistake("Say what is to be done.")
    owner = owner_chosen(desk.team, pressed.field(OWNER))
    require_lane(desk.team, pressed.person, pressed.event, owner.agent_id)
    made = create_task(
        desk.store,
        Task(
            id=derive("task", pressed.event.surface, pressed.event.key),
            title=title[:TITLE_CHARS],
            details=pressed.field(NOTES),
            agent_id=owner.agent_id,
            person_id=owner.person_id,
            created_by=pressed.actor,
            created_at=now,
            changed_at=now,
            due_at=due_at(pressed.field(DUE), now, desk.team.timezone),
            source=origin.quoted,
        ),
    )
    return Answer(card=_linked(f"Task made: {made.title}", desk, "cards", card_key(CardKind.TASK, made.slot)))


def files_given(pressed: Pressed) -> tuple[GivenFile, ...]:
    """The files of a sent form, which are on the shelf by now."""
    return tuple(GivenFile.model_validate(file.given) for file in pressed.event.files if file.field == FILES)


def with_request(what: JsonObject, request: Request) -> JsonObject:
    """A run's input with what was asked for in words."""
    return {**what, REQUEST: request.model_dump(mode="json", exclude_defaults=True)}


def due_at(days: str, now: datetime, timezone: str) -> datetime | None:
    """The end of the day so many days from now, in the team's zone; None for no date. Raises UserMistake."""
    if days in ("", NO_DATE):
        return None
    if days not in DAYS:
        raise UserMistake(f"{days!r} is no number of days.", f"There are {', '.join(DAYS)}.")
    zone = ZoneInfo(timezone)
    day = now.astimezone(zone).date() + timedelta(days=int(days))
    return datetime.combine(day, END_OF_DAY, zone)


def started(desk: Desk, agent: AgentSpec, run: Run) -> Card:
    """Tells who asked that the run has begun, and where to see it."""
    return _linked(f"{agent.name} starts now", desk, "runs", run.id, text="Watch its card in its channel.")


def _linked(title: str, desk: Desk, *path: str, text: str = "") -> Card:
    card = notice_card(title, text, Tone.GOOD, simulated=desk.presenter.view.simulated)
    url = desk.presenter.view.link(*path)
    return card.model_copy(update={"actions": (LinkButton(label="Open", url=url),)}) if url else card
