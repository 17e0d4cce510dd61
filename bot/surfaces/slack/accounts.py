"""What kind of account acted: a member of the workspace, a guest, an outsider, or one nothing is known of."""

import asyncio
import time
from collections.abc import Callable, Mapping
from enum import StrEnum

import structlog

from bot.surfaces.slack.identity import Home
from bot.surfaces.slack.pacing import Urgency
from bot.surfaces.slack.web import SlackWeb
from store.kernel.errors import QuarterdeckError

log = structlog.get_logger(__name__)

REMEMBER_SECONDS = 300.0
"""How long an answer about an account holds: how late a demotion to guest may be noticed."""
ASK_TIMEOUT_SECONDS = 1.2
"""Slack waits three seconds for the acknowledgement, which follows this question."""


class AccountClass(StrEnum):
    """Only a member may act; the other three are refused by default."""

    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "external"
    UNKNOWN = "unknown"


def classify(user: Mapping[str, object], home: Home) -> AccountClass:
    """The class of a `user` object as users.info gives it. A fact that is missing never counts in the account's favour.

    https://docs.slack.dev/reference/objects/user-object, checked 2026-11-21.
    """
    if user.get("is_stranger") or not _at_home(user, home):
        return AccountClass.EXTERNAL
    if user.get("deleted") is not False or user.get("is_bot") is not False:
        return AccountClass.UNKNOWN
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return AccountClass.GUEST
    known = user.get("is_restricted") is False and user.get("is_ultra_restricted") is False
    return AccountClass.MEMBER if known else AccountClass.UNKNOWN


def _at_home(user: Mapping[str, object], home: Home) -> bool:
    if user.get("team_id") == home.team_id:
        return True
    enterprise = user.get("enterprise_user")
    return (
        home.enterprise_id is not None
        and isinstance(enterprise, Mapping)
        and enterprise.get("enterprise_id") == home.enterprise_id
    )


class Accounts:
    """Answers what kind of account acted, from users.info, kept for a few minutes. Never raises: unknown is one.

    However many events of one account come at once, Slack is asked once: a question each would use up the pace of
    users.info, and the rest of a member's presses would be taken for those of nobody known.
    """

    def __init__(self, web: SlackWeb, home: Home, now: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._home = home
        self._now = now
        self._known: dict[str, tuple[float, AccountClass]] = {}
        self._asking: dict[str, asyncio.Task[AccountClass]] = {}

    async def class_of(self, account: str) -> AccountClass:
        """The account's class; `unknown` when Slack cannot say in time."""
        until, known = self._known.get(account, (0.0, AccountClass.UNKNOWN))
        if self._now() < until:
            return known
        if account not in self._asking:
            self._asking[account] = asyncio.create_task(self._find_out(account))
        return await asyncio.shield(self._asking[account])  # one who gives up takes the answer from nobody else

    async def _find_out(self, account: str) -> AccountClass:
        try:
            found = await self._ask(account)
        finally:
            del self._asking[account]
        if found is None:
            return AccountClass.UNKNOWN
        self._known[account] = (self._now() + REMEMBER_SECONDS, found)
        return found

    async def _ask(self, account: str) -> AccountClass | None:
        try:
            async with asyncio.timeout(ASK_TIMEOUT_SECONDS):
                answer = await self._web.call(
                    "users.info", {"user": account}, urgency=Urgency.DECISION, repeatable=True
                )
        except (QuarterdeckError, TimeoutError) as error:
            log.warning("slack.account_unknown", account=account, reason=str(error))
            return None
        user = answer.get("user")
        return classify(user, self._home) if isinstance(user, Mapping) else AccountClass.UNKNOWN
