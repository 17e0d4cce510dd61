"""Each signed request counts once: Slack's own verifier accepts the same one again for as long as it is fresh."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from store.kernel.errors import Refused

VALID_SECONDS = 600.0
"""A signature is accepted for five minutes before and after its timestamp (slack_sdk 3.47, SignatureVerifier)."""


class Replayed(Refused):
    """A signed request was sent a second time."""

    def __init__(self) -> None:
        super().__init__("This request was already taken in.", "slack.replay")


class ReplayGuard:
    """Remembers the signatures of requests that were taken in, for as long as they would be accepted again.

    In memory: a request replayed after a restart meets the inbox, which has stored its event already.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[str, float] = {}

    @contextmanager
    def single_use(self, signature: str) -> Iterator[None]:
        """Raises Replayed for a signature in use or used up.

        When the body raises, the signature may be used again: what was not stored must be deliverable once more.
        """
        self._forget_expired()
        if signature in self._until:
            raise Replayed
        self._until[signature] = self._now() + VALID_SECONDS
        try:
            yield
        except BaseException:
            del self._until[signature]
            raise

    def _forget_expired(self) -> None:
        now = self._now()
        for signature in list(self._until):  # oldest first: all are valid for equally long
            if self._until[signature] > now:
                return
            del self._until[signature]
