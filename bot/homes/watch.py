"""Keeps home pages true for those who look at them: published at once when asked for, else when they read differently.

What was published is on record, so a restart sends nothing that is already shown.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from agents.roster import Team
from blocks.home import Home
from bot.homes.pages import HomePages, Moment
from bot.surfaces.base import Answer, HasHomes, HomeMoved, InboundEvent, Surface
from store.actions.homes import close_home, home_published, open_home, turn_home
from store.handle import Store
from store.kernel.canonical import fingerprint
from store.kernel.crash import outside
from store.kernel.errors import QuarterdeckError, Refused, Retryable
from store.queries.audit import audit_head
from store.queries.homes import home, homes_opened_since
from store.records import HomeTab

log = structlog.get_logger()

ROUND_SECONDS = 0.5
LOOK_EVERY = timedelta(seconds=5)
"""How often a change in the record is looked for."""
LOOK_ANYWAY = timedelta(minutes=1)
"""How often pages are compared though the record did not change: a new day changes what they say."""
APART = timedelta(seconds=15)
"""Between two publishings for one person, unless that person did something."""
WATCHED_FOR = timedelta(hours=24)
"""How long after its last use a page is kept up to date."""
NOTE_FOR = timedelta(seconds=60)
AFTER_REFUSAL = timedelta(minutes=10)
AT_HOME = "home"
"""The key in an event's payload that says it came from somebody's home page."""

Key = tuple[str, str]


@dataclass(frozen=True)
class Note:
    """What a person is told on their own page for a while."""

    text: str
    until: datetime


@dataclass(frozen=True)
class Pause:
    """When a page may be published next."""

    by_itself_at: datetime
    at_all_at: datetime


class HomeWatch:
    """Takes note of who looks, and publishes. One a process; several processes at worst publish the same page twice."""

    def __init__(self, store: Store, team: Team, pages: HomePages) -> None:
        self._store = store
        self._team = team
        self._pages = pages
        self._notes: dict[Key, Note] = {}
        self._pauses: dict[Key, Pause] = {}
        self._unseen: set[Key] = set()
        self._seen_head = ""
        self._looked_at: datetime | None = None

    def opened(self, event: InboundEvent) -> None:
        """Somebody looks at their page; whether they are a member decides what they will see."""
        person = self._team.person_for(event.surface, event.account) if event.account_class == "member" else None
        shown = event.payload.get("view_hash")
        open_home(
            self._store,
            surface=event.surface,
            account=event.account,
            person_id=person.id if person else None,
            view_hash=shown if isinstance(shown, str) else None,
        )

    def answered(self, event: InboundEvent, answer: Answer) -> None:
        """What came of a press on somebody's page is said there: a page has no other way to answer."""
        person = self._team.person_for(event.surface, event.account)
        at_home = event.payload.get(AT_HOME) is True and event.account_class == "member"
        if not at_home or person is None or answer.form is not None:
            return
        if answer.text:
            until = self._store.clock.now() + NOTE_FOR
            self._notes[event.surface, event.account] = Note(answer.text, until)
        turn_home(self._store, surface=event.surface, account=event.account, person_id=person.id)

    async def run(self, surfaces: tuple[Surface, ...]) -> None:
        """Publishes until cancelled, on the surfaces that have home pages; without one it only waits."""
        places = {surface.name: surface for surface in surfaces if isinstance(surface, HasHomes)}
        if not places:
            await asyncio.Event().wait()
        while True:
            try:
                await self.round(places)
            except Exception:  # the outermost loop of home pages: one bad round must not end all others
                log.exception("home_round_failed")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self, places: Mapping[str, HasHomes]) -> int:
        """Publishes what is due now; returns how many pages were sent."""
        due = [item for item in await asyncio.to_thread(self._due) if item.surface in places]
        if not due:
            return 0
        moment = await asyncio.to_thread(self._pages.read, tuple(places))
        return sum([await self._publish(places[item.surface], item, moment) for item in due])

    def _due(self) -> list[HomeTab]:
        now = self._store.clock.now()
        homes = homes_opened_since(self._store, now - WATCHED_FOR)
        if homes and self._looks(now):
            self._unseen |= {(item.surface, item.account) for item in homes}
        return [item for item in homes if self._may_go(item, now) and self._may_differ(item)]

    def _may_differ(self, item: HomeTab) -> bool:
        return item.shown_digest is None or (item.surface, item.account) in self._unseen

    def _looks(self, now: datetime) -> bool:
        """True when pages are to be compared with what they show: the record changed, or enough time has passed."""
        if self._looked_at is not None and now < self._looked_at + LOOK_EVERY:
            return False
        head = audit_head(self._store).hash
        if self._looked_at is not None and head == self._seen_head and now < self._looked_at + LOOK_ANYWAY:
            return False
        self._seen_head, self._looked_at = head, now
        return True

    def _may_go(self, item: HomeTab, now: datetime) -> bool:
        pause = self._pauses.get((item.surface, item.account))
        if pause is None:
            return True
        return now >= (pause.at_all_at if item.shown_digest is None else max(pause.by_itself_at, pause.at_all_at))

    async def _publish(self, place: HasHomes, item: HomeTab, moment: Moment) -> bool:
        """True when a page was sent; one that reads as what is shown is not."""
        try:
            return await self._send(place, item, moment)
        except HomeMoved:
            # Somebody else published, or a crash came between publishing and recording it. Read anew, said anew.
            return await self._again(place, item)
        except Refused:
            await asyncio.to_thread(close_home, self._store, item)
        except Retryable as error:
            self._hold(item, timedelta(seconds=max(error.delay_seconds, 1.0)))
        except QuarterdeckError as error:
            log.warning("home_not_published", surface=item.surface, account=item.account, error=error.message)
            self._hold(item, AFTER_REFUSAL)
        return False

    async def _again(self, place: HasHomes, item: HomeTab) -> bool:
        known = await asyncio.to_thread(home, self._store, item.surface, item.account)
        moment = await asyncio.to_thread(self._pages.read, (item.surface,))
        fresh = (known or item).model_copy(update={"shown_digest": None, "view_hash": None})
        return await self._publish(place, fresh, moment)

    async def _send(self, place: HasHomes, item: HomeTab, moment: Moment) -> bool:
        self._unseen.discard((item.surface, item.account))
        page = await asyncio.to_thread(self._draw, place, item, moment)
        digest = await asyncio.to_thread(_digest, page, item.page)
        if digest == item.shown_digest:
            return False
        with outside("surface.home"):
            mark = await place.publish_home(item.account, page, item.page, item.view_hash)
        now = self._store.clock.now()
        self._pauses[item.surface, item.account] = Pause(by_itself_at=now + APART, at_all_at=now)
        await asyncio.to_thread(home_published, self._store, item, digest=digest, view_hash=mark)
        return True

    def _draw(self, place: HasHomes, item: HomeTab, moment: Moment) -> Home:
        known = moment.channels.get(item.surface, {})
        urls = {agent_id: place.channel_url(channel_id) for agent_id, channel_id in known.items()}
        return self._pages.draw(item, moment, urls, self._note(item))

    def _note(self, item: HomeTab) -> str | None:
        note = self._notes.get((item.surface, item.account))
        if note is None or self._store.clock.now() < note.until:
            return note.text if note else None
        del self._notes[item.surface, item.account]
        return None

    def _hold(self, item: HomeTab, pause: timedelta) -> None:
        key, now = (item.surface, item.account), self._store.clock.now()
        known = self._pauses.get(key) or Pause(by_itself_at=now, at_all_at=now)
        self._pauses[key] = replace(known, at_all_at=now + pause)
        self._unseen.add(key)


def _digest(page: Home, number: int) -> str:
    """Equal for pages that say the same, whenever they were drawn."""
    return fingerprint([page.model_dump(mode="json", exclude={"as_of"}), number])
