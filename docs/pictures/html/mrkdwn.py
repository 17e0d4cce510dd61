"""Slack's mrkdwn as HTML, read as generously as Slack reads it: what would ping there is a mention here.

https://docs.slack.dev/messaging/formatting-message-text, checked 2026-11-21.
"""

import html
import re
from collections.abc import Callable, Iterator

from markupsafe import Markup, escape

from docs.pictures.html.emoji import with_emoji
from docs.pictures.html.markup import Page, joined, tag

_CODE_BLOCK = re.compile(r"```(.+?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_ANGLED = re.compile(r"<([^<>\n]+)>")
_BARE = re.compile(r"https?://[^\s<>|]+|(?<![\w@])@(?:here|channel|everyone)\b")
_STYLES = (("*", "b"), ("_", "i"), ("~", "s"))
_QUOTED = re.compile(r"(?:^&gt; ?|^> ?)(.*)$", re.MULTILINE)


def mrkdwn(text: str, page: Page, *, verbatim: bool = False) -> Markup:
    """The text as Slack shows it; quoted lines, code, links, mentions, dates, styles and emoji."""
    return joined(_lines(text, page, verbatim=verbatim))


def _lines(text: str, page: Page, *, verbatim: bool) -> Iterator[Markup]:
    for quoted, stretch in _by_quote(text):
        shown = _outside_code(stretch, page, verbatim=verbatim)
        yield tag("blockquote", shown) if quoted else shown


def _by_quote(text: str) -> Iterator[tuple[bool, str]]:
    """Stretches of lines that are all quoted, or all not."""
    kept: list[str] = []
    kept_quoted = False
    for line in text.split("\n"):
        match = _QUOTED.fullmatch(line)
        if kept and bool(match) is not kept_quoted:
            yield kept_quoted, "\n".join(kept)
            kept = []
        kept_quoted = bool(match)
        kept.append(match[1] if match else line)
    yield kept_quoted, "\n".join(kept)


def _outside_code(text: str, page: Page, *, verbatim: bool) -> Markup:
    def styled(stretch: str) -> Markup:
        return _split(stretch, _CODE, lambda found: tag("code", html.unescape(found[1])), linked)

    def linked(stretch: str) -> Markup:
        return _split(stretch, _ANGLED, lambda found: _angled(found[1], page), bare)

    def bare(stretch: str) -> Markup:
        return _formatted(stretch) if verbatim else _split(stretch, _BARE, _automatic, _formatted)

    return _split(text, _CODE_BLOCK, lambda found: tag("pre", html.unescape(found[1].strip("\n"))), styled)


def _split(
    text: str, pattern: re.Pattern[str], inside: Callable[[re.Match[str]], Markup], outside: Callable[[str], Markup]
) -> Markup:
    parts: list[Markup] = []
    end = 0
    for found in pattern.finditer(text):
        parts += [outside(text[end : found.start()]), inside(found)]
        end = found.end()
    return joined([*parts, outside(text[end:])])


def _automatic(found: re.Match[str]) -> Markup:
    word = html.unescape(found[0])
    return mention(word) if word.startswith("@") else link(word, word)


def _angled(inner: str, page: Page) -> Markup:
    target, _, label = inner.partition("|")
    if target.startswith("!date^"):
        return escape(html.unescape(label))
    if target.startswith("!"):
        return mention("@" + (label.lstrip("@") or target[1:].removeprefix("subteam^")))
    if target.startswith("@"):
        return mention("@" + page.name(target[1:]))
    if target.startswith("#"):
        return mention("#" + (label or page.name(target[1:])))
    if re.match(r"(https?|mailto|slack):", target):
        return link(html.unescape(target), html.unescape(label) or html.unescape(target))
    return escape(f"<{inner}>")


def _formatted(text: str, styles: tuple[tuple[str, str], ...] = _STYLES) -> Markup:
    if not styles:
        return escape(with_emoji(html.unescape(text)))
    (sign, element), rest = styles[0], styles[1:]
    mark = re.escape(sign)
    pattern = re.compile(rf"(?<!\w){mark}(?=\S)([^{mark}\n]+?)(?<=\S){mark}(?!\w)")
    return _split(
        text, pattern, lambda found: tag(element, _formatted(found[1], rest)), lambda plain: _formatted(plain, rest)
    )


def mention(said: str) -> Markup:
    """A ping, or a channel's name."""
    return tag("span", said, cls="mention")


def link(url: str, said: str) -> Markup:
    """An address under some text."""
    return tag("a", said, href=url)
