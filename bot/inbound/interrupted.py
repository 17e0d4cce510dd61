"""What asked a person to act, and when: the last seven days, day by day, each thing once."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from blocks.cards import CardView, notice_card
from blocks.elements import Card, Item, Items, Tone
from blocks.text import count, one_line
from bot.delivery.present import Presenter
from bot.inbound.desk import Desk
from bot.inbound.ordering import Order
from bot.surfaces.base import Answer
from store.handle import Store
from store.kernel.errors import UserMistake
from store.queries.fleet import day_start
from store.queries.interruptions import interruptions
from store.records import Asking, Interruption

DAYS = 7
SHOWN = 40
_WORD = {
    Asking.APPROVAL: "to decide",
    Asking.STOPPED_RUN: "a stopped run",
    Asking.ALERT: "an alert",
    Asking.TASK: "a task",
}


def show_interruptions(desk: Desk, order: Order) -> Answer:
    """What interrupted the person named, or whoever asks. Raises UserMistake for a name nobody has."""
    person_id = person_named(desk.presenter, order.argument) if order.argument else order.person.id
    return Answer(card=interruptions_card(desk.store, desk.presenter, person_id))


def person_named(presenter: Presenter, name: str) -> str:
    """The id of the person of this id or name. Raises UserMistake that names the people there are."""
    wanted, people = name.strip().lower(), presenter.view.person_names
    for person_id, spoken in people.items():
        if wanted in (person_id.lower(), spoken.lower()):
            return person_id
    raise UserMistake(f"There is nobody called {name.strip()!r}.", f"The people are {', '.join(people)}.")


def interruptions_of(store: Store, presenter: Presenter, person_id: str) -> tuple[Interruption, ...]:
    """What asked this person to act today and on the six days before, oldest first."""
    now = store.clock.now()
    start = day_start(now - timedelta(days=DAYS - 1), presenter.view.timezone)
    found = interruptions(store, start, now + timedelta(microseconds=1), presenter.roles)
    return tuple(one for one in found if one.person_id == person_id)


def interruptions_card(store: Store, presenter: Presenter, person_id: str) -> Card:
    """The count, the days, and each thing with its card."""
    found, view = interruptions_of(store, presenter, person_id), presenter.view
    title = f"{view.person(person_id)} was interrupted {count(len(found), 'time')} in {DAYS} days"
    card = notice_card(title, "", Tone.NEUTRAL, simulated=view.simulated)
    newest = tuple(reversed(found))
    rows = tuple(_row(one, view) for one in newest[:SHOWN])
    days = Items(heading="By day", rows=_days(found, view), empty="No interruptions.")
    return card.model_copy(update={"elements": (days, Items(heading="Newest first", rows=rows, total=len(found)))})


def _days(found: Sequence[Interruption], view: CardView) -> tuple[Item, ...]:
    zone = ZoneInfo(view.timezone)
    dates = [one.at.astimezone(zone).date() for one in found]
    return tuple(Item(text=f"{day:%a} {day}: {dates.count(day)}") for day in sorted(set(dates)))


def _row(one: Interruption, view: CardView) -> Item:
    detail = f"{_WORD[one.asking]}, {view.when(one.at)}"
    return Item(text=one_line(one.text), detail=detail, url=view.link("cards", one.card))
