"""What may be typed next: a completion is answered at once from what there is, and is never on record."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from blocks.text import clip, one_line, visible
from bot.surfaces.commands import CommandEntry, Naming, Question, Suggestion, Suggests, Usage, usage_of
from bot.surfaces.discord.commands import ASK, MAX_SAID_CHARS
from bot.surfaces.discord.payload import SURFACE, class_of, need, who
from bot.surfaces.discord.spoken import options_of, subcommand_of
from bot.surfaces.discord.web import DiscordWeb
from bot.surfaces.discord.written import text_at
from store.kernel.canonical import Json, JsonObject
from store.kernel.crash import outside
from store.kernel.errors import QuarterdeckError

log = structlog.get_logger(__name__)

AUTOCOMPLETE, CHOICES = 4, 8
"""Type of the interaction, and of its answer:
https://docs.discord.com/developers/interactions/receiving-and-responding, checked 2026-11-21."""
MAX_CHOICES = 25
LOOK_SECONDS = 2.0
"""Discord waits three seconds for the answer; an empty one in time is better than a full one too late."""
_OF_ASK = Usage(names=(Naming.AGENT,))


class Autocomplete:
    """Answers completions. `suggests` None: there is nothing to choose from. Anything may be typed in any case."""

    def __init__(
        self,
        web: DiscordWeb,
        suggests: Suggests | None,
        table: Sequence[CommandEntry],
        server_id: str,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._web = web
        self._suggests = suggests
        self._usages = {entry.name: usage_of(entry.usage) for entry in table} | {ASK: _OF_ASK}
        self._server_id = server_id
        self._look_seconds = look_seconds

    async def answer(self, body: Mapping[str, object]) -> None:
        """Shows what matches what was typed. Never raises: an answer that is lost costs a look at the list."""
        try:
            found = await self._found(body)
            with outside("surface.choices"):
                await self._send(body, choices(found))
        except QuarterdeckError as error:
            log.warning("discord.choices_lost", reason=error.message)
        except Exception:  # the outermost loop of a completion: nothing but this list is lost
            log.exception("discord.autocomplete_failed")

    async def _found(self, body: Mapping[str, object]) -> tuple[Suggestion, ...]:
        question = read_question(body, self._usages, self._server_id)
        if question is None or self._suggests is None:
            return ()
        try:
            return await asyncio.wait_for(self._suggests.suggest(question), self._look_seconds)
        except (TimeoutError, QuarterdeckError) as error:
            log.warning("discord.nothing_to_choose", command=question.command, reason=type(error).__name__)
            return ()

    async def _send(self, body: Mapping[str, object], offered: list[Json]) -> None:
        from discord.http import Route

        path = "/interactions/{webhook_id}/{webhook_token}/callback"
        route = Route("POST", path, webhook_id=need(body, "id"), webhook_token=need(body, "token"))
        await self._web.call(route, body={"type": CHOICES, "data": {"choices": offered}})


def is_completion(body: Mapping[str, object]) -> bool:
    """True when somebody is typing an argument: nothing has been asked yet."""
    return body.get("type") == AUTOCOMPLETE


def read_question(body: Mapping[str, object], usages: Mapping[str, Usage], server_id: str) -> Question | None:
    """What a completion asks; None when the option that is being typed has no list."""
    data = body.get("data")
    subcommand = subcommand_of(data) if isinstance(data, Mapping) else None
    if not is_completion(body) or subcommand is None:
        return None
    typed = next((text_at(one, "value") for one in options_of(subcommand) if one.get("focused") is True), None)
    command = text_at(subcommand, "name")
    usage = usages.get(command, Usage())
    if typed is None or not usage.listed:
        return None
    return Question(
        surface=SURFACE,
        account=need(who(body), "id"),
        account_class=class_of(body, server_id).value,
        command=command,
        usage=usage,
        typed=typed,
        at_most=MAX_CHOICES,
    )


def choices(found: Sequence[Suggestion]) -> list[Json]:
    """Choices as Discord takes them. What could not be given back whole is left out: it can still be typed."""
    usable = [one for one in found if 0 < len(one.value) <= MAX_SAID_CHARS]
    return [_choice(one) for one in usable[:MAX_CHOICES]]


def _choice(one: Suggestion) -> JsonObject:
    label = one_line(visible(one.label)).strip() or one.value
    return {"name": clip(label, MAX_SAID_CHARS), "value": one.value}
