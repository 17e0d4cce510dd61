"""Asking Slack whether everything is as it must be: tokens, scopes, cards. Nothing is posted and nothing is changed."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from blocks.elements import Card
from bot.surfaces.checked import Checked
from bot.surfaces.slack.failures import SlackRefusal
from bot.surfaces.slack.identity import Home, identify
from bot.surfaces.slack.manifest import OPTIONAL_SCOPES
from bot.surfaces.slack.pacing import Pacer
from bot.surfaces.slack.rendering import Manner, card_message
from bot.surfaces.slack.settings import (
    APP_TOKEN,
    BOT_TOKEN,
    HOW,
    BadToken,
    SlackSettings,
    Transport,
    check_settings,
)
from bot.surfaces.slack.timing import DEFAULT_TIMING
from bot.surfaces.slack.web import SlackWeb, open_web
from store.kernel.canonical import JsonObject
from store.kernel.errors import UserMistake

RICHEST = Manner(native_chart=True)
_REFUSED_CARD = frozenset({"invalid_blocks", "invalid_message", "invalid_arguments"})


@asynccontextmanager
async def talking_to(settings: SlackSettings) -> AsyncIterator[SlackWeb]:
    """Slack's Web API for as long as the block lasts. No events arrive meanwhile: a running team keeps getting them."""
    web = open_web(settings, Pacer(), DEFAULT_TIMING)
    try:
        yield web
    finally:
        await web.close()


async def check_tokens(web: SlackWeb, settings: SlackSettings) -> tuple[Home, list[Checked]]:
    """Who the app is, and that its tokens are good.

    Raises BadToken for the one that is not, UserMistake for a missing scope, Retryable while Slack is away.
    """
    check_settings(settings)
    home = await _home(web)
    who = f"{home.user_name or 'the app'} in {home.team_name or home.team_id}"
    findings = [Checked("bot token", ok=True, said=who), _scopes(home)]
    if settings.transport is Transport.SOCKET:
        findings.append(await _app_token(web, settings))
    else:
        findings.append(Checked("signing secret", ok=True, said="set; it shows with the first request"))
    return home, findings


async def check_cards(web: SlackWeb, cards: Iterable[tuple[str, Card]]) -> Checked:
    """Whether Slack takes a card of every kind, by its own `blocks.validate`, which posts nothing.

    Raises UserMistake that names the kind and the place. https://docs.slack.dev/reference/methods/blocks.validate,
    checked 2026-11-21.
    """
    seen, plainer = 0, []
    for kind, card in cards:
        manner = await _accepted(web, kind, card)
        if manner is None:
            return Checked("cards", None, "this Slack cannot check cards beforehand; posting one will show")
        seen += 1
        plainer += [kind] if manner != RICHEST else []
    said = f"Slack takes all {seen} kinds" + (f", these in a plainer form: {', '.join(plainer)}" if plainer else "")
    return Checked("cards", ok=True, said=said)


async def _accepted(web: SlackWeb, kind: str, card: Card) -> Manner | None:
    """The richest manner in which Slack takes the card; None when this Slack cannot say."""
    manner: Manner = RICHEST
    while True:
        message: JsonObject = {"blocks": card_message(card, manner)["blocks"]}
        try:
            await web.call("blocks.validate", {"message": message}, repeatable=True)
        except SlackRefusal as refusal:
            if refusal.code == "unknown_method":
                return None
            if refusal.code not in _REFUSED_CARD or manner.plainer is None:
                raise _faulty(kind, refusal) from refusal
            manner = manner.plainer
        else:
            return manner


def _faulty(kind: str, refusal: SlackRefusal) -> UserMistake:
    return UserMistake(f"Slack does not take the {kind} card. {refusal.message}", "This is a fault of Quarterdeck's.")


async def _home(web: SlackWeb) -> Home:
    try:
        return await identify(web)
    except SlackRefusal as refusal:
        hint = refusal.hint or HOW[BOT_TOKEN]
        raise BadToken(BOT_TOKEN, f"Slack refuses the bot token: {refusal.code}.", hint) from refusal


def _scopes(home: Home) -> Checked:
    if home.scopes is None:
        return Checked("scopes", None, "Slack did not say which the app has")
    lacking = [f"{scope} (to {OPTIONAL_SCOPES[scope]})" for scope in sorted(frozenset(OPTIONAL_SCOPES) - home.scopes)]
    if lacking:
        return Checked("scopes", None, f"all that are needed; left out: {', '.join(lacking)}")
    return Checked("scopes", ok=True, said="all that are needed, and the optional ones")


async def _app_token(web: SlackWeb, settings: SlackSettings) -> Checked:
    token = "" if settings.app_token is None else settings.app_token.get_secret_value()
    try:
        # Asks for an address, and does not go there: events keep coming to whoever listens.
        await web.send("apps.connections.open", {}, repeatable=True, token=token)
    except SlackRefusal as refusal:
        message = f"Slack refuses the app-level token: {refusal.code}."
        raise BadToken(APP_TOKEN, message, HOW[APP_TOKEN]) from refusal
    return Checked("app-level token", ok=True, said="Slack opens connections for it")
