"""What a builder may know beside the record: names, the team's zone and where the console is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from store.records import Actor, ActorKind

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHOW_TENTHS_BELOW = timedelta(seconds=10)
_WEEK_DAYS = 7
_A_MOMENT = timedelta(seconds=10)


@dataclass(frozen=True)
class CardView:
    """Names and zone for building cards. Equal views and equal records give equal cards, whenever they are built.

    `timezone` is an IANA name. `console_url` has no trailing slash; None leaves out every link. An id without a name
    is shown as the id. `templates` are the workspace's own for digests, by name, and `broken_templates` those that
    cannot be used.
    """

    timezone: str = "UTC"
    agent_names: Mapping[str, str] = field(default_factory=dict)
    person_names: Mapping[str, str] = field(default_factory=dict)
    console_url: str | None = None
    simulated: bool = False
    templates: Mapping[str, str] = field(default_factory=dict)
    broken_templates: frozenset[str] = frozenset()

    def agent(self, agent_id: str) -> str:
        """The agent's name."""
        return self.agent_names.get(agent_id, agent_id)

    def person(self, person_id: str) -> str:
        """The person's name."""
        return self.person_names.get(person_id, person_id)

    def people(self, person_ids: tuple[str, ...]) -> str:
        """Several names as a sentence would list them."""
        names = [self.person(person_id) for person_id in person_ids]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nobody"

    def actor(self, actor: Actor) -> str:
        """Who it was, by name; the program itself is Quarterdeck."""
        if actor.kind is ActorKind.PERSON:
            return self.person(actor.id)
        return self.agent(actor.id) if actor.kind is ActorKind.AGENT else "Quarterdeck"

    def when(self, moment: datetime) -> str:
        """The moment in the team's zone: "Sat 21 Nov 2026, 14:07 CET"."""
        local = moment.astimezone(ZoneInfo(self.timezone))
        day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
        return f"{day}, {local:%H:%M} {local.tzname()}"

    def at_time(self, moment: datetime, day_of: datetime) -> str:
        """The moment as a clock time on `day_of`'s day, with its weekday less than a week from it, else in full."""
        zone = ZoneInfo(self.timezone)
        local = moment.astimezone(zone)
        away = abs((local.date() - day_of.astimezone(zone).date()).days)
        if away >= _WEEK_DAYS:
            return self.when(moment)
        return f"{_DAYS[local.weekday()]} {local:%H:%M}" if away else f"{local:%H:%M}"

    def link(self, *path: str) -> str | None:
        """The console's address of what the path names ("runs", id); None without a console."""
        if self.console_url is None:
            return None
        return "/".join((self.console_url, *(quote(part, safe=":") for part in path)))


def duration(start: datetime, end: datetime) -> str:
    """How long something took, in at most two units: "3 h 5 min", "4.2 s" below ten seconds, "under 0.1 s".

    Rounded down; a negative one counts as none.
    """
    length = max(timedelta(), end - start)
    if length < _SHOW_TENTHS_BELOW:
        seconds, tenths = divmod(length // timedelta(milliseconds=100), 10)
        return f"{seconds}.{tenths} s" if seconds or tenths else "under 0.1 s"
    return _two_units(length // timedelta(seconds=1))


def age(start: datetime, end: datetime) -> str:
    """How long something has stood, or has left: like a duration, but "a moment" where seconds would only distract."""
    return "a moment" if end - start < _A_MOMENT else duration(start, end)


def _two_units(seconds: int) -> str:
    for unit, size, smaller, smaller_size in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= size:
            rest = seconds % size // smaller_size
            return f"{seconds // size} {unit} {rest} {smaller}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"
