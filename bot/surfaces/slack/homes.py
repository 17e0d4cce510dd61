"""App Home: one view for each account, replaced whole, and only for whoever may see what it says."""

import asyncio
from urllib.parse import urlencode

from blocks.home import Home
from bot.surfaces.base import HomeMoved
from bot.surfaces.slack.accounts import AccountClass, Accounts
from bot.surfaces.slack.failures import SlackRefusal
from bot.surfaces.slack.pacing import Urgency
from bot.surfaces.slack.rendering import home_view
from bot.surfaces.slack.web import SlackWeb
from store.kernel.canonical import Json
from store.kernel.errors import Refused, Retryable

ASK_AGAIN_SECONDS = 60.0
"""After Slack could not say what kind of account somebody has."""


def channel_url(channel_id: str) -> str:
    """Opens the channel in whichever Slack the reader uses.

    https://docs.slack.dev/interactivity/deep-linking, checked 2026-11-21.
    """
    return f"https://slack.com/app_redirect?{urlencode({'channel': channel_id})}"


class Homes:
    """Publishes home pages. What is for members goes to accounts that are members at this moment."""

    def __init__(self, web: SlackWeb, accounts: Accounts) -> None:
        self._web = web
        self._accounts = accounts

    async def publish(self, account: str, home: Home, page: int, seen: str | None) -> str | None:
        """The new view's hash. Raises HomeMoved when another view than `seen` is shown; publishing again is harmless.

        Raises Refused for a page that the account may not see, Retryable, and SlackRefusal (`not_enabled`: the app has
        no Home tab).
        """
        if home.for_members:
            await self._require_member(account)
        view = await asyncio.to_thread(home_view, home, page)  # a full page takes a while to lay out
        arguments: dict[str, Json] = {"user_id": account, "view": view, "hash": seen}
        try:
            answer = await self._web.call("views.publish", arguments, urgency=Urgency.DELIVERABLE, repeatable=True)
        except SlackRefusal as refusal:
            if refusal.code == "hash_conflict" and seen is not None:
                raise HomeMoved("Another page was published meanwhile.") from None
            raise
        shown = answer.get("view")
        mark = shown.get("hash") if isinstance(shown, dict) else None
        return mark if isinstance(mark, str) else None

    async def _require_member(self, account: str) -> None:
        found = await self._accounts.class_of(account)
        if found is AccountClass.UNKNOWN:
            raise Retryable("Slack cannot say now who this account belongs to.", ASK_AGAIN_SECONDS)
        if found is not AccountClass.MEMBER:
            raise Refused("This account is no member of the workspace any more.", "home.outsider")
