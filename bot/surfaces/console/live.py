"""What open pages are told while they are open: a short, numbered stream that a page may rejoin where it left off.

A message only says *that* something changed; the page then fetches the thing itself, so a lost message costs a reload,
never a wrong sight. All of it lives on the event loop; nothing here is safe from another thread.
"""

import asyncio
import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias

KEPT_MESSAGES = 512
"""Messages a page may have missed and still catch up with; beyond that it is told to load everything anew."""
QUEUE_MESSAGES = KEPT_MESSAGES + 256
"""Messages that may wait for one slow page before it is cut off and made to rejoin."""


class Message(NamedTuple):
    """One message. `person` None is for everybody; `number` grows by one with each."""

    number: int
    name: str
    data: dict[str, str]
    person: str | None = None


Page: TypeAlias = "asyncio.Queue[Message | None]"


class Hub:
    """Hands messages to every open page. `epoch` names this process: a page from an earlier one starts over."""

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._kept: deque[Message] = deque(maxlen=KEPT_MESSAGES)
        self._pages: dict[Page, str] = {}
        self._number = 0

    @property
    def position(self) -> str:
        """Where the stream stands now: what a page drawn at this moment gives to `joined` when it opens."""
        return f"{self._epoch}.{self._number}"

    @property
    def watching(self) -> int:
        """How many pages are open."""
        return len(self._pages)

    def tell(self, name: str, *, person: str | None = None, **data: str) -> None:
        """Sends to every open page, or to those of one person; never blocks."""
        self._number += 1
        message = Message(self._number, name, data, person)
        self._kept.append(message)
        for page, owner in list(self._pages.items()):
            if person in (None, owner):
                self._hand(page, message)

    def close(self) -> None:
        """Ends every open stream; pages notice and rejoin the next process."""
        for page in list(self._pages):
            self._cut(page)

    @contextmanager
    def joined(self, person: str, last_event_id: str | None) -> Iterator[Page]:
        """A queue for one page: what it missed since `last_event_id`, then whatever comes; None ends it."""
        page: Page = asyncio.Queue()
        for message in self._missed(last_event_id):
            if message.person in (None, person):
                page.put_nowait(message)
        self._pages[page] = person
        try:
            yield page
        finally:
            self._pages.pop(page, None)

    def written(self, message: Message) -> bytes:
        """The message as server-sent event bytes."""
        return (
            f"id: {self._epoch}.{message.number}\nevent: {message.name}\ndata: {json.dumps(message.data)}\n\n".encode()
        )

    def _missed(self, last_event_id: str | None) -> list[Message]:
        if last_event_id is None:
            return []
        epoch, _, number = last_event_id.partition(".")
        oldest = self._kept[0].number if self._kept else self._number + 1
        known = epoch == self._epoch and number.isascii() and number.isdigit()
        if not known or not oldest - 1 <= int(number) <= self._number:
            return [Message(self._number, "reset", {})]
        return [message for message in self._kept if message.number > int(number)]

    def _hand(self, page: Page, message: Message) -> None:
        if page.qsize() >= QUEUE_MESSAGES:
            self._cut(page)
            return
        page.put_nowait(message)

    def _cut(self, page: Page) -> None:
        self._pages.pop(page, None)
        page.put_nowait(None)
