"""Text made inert: what is invisible is shown, what could ping, link or format is defused, what is cut says so.

Nothing here decides whether text can be trusted: every string of a card is treated as if it could not.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

_WORD_JOINER = "\u2060"
_ZERO_WIDTH_SPACE = "\u200b"
_ZERO_WIDTH_JOINER = "\u200d"

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, tab and line feed apart
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers, Mongolian selectors
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero-width, bidirectional controls, line separators
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # blanks that look empty, variation selectors
    "\ud800-\udfff\ue000-\uf8ff"  # lone surrogates, private use
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"  # format controls, tags, private planes
    "]"
)
"""Unicode's default-ignorable code points, controls, surrogates and private use:
https://www.unicode.org/reports/tr36/ and DerivedCoreProperties.txt, Default_Ignorable_Code_Point, 2026-11-21."""

_PLAIN_WORD = re.compile(r"[^\W\d_]+(?=[\s,;:]|$)")
_KEYCAPS = frozenset("#*0123456789")

_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
"""Alphabets whose letters are mistaken for one another: https://www.unicode.org/reports/tr39/, checked 2026-11-21."""

_MENTION = re.compile(r"<(?=[@!#])|@(?=everyone|here|channel|group|[!&]?\d)", re.IGNORECASE)
_SLACK_LOOKALIKES = str.maketrans({"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb"})
_SLACK_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_DISCORD_SPECIAL = re.compile(r"([\\*_~`|\[\]()<>#]|:(?=//)|^[ \t]*[-+](?=\s)|^[ \t]*-(?=#))", re.MULTILINE)
_DISCORD_NUMBERED = re.compile(r"^([ \t]*\d+)([.)])(?=\s)", re.MULTILINE)


def visible(text: str) -> str:
    """`text` with every invisible or direction-changing character written out as ⟨U+202E⟩. Twice is the same as once.

    Tab, line feed, right-to-left letters, and the joiners and selectors inside emoji stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_written_out, text.replace("\r\n", "\n"))


def mixed_script_words(text: str) -> tuple[str, ...]:
    """The words that mix look-alike alphabets, as "paypal" with one Cyrillic letter does; each once, in order."""
    if text.isascii():
        return ()
    words = dict.fromkeys(re.findall(r"\w+", text))
    return tuple(word for word in words if len(_scripts(word)) > 1)


def slack_literal(text: str) -> str:
    """Text for Slack's plain_text and rich_text, which show it letter by letter; mentions are broken all the same."""
    return _break_mentions(visible(text), _WORD_JOINER)


def slack_fallback(text: str) -> str:
    """Text for the top-level `text`, which Slack reads as mrkdwn: entities escaped, formatting replaced by look-alikes.

    Mrkdwn has no escape for its formatting characters: https://docs.slack.dev/messaging/formatting-message-text,
    checked 2026-11-21.
    """
    escaped = re.sub("[&<>]", lambda match: _SLACK_ENTITIES[match[0]], slack_literal(text))
    return escaped.translate(_SLACK_LOOKALIKES)


def slack_length(text: str) -> int:
    """Characters as Slack may count them at worst: UTF-16 units with entities written out."""
    shown = slack_literal(text)
    return utf16_length(shown) + 4 * shown.count("&") + 3 * (shown.count("<") + shown.count(">"))


def discord_markdown(text: str) -> str:
    """Text for a Discord TextDisplay: markdown escaped, mentions and bare links broken, so it shows as it was written.

    https://docs.discord.com/developers/reference#message-formatting, checked 2026-11-21.
    """
    escaped = _DISCORD_SPECIAL.sub(lambda match: match[0][:-1] + "\\" + match[0][-1], visible(text))
    return _break_mentions(_DISCORD_NUMBERED.sub(r"\1\\\2", escaped), _ZERO_WIDTH_SPACE)


def discord_literal(text: str) -> str:
    """Text for a Discord label or option, which shows it letter by letter; mentions are broken all the same."""
    return _break_mentions(visible(text), _ZERO_WIDTH_SPACE)


def discord_code(text: str) -> str:
    """Text for the inside of a Discord code block, which it cannot end."""
    fenced = re.sub(r"`(?=`)", "`" + _ZERO_WIDTH_SPACE, visible(text))
    return _break_mentions(fenced, _ZERO_WIDTH_SPACE)


def discord_length(text: str) -> int:
    """Characters as Discord may count them at worst: UTF-16 units of the escaped text, whichever way it is escaped."""
    return max(utf16_length(discord_markdown(text)), utf16_length(discord_code(text)))


def utf16_length(text: str) -> int:
    """Characters as chat platforms may count them: UTF-16 units, of which an emoji has two."""
    return len(text) + sum(character > "\uffff" for character in text)


def plain_length(text: str) -> int:
    """Characters as shown, for surfaces without markup."""
    return len(visible(text))


def clip(text: str, limit: int, length: Callable[[str], int] = plain_length) -> str:
    """`text`, or its beginning and "…", so that `length` of it is at most `limit`; a text that fits stays as it is."""
    if not _longer(text, limit, length):
        return text
    return clip_exact(text, max(0, limit - length("…")), length) + "…"


def clip_exact(text: str, limit: int, length: Callable[[str], int] = plain_length) -> str:
    """The longest beginning of `text` whose `length` is at most `limit`, with nothing added.

    Whoever cuts must say so beside it. `length` must be at least half the number of characters.
    """
    if not _longer(text, limit, length):
        return text
    low, high = 0, min(len(text), limit * 2)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= limit else (low, middle - 1)
    while low and length(text[:low]) > limit:
        low -= 1
    return text[:low]


def one_line(text: str) -> str:
    """`text` with every run of white space as one space."""
    return " ".join(text.split())


def sentence(text: str) -> str:
    """`text` standing by itself: begun with a capital and ended with a stop. A name such as files.move stays."""
    begun = text[:1].upper() + text[1:] if _PLAIN_WORD.match(text) else text
    return begun if begun.endswith((".", "!", "?", "…")) or not begun.strip() else f"{begun}."


def says(text: str, value: str) -> bool:
    """True if `text` already contains `value` as a number or word by itself, and not as part of a longer one."""
    return re.search(rf"(?<![\w.,]){re.escape(value)}(?![\w]|[.,]\w)", text) is not None


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: "1 step", "1,204 steps"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def ordinal(number: int) -> str:
    """Say "2nd", "3rd", "4th": where something stands in a row."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def with_unit(value: str, unit: str) -> str:
    """A value with its unit: "71.4 %", "12 files"; just the value when there is no unit."""
    return f"{value} {unit}" if unit else value


def more(number: int, noun: str | None = None) -> str:
    """How an absence is said: "… 12 more", "… 1,204 more characters"."""
    return f"… {count(number, f'more {noun}')}" if noun else f"… {number:,} more"


def _longer(text: str, limit: int, length: Callable[[str], int]) -> bool:
    # The first question spares measuring all of a text that is far too long; only "\r\n" is shown as less than it is.
    return len(text) > limit * 2 or length(text) > limit


def _written_out(match: re.Match[str]) -> str:
    if _belongs_to_emoji(match):
        return match[0]
    return f"⟨U+{ord(match[0]):04X}⟩"


def _belongs_to_emoji(match: re.Match[str]) -> bool:
    before = match.string[: match.start()][-1:]
    if match[0] in "\ufe0e\ufe0f":
        return before in _KEYCAPS or _is_symbol(before)
    after = match.string[match.end() :][:1]
    joins = _is_symbol(before) or before == "\ufe0f"
    return match[0] == _ZERO_WIDTH_JOINER and joins and _is_symbol(after)


def _is_symbol(character: str) -> bool:
    return bool(character) and unicodedata.category(character) in ("So", "Sk", "Sm", "Po") and not character.isascii()


def _break_mentions(text: str, breaker: str) -> str:
    return _MENTION.sub(lambda match: match[0] + breaker, text)


def _scripts(word: str) -> set[str]:
    return {script for script in _script_names(word) if script in _SCRIPTS}


def _script_names(word: str) -> Iterator[str]:
    for letter in word:
        if letter.isalpha():
            yield unicodedata.name(letter, "UNKNOWN").split(" ")[0]
