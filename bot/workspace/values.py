"""The kinds of value a workspace file may hold, each read as written: `no` is text, and 08:00 is not a number."""

import difflib
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from agents.roster import DISCORD_ID, SLACK_CHANNEL_ID
from blocks.elements import MADE_UP_MAX
from bot.workspace.nodes import ScalarNode
from bot.workspace.problems import quoted
from store.kernel.canonical import Json
from store.kernel.money import micros_from_usd

TEXT_MAX_CHARACTERS = 2_000
USD_MAX = 1_000_000
SECONDS_MAX = 366 * 86_400
PER_HOUR_MAX = 60
FILE_GLOB_MAX_CHARACTERS = 200

_UNIT_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?=\d)(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
_WHOLE = re.compile(r"[+-]?\d{1,15}")


def wrong(found: str, allowed: str, nearest: str | None = None) -> PydanticCustomError:
    """The error for one value: what was found, what is allowed, the nearest valid name."""
    context = {"message": found, "allowed": allowed, "nearest": nearest or ""}
    return PydanticCustomError("workspace", "{message}", context)


def found(value: object) -> str:
    """`found …`, for a message."""
    if isinstance(value, ScalarNode):
        return "found nothing" if value.is_nothing else f"found {quoted(value.text)}"
    return f"found {'a mapping' if isinstance(value, dict) else 'a list'}"


def closest(word: str, names: Iterable[str]) -> str | None:
    """The name most like a misspelt word, whatever its case; None when none is close."""
    by_lower = {name.lower(): name for name in names}
    match = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[match[0]] if match else None


def scalar(value: object, allowed: str) -> ScalarNode:
    """The scalar that stands there; anything else, and nothing at all, is an error that says what is allowed."""
    if not isinstance(value, ScalarNode) or value.is_nothing:
        raise wrong(found(value), allowed)
    return value


def one_of(names: Iterable[str], other: str = "") -> Callable[[object], str]:
    """A reader that takes exactly these words; `other` is said after the list of them."""
    allowed = tuple(names)

    def read(value: object) -> str:
        node = scalar(value, ", ".join(allowed))
        if node.text not in allowed:
            raise wrong(found(node), ", ".join(allowed) + other, closest(node.text, allowed))
        return node.text

    return read


def matching(pattern: str, allowed: str) -> Callable[[object], str]:
    """A reader of text that matches the whole pattern; `allowed` says it in words."""
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        node = scalar(value, allowed)
        if not compiled.fullmatch(node.text):
            raise wrong(found(node), allowed)
        return node.text

    return read


def whole(low: int, high: int) -> Callable[[object], int]:
    """A reader of whole numbers, both ends included."""
    allowed = f"a whole number from {low} to {high}"

    def read(value: object) -> int:
        node = scalar(value, allowed)
        if not node.plain or not _WHOLE.fullmatch(node.text) or not low <= int(node.text) <= high:
            raise wrong(found(node) + ("" if node.plain else " in quotes"), allowed)
        return int(node.text)

    return read


def _text(value: object) -> str:
    allowed = f"text of at most {TEXT_MAX_CHARACTERS} characters"
    node = scalar(value, allowed)
    if not node.text.strip() or len(node.text) > TEXT_MAX_CHARACTERS:
        raise wrong(found(node), allowed)
    return node.text.strip()


def _made_up(value: object) -> str:
    allowed = f"one line of at most {MADE_UP_MAX} characters"
    text = _text(value)
    if len(text) > MADE_UP_MAX or not text.isprintable():
        raise wrong(found(value), allowed)
    return text


def _flag(value: object) -> bool:
    node = scalar(value, "true, false")
    if not node.plain or node.text not in ("true", "false"):
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(node.text.lower())
        raise wrong(found(node), "true, false", meant or closest(node.text, ("true", "false")))
    return node.text == "true"


def _seconds(value: object) -> int:
    allowed = "a duration like 30s, 10m, 4h, 2d or 1h30m"
    node = scalar(value, allowed)
    parts = _DURATION.fullmatch(node.text)
    seconds = (
        sum(int(part or 0) * unit for part, unit in zip(parts.groups(), _UNIT_SECONDS.values(), strict=True))
        if parts
        else 0
    )
    if not 1 <= seconds <= SECONDS_MAX:
        raise wrong(found(node), f"{allowed}, up to 366d")
    return seconds


def _per_hour(value: object) -> int:
    allowed = f"how often an hour, like 12/h, from 1/h to {PER_HOUR_MAX}/h"
    node = scalar(value, allowed)
    parts = re.fullmatch(r"(\d{1,3})/h", node.text)
    if parts is None or not 1 <= int(parts[1]) <= PER_HOUR_MAX:
        raise wrong(found(node), allowed)
    return int(parts[1])


def _micros(value: object) -> int:
    allowed = f"dollars like 0.50, from 0 to {USD_MAX}"
    node = scalar(value, allowed)
    if not re.fullmatch(r"\d{1,7}(\.\d{1,6})?", node.text) or Decimal(node.text) > USD_MAX:
        raise wrong(found(node), allowed)
    return micros_from_usd(node.text)


def _timezone(value: object) -> str:
    allowed = "a zone name like Europe/London or UTC"
    node = scalar(value, allowed)
    try:
        ZoneInfo(node.text)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError, a path outside the database a ValueError
        raise wrong(found(node), allowed) from None
    except KeyError:
        raise wrong(found(node), allowed, closest(node.text, available_timezones())) from None
    return node.text


def free(value: object) -> Json:
    """Any plain value by YAML 1.2's core rules, except that a number with a point stays its exact decimal string."""
    if isinstance(value, dict):
        return {str(key): free(item) for key, item in value.items()}
    if isinstance(value, list):
        return [free(item) for item in value]
    return plain(value) if isinstance(value, ScalarNode) else None


def plain(node: ScalarNode) -> str | int | bool | None:
    """One scalar by the same rules."""
    if not node.plain:
        return node.text
    if node.is_nothing:
        return None
    if _WHOLE.fullmatch(node.text):
        return int(node.text)
    return node.text == "true" if node.text in ("true", "false") else node.text


def _file_glob(value: object) -> str:
    allowed = "a file of the data folder, * for any part of a name, like ga4/daily*.csv"
    node = scalar(value, allowed)
    parts = node.text.split("/")
    if len(node.text) > FILE_GLOB_MAX_CHARACTERS or "\\" in node.text or not node.text.isprintable():
        raise wrong(found(node), allowed)
    if any(part in ("", ".", "..") or "**" in part for part in parts):
        raise wrong(found(node), allowed)
    return node.text


Text: TypeAlias = Annotated[str, BeforeValidator(_text)]
MadeUp: TypeAlias = Annotated[str, BeforeValidator(_made_up)]
Flag: TypeAlias = Annotated[bool, BeforeValidator(_flag)]
Seconds: TypeAlias = Annotated[int, BeforeValidator(_seconds)]
PerHour: TypeAlias = Annotated[int, BeforeValidator(_per_hour)]
Micros: TypeAlias = Annotated[int, BeforeValidator(_micros)]
Timezone: TypeAlias = Annotated[str, BeforeValidator(_timezone)]
FileGlob: TypeAlias = Annotated[str, BeforeValidator(_file_glob)]
Free: TypeAlias = Annotated[object, BeforeValidator(free)]
EnvName: TypeAlias = Annotated[
    str, BeforeValidator(matching(r"[A-Z][A-Z0-9_]{1,63}", "the NAME of an environment variable, like OPENAI_API_KEY"))
]
Channel: TypeAlias = Annotated[
    str,
    BeforeValidator(
        matching(
            rf"[a-z0-9][a-z0-9_-]{{0,59}}|{SLACK_CHANNEL_ID}",
            "a channel name (lower-case letters, digits, - and _, at most 60), or a channel's id like C0123ABCDEF",
        )
    ),
]
ChannelId: TypeAlias = Annotated[
    str, BeforeValidator(matching(SLACK_CHANNEL_ID, "a channel's id like C0123ABCDEF (its details, at the bottom)"))
]
Emoji: TypeAlias = Annotated[
    str, BeforeValidator(matching(r"[a-z0-9_+'-]{1,80}", "an emoji's short name without colons, like lighthouse"))
]
ChannelPrefix: TypeAlias = Annotated[
    str, BeforeValidator(matching(r"[a-z0-9][a-z0-9_-]{0,15}", "lower-case letters, digits, - and _, at most 16"))
]
Account: TypeAlias = Annotated[
    str, BeforeValidator(matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "an account name: letters, digits, . _ and -"))
]
SlackAccount: TypeAlias = Annotated[
    str, BeforeValidator(matching(r"[UW][A-Z0-9]{2,20}", "a Slack member ID like U012ABCDEF (profile, Copy member ID)"))
]
DiscordAccount: TypeAlias = Annotated[
    str, BeforeValidator(matching(DISCORD_ID, "a Discord user ID of 17 to 20 digits (Copy User ID)"))
]
DiscordServer: TypeAlias = Annotated[
    str, BeforeValidator(matching(DISCORD_ID, "a Discord server ID of 17 to 20 digits, in quotes (Copy Server ID)"))
]
DiscordRole: TypeAlias = Annotated[
    str, BeforeValidator(matching(DISCORD_ID, "a Discord role ID of 17 to 20 digits, in quotes (Copy Role ID)"))
]
DiscordCategory: TypeAlias = Annotated[
    str, BeforeValidator(matching(r"\S(.{0,98}\S)?", "a category's name of at most 100 characters, or its ID"))
]
"""https://docs.discord.com/developers/resources/channel, checked 2026-11-21: names have 1 to 100 characters."""
ModelId: TypeAlias = Annotated[
    str, BeforeValidator(matching(r"[A-Za-z0-9][\w./:@-]{0,127}", "a model id like openai/gpt-5-mini"))
]
Address: TypeAlias = Annotated[
    str, BeforeValidator(matching(r"https?://[^\s@]{1,500}", "an address that begins http:// or https://"))
]

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
NAME_MAX_CHARACTERS = 40
NAME_ALLOWED = f"a name of lower-case letters, digits and single -, at most {NAME_MAX_CHARACTERS} characters"


def _name(value: object) -> str:
    text = value if isinstance(value, str) else scalar(value, NAME_ALLOWED).text
    if not NAME.fullmatch(text) or len(text) > NAME_MAX_CHARACTERS:
        raise wrong(f"found {quoted(text)}", NAME_ALLOWED)
    return text


Name: TypeAlias = Annotated[str, BeforeValidator(_name)]
"""The id of an agent, person, role, model, schedule, source or webhook, as a key or as a value."""

NodePath: TypeAlias = Annotated[
    str,
    BeforeValidator(
        matching(
            rf"(?=.{{1,200}}$){NAME.pattern}(/{NAME.pattern})*",
            "a place in the organisation, like company/marketing/web",
        )
    ),
]
"""Where an agent or a topic belongs: names from the highest node down."""

METRIC_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
METRIC_NAME_ALLOWED = "a name of lower-case letters, digits and _, at most 40 characters"


def _metric_name(value: object) -> str:
    text = value if isinstance(value, str) else scalar(value, METRIC_NAME_ALLOWED).text
    if not METRIC_NAME.fullmatch(text):
        raise wrong(f"found {quoted(text)}", METRIC_NAME_ALLOWED)
    return text


MetricName: TypeAlias = Annotated[str, BeforeValidator(_metric_name)]
"""The id of a metric; it stands in routines and in the names of alerts."""
Unit: TypeAlias = Annotated[
    str, BeforeValidator(matching(r"\S.{0,15}", "a unit of at most 16 characters, like users or %"))
]
Country: TypeAlias = Annotated[str, BeforeValidator(matching(r"[A-Z]{2}", "a country's code of two letters, like DE"))]
