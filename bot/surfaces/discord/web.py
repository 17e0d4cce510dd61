"""One call of Discord's REST API: paced and repeated by discord.py, its failure told in the four kinds of failure.

Every call passes through discord.py's HTTPClient, so rate limits, buckets and the answer to 429 are the library's. Of
itself it also sends a call again after 500, 502, 504 and 524, up to five times, and after the socket errors 54 and
10054 (discord.py 2.7.1, http.py). That suits a call that does the same when it comes twice. It would double a creation
whose first answer was lost: such a call, a POST without `enforce_nonce`, is sent once here, and its failure is told.
One with it is not sent again once Discord may have forgotten the nonce.
"""

import asyncio
import io
import json
from collections.abc import Mapping, Sequence
from http import HTTPMethod
from typing import TYPE_CHECKING, Any

import aiohttp
import structlog

from bot.surfaces.discord.attempts import NONCE_TRUSTED_SECONDS, Attempts
from bot.surfaces.discord.failures import CutShort, DiscordRefusal, failure_of
from bot.surfaces.discord.pacing import Pace
from bot.surfaces.discord.refused_token import RefusedToken
from bot.surfaces.discord.settings import BadToken, DiscordSettings
from bot.surfaces.discord.timing import DEFAULT_TIMING, LONGEST_WAIT_SECONDS, Timing
from bot.surfaces.platform_clock import PlatformClock
from store.kernel.canonical import Json
from store.kernel.clock import Clock, WallClock
from store.kernel.errors import Retryable
from store.records import Record

if TYPE_CHECKING:
    from discord import File
    from discord.http import HTTPClient, Route

log = structlog.get_logger(__name__)

SLOWEST_UPLOAD_BYTES_PER_SECOND = 200_000
"""A call with files may take as much longer as they take at this pace."""


class Attached(Record):
    """A file of a message. `description` is what is read out in its place, None for nothing."""

    file_name: str
    content: bytes
    description: str | None = None


class DiscordWeb:
    """The REST API, as one bot. A call that is not known to have failed is never sent twice where that does harm."""

    def __init__(
        self,
        http: "HTTPClient",
        timing: Timing = DEFAULT_TIMING,
        their_clock: PlatformClock | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.http = http
        self.their_clock = their_clock or PlatformClock(WallClock())
        self.pace = pace or Pace()
        self._timing = timing
        self._closed = False
        self._refused_token = RefusedToken(timing.refused_seconds)

    async def call(
        self,
        route: "Route",
        *,
        body: Json = None,
        files: Sequence[Attached] = (),
        query: Mapping[str, str] | None = None,
        reason: str | None = None,
    ) -> Json:
        """The body of Discord's answer; None where it had none.

        With `files` the body becomes multipart, and its message (`data` of an interaction's answer, else the body
        itself) names them as its attachments, unless it says for itself which it has. `reason` stands in the server's
        audit log. Raises Retryable: nothing happened, or the call may be repeated; OutcomeUnknown: a creation may have
        taken effect, so look first, or repeat it with the same nonce; DiscordRefusal: it never will.

        `route` is made for the call: it keeps the API's address of the moment it is made. Answers to one interaction
        share no pace with those to another only when the route names its token `webhook_token`: what the library
        counts by.
        """
        self._refused_token.check(route)
        options: dict[str, Any] = {**_content(body, files), "timeout": self._timeout(files), "reason": reason}
        attempts = Attempts(NONCE_TRUSTED_SECONDS if may_repeat(route.method, body) else 0.0)
        if route.method == HTTPMethod.POST:
            options["middlewares"] = (attempts,)  # like the timeout, it reaches the session's request unchanged
        if query is not None:
            options["params"] = dict(query)
        try:
            answer: Json = await self.http.request(route, **options)
        except (CutShort, aiohttp.ClientError, OSError, _refusals()) as error:
            what = f"{route.method} {route.path}"
            failure = attempts.meaning_of(failure_of(error, what, idempotent=route.method != HTTPMethod.POST))
            self._refused_token.heard(route, failure)
            # A refusal is an answer: what it means, whoever called says.
            tell = log.info if isinstance(failure, DiscordRefusal) else log.warning
            tell("discord.call_failed", call=what, kind=type(failure).__name__, error=failure.message)
            raise failure from None  # unchained: the original's text may hold what must not be logged
        except RuntimeError:  # what a closed session answers with
            if not self._closed:
                raise
            raise attempts.meaning_of(Retryable("Discord is switched off.")) from None
        return answer if answer != "" else None

    async def close(self) -> None:
        """Closes the connections. Calls that are made then, or are between two tries, fail as any other may."""
        self._closed = True
        await self.http.close()

    def _timeout(self, files: Sequence[Attached]) -> aiohttp.ClientTimeout:
        upload_seconds = sum(len(each.content) for each in files) / SLOWEST_UPLOAD_BYTES_PER_SECOND
        whole_seconds = self._timing.call_seconds + upload_seconds
        return aiohttp.ClientTimeout(total=whole_seconds, connect=self._timing.connect_seconds)


async def open_web(
    settings: DiscordSettings, timing: Timing = DEFAULT_TIMING, world: Clock | None = None
) -> DiscordWeb:
    """The REST API as the bot of this token; Discord has taken the token. Close it when done.

    `world` is what Discord's clock is held against; None for the machine's. Raises BadToken when Discord refuses the
    token, Retryable when it could not be asked.
    """
    from discord import LoginFailure
    from discord.http import HTTPClient

    use_api(settings.api_url)
    their_clock, pace, loop = PlatformClock(world or WallClock()), Pace(), asyncio.get_running_loop()
    http = HTTPClient(loop, max_ratelimit_timeout=LONGEST_WAIT_SECONDS, http_trace=hearing(their_clock, pace))
    try:
        async with asyncio.timeout(timing.login_seconds):
            await http.static_login(settings.token.get_secret_value())
    except LoginFailure:
        await http.close()
        raise BadToken("Discord refuses the bot token.") from None
    except (aiohttp.ClientError, OSError, _refusals()) as error:
        await http.close()
        raise Retryable(f"Discord could not be asked who we are ({type(error).__name__}).") from None
    except BaseException:
        await http.close()
        raise
    return DiscordWeb(http, timing, their_clock, pace)


def hearing(their_clock: PlatformClock, pace: Pace) -> aiohttp.TraceConfig:
    """Tells them what the headers of every answer say: the library keeps those to itself."""

    async def heard(_session: object, _context: object, answered: aiohttp.TraceRequestEndParams) -> None:
        headers = answered.response.headers
        their_clock.heard(headers.get("Date"))
        pace.heard(answered.method, answered.url.path, headers)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(heard)
    return trace


def use_api(api_url: str) -> None:
    """Makes discord.py speak to this API: the library has one for the whole process."""
    from discord.http import Route

    Route.BASE = api_url


def may_repeat(method: str, body: Json) -> bool:
    """True when sending the call twice leaves what sending it once leaves: Discord remembers a nonce, or it is no POST.

    https://docs.discord.com/developers/resources/message#create-message, checked 2026-11-21.
    """
    return method != HTTPMethod.POST or (isinstance(body, Mapping) and body.get("enforce_nonce") is True)


def with_attachments(body: Json, files: Sequence[Attached]) -> Json:
    """The body whose message names the files that come with it; as it is when it names its attachments itself."""
    whole = dict(body) if isinstance(body, Mapping) else {}
    inner = whole.get("data")
    message = dict(inner) if isinstance(inner, Mapping) else whole
    listed: list[Json] = [
        {
            "id": str(number),
            "filename": each.file_name,
            **({"description": each.description} if each.description else {}),
        }
        for number, each in enumerate(files)
    ]
    message.setdefault("attachments", listed)
    return {**whole, "data": message} if isinstance(inner, Mapping) else message


def _content(body: Json, files: Sequence[Attached]) -> dict[str, Any]:
    """How the library is given what is sent: as JSON, or as a form with a part for each file."""
    if not files:
        return {} if body is None else {"json": body}
    opened = [_opened(each) for each in files]
    form = [{"name": "payload_json", "value": json.dumps(with_attachments(body, files))}]
    return {"files": opened, "form": [*form, *(_part(number, each) for number, each in enumerate(opened))]}


def _opened(attached: Attached) -> "File":
    from discord import File

    return File(io.BytesIO(attached.content), filename=attached.file_name, description=attached.description)


def _part(number: int, file: "File") -> dict[str, Any]:
    kind = "application/octet-stream"
    return {"name": f"files[{number}]", "value": file.fp, "filename": file.filename, "content_type": kind}


def _refusals() -> type[Exception]:
    from discord import DiscordException

    return DiscordException
