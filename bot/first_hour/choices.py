"""What the answers to the five questions mean. Any other answer is a UserMistake that says what to write."""

import re
from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from agents.authority.starters import STARTERS
from agents.roster import DISCORD_ID
from agents.tools.builtin.pages import SCHEMES, objection_to_url
from bot.workspace.values import NAME, NAME_MAX_CHARACTERS
from scheduler.schedules import validate_cron
from store.kernel.errors import UserMistake

Platform: TypeAlias = Literal["console", "slack", "discord"]
Kind: TypeAlias = Literal["csv", "git", "machine", "url"]

MACHINE_WORDS = frozenset({"machine", "this machine", "this computer", "computer", "localhost"})
OWN = "own"
"""Said before an address: it is in one's own network."""
DAILY = "0 8 * * *"
_WEEKDAYS = "weekdays "
_EVERY = re.compile(r"(?:every\s+)?(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?)")
_CLOCK = re.compile(r"(?:daily|every day)?\s*(?:at)?\s*(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?(?:\s*o'clock)?")
_CRON_FIELDS, _NOON = 5, 12
_LEAST_MINUTES, _MOST_MINUTES = 1, 7 * 24 * 60


class Talk(NamedTuple):
    """Where cards appear. `server` is the ID of the Discord server, None elsewhere."""

    place: Platform
    server: str | None = None


class Watched(NamedTuple):
    """What the first agent is to watch: files at a path, a repository at a path, a page, or this machine.

    `own_network`: the page may be at a private address, for it is their own.
    """

    kind: Kind
    path: Path | None = None
    url: str | None = None
    own_network: bool = False


class Rhythm(NamedTuple):
    """When it runs: looks `every` so often (None: only with the digest), and a digest by `cron`."""

    every: str | None
    cron: str = DAILY


def talk_of(answer: str) -> Talk:
    """Where cards appear."""
    word, *more = answer.strip().lower().split() or [""]
    if word == "discord":
        return Talk("discord", _server_of(more))
    if not more and word in ("console", "browser", "here"):
        return Talk("console")
    if not more and word == "slack":
        return Talk("slack")
    raise UserMistake(
        f"{answer!r} is no place where cards appear.", "Write console, slack, or discord and the server's ID."
    )


def _server_of(words: Sequence[str]) -> str:
    if len(words) == 1 and re.fullmatch(DISCORD_ID, words[0]):
        return words[0]
    raise UserMistake(
        "Which server on Discord? " + ("None is named." if not words else f"{' '.join(words)!r} is no ID of one."),
        "Write discord and its ID, like discord 123456789012345678. In Discord: Settings, Advanced, Developer Mode on; "
        "then right-click the server, Copy Server ID.",
    )


def watched_of(answer: str) -> Watched:
    """What is to be watched, by how it is written: an address, a word for this machine, or a path."""
    word, _, rest = answer.strip().partition(":")
    own, _, scheme = word.lower().rpartition(" ")
    if scheme in SCHEMES and own in ("", OWN):
        return _page(answer.strip().removeprefix(OWN).strip(), own_network=own == OWN)
    if answer.strip().lower() in MACHINE_WORDS:
        return Watched("machine")
    if word.lower() in ("csv", "git") and rest:
        return _found(Path(rest).expanduser(), "git" if word.lower() == "git" else "csv")
    return _found(Path(answer.strip()).expanduser())


def _page(url: str, *, own_network: bool) -> Watched:
    objection = objection_to_url(url)
    if objection is not None:
        raise UserMistake(f"{url} cannot be watched: {objection}")
    return Watched("url", url=url, own_network=own_network)


def _found(path: Path, kind: Kind | None = None) -> Watched:
    try:
        there, kind = path.exists(), kind or ("git" if (path / ".git").exists() else "csv")
    except OSError as error:
        raise UserMistake(f"{path} cannot be read: {(error.strerror or 'no such path').lower()}.") from error
    if not there:
        raise UserMistake(
            f"There is nothing at {path}.",
            "Write the path of a CSV file, a folder of them or a git repository, an https:// address, or machine.",
        )
    if kind == "git" and not path.is_dir():
        raise UserMistake(f"{path} is a file.", "A git repository is a folder.")
    return Watched(kind, path=path)


def when_of(answer: str, kind: Kind) -> Rhythm:
    """When it runs. A time of day is when the digest comes; an interval is how often it looks besides."""
    text = " ".join(answer.strip().lower().split())
    usual = USUAL[kind]
    weekdays = text.startswith(_WEEKDAYS)
    cron = _clock(text.removeprefix(_WEEKDAYS), "1-5" if weekdays else "*")
    if cron is not None:
        return Rhythm(usual.every, cron)
    every = _EVERY.fullmatch(text)
    if every is not None:
        return Rhythm(_interval(int(every[1]), every[2][0]))
    if len(text.split()) == _CRON_FIELDS:
        validate_cron(text, "UTC")
        return Rhythm(usual.every, text)
    raise UserMistake(
        f"{answer!r} is no time I understand.", "Write 08:00, weekdays 08:00, every 10m, or a crontab line."
    )


def _clock(text: str, days: str) -> str | None:
    found = _CLOCK.fullmatch(text)
    if found is None or (found[2] is None and found[3] is None and not text.startswith(("at", "daily", "every"))):
        return None
    hour = int(found[1])
    if found[3] and hour <= _NOON:
        hour = hour % _NOON + (_NOON if found[3] == "pm" else 0)
    try:
        at = time(hour, int(found[2] or 0))
    except ValueError:
        raise UserMistake(f"{text!r} is no time of day.", "Write it like 08:00 or 17:30.") from None
    return f"{at.minute} {at.hour} * * {days}"


def _interval(count: int, unit: str) -> str:
    minutes = count * {"m": 1, "h": 60, "d": 1440}[unit]
    if not _LEAST_MINUTES <= minutes <= _MOST_MINUTES:
        raise UserMistake("That is not between every minute and every week.", "Write every 10m, every 2h or every 1d.")
    return f"{count}{unit}"


USUAL = {"csv": Rhythm(None), "git": Rhythm(None), "machine": Rhythm("10m"), "url": Rhythm("5m")}
"""How often each kind is looked at when nobody says otherwise, beside its digest at 08:00."""
DEFAULT_WHEN = {"csv": "08:00", "git": "08:00", "machine": "08:00", "url": "08:00"}


def people_of(answer: str) -> dict[str, str]:
    """Who may approve: id → name as it was written, in order."""
    names = [" ".join(part.split()) for part in re.split(r"[,;]|\band\b", answer) if part.strip()]
    people = {id_of(name): name for name in names}
    if not people:
        raise UserMistake("Nobody is named.", "Write a name, or several with commas: ann, ben.")
    return people


def id_of(name: str) -> str:
    """A name as the workspace writes ids: lower case, letters, digits and single dashes."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:NAME_MAX_CHARACTERS].strip("-")
    if not NAME.fullmatch(plain):
        raise UserMistake(f"{name!r} cannot be made into a name.", "Begin with a letter, like ann.")
    return plain


def policy_of(answer: str) -> str:
    """The starter policy."""
    word = "-".join(answer.strip().lower().split())
    if word in STARTERS:
        return word
    said = "; ".join(f"{one.name}: {one.says}" for one in STARTERS.values())
    raise UserMistake(f"{answer!r} is no starter policy.", said)
