"""Discord's markdown as HTML, read as generously as Discord reads it: what would ping there is a mention here.

https://support.discord.com/hc/en-us/articles/210298617 and https://docs.discord.com/developers/reference, 2026-11-21.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

from docs.pictures.html.markup import joined, tag

_FENCED = re.compile(r"```(?:[a-z0-9_+-]*\n)?(.+?)\n?```", re.DOTALL)
_HEADING = re.compile(r"(#{1,3}) +(.+)")
_SMALL = re.compile(r"-# +(.+)")
_QUOTE = re.compile(r"> ?(.*)")
_ROW = re.compile(r"( *)(?:[-*]|\d+[.)]) +(.+)")
_WORDS = r"(?:\\.|[^\\])"
_INLINE = re.compile(
    rf"\\(?P<escaped>[^A-Za-z0-9\s])"
    rf"|(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    rf"|\[(?P<said>(?:\\.|[^\[\]\\])+)\]\((?P<url>https?://[^\s()]+)\)"
    rf"|<t:(?P<unix>-?\d+)(?::(?P<style>[tTdDfFR]))?>"
    rf"|(?P<ping><@[!&]?\d+>|<#\d+>|@(?:everyone|here)\b)"
    rf"|<(?P<angled>https?://[^\s>]+)>"
    rf"|(?P<bare>https?://[^\s<>]+)"
    rf"|\*\*(?P<b>{_WORDS}+?)\*\*(?!\*)"
    rf"|__(?P<u>{_WORDS}+?)__(?!_)"
    rf"|\*(?P<i>[^\s*](?:\\.|[^\\*])*?)\*"
    rf"|(?<!\w)_(?P<em>(?:\\.|[^\\_])+?)_(?!\w)"
    rf"|~~(?P<s>{_WORDS}+?)~~"
    rf"|\|\|(?P<spoiler>{_WORDS}+?)\|\|",
    re.DOTALL,
)
_UNITS = (("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Reader:
    """Who reads: at what time, how far from UTC, and the names of the roles there are, by id."""

    now: datetime
    offset: timedelta = timedelta()
    roles: Mapping[str, str] = field(default_factory=dict)


def markdown(text: str, reader: Reader) -> Markup:
    """The text as Discord shows it: headings, small print, quotes, lists, code, links, mentions, moments and styles."""
    return joined(_blocks(text, reader))


def _blocks(text: str, reader: Reader) -> Iterator[Markup]:
    end = 0
    for found in _FENCED.finditer(text):
        yield from _lines(text[end : found.start()], reader)
        yield tag("pre", found[1])
        end = found.end()
    yield from _lines(text[end:], reader)


def _lines(text: str, reader: Reader) -> Iterator[Markup]:
    for line in text.strip("\n").split("\n") if text.strip("\n") else ():
        yield _line(line, reader)


def _line(line: str, reader: Reader) -> Markup:
    if found := _HEADING.fullmatch(line):
        return tag(f"h{len(found[1])}", inline(found[2], reader), dir="auto")
    if found := _SMALL.fullmatch(line):
        return tag("div", inline(found[1], reader), cls="small", dir="auto")
    if found := _QUOTE.fullmatch(line):
        return tag("blockquote", inline(found[1], reader), dir="auto")
    if found := _ROW.fullmatch(line):
        return tag("ul", tag("li", inline(found[2], reader), dir="auto"))
    return tag("p", inline(line, reader), dir="auto")


def inline(text: str, reader: Reader) -> Markup:
    """One line, without what only begins a line."""
    parts: list[Markup] = []
    end = 0
    for found in _INLINE.finditer(text):
        parts += [escape(text[end : found.start()]), _token(found, reader)]
        end = found.end()
    return joined([*parts, escape(text[end:])])


def _token(found: re.Match[str], reader: Reader) -> Markup:
    name = next(name for name in _SHOWN if found[name] is not None)
    return _SHOWN[name](found, reader)


def _style(element: str, group: str) -> Callable[[re.Match[str], Reader], Markup]:
    return lambda found, reader: tag(element, inline(found[group], reader))


def _link(group: str) -> Callable[[re.Match[str], Reader], Markup]:
    return lambda found, _reader: tag("a", found[group], href=found[group])


_SHOWN: dict[str, Callable[[re.Match[str], Reader], Markup]] = {
    "escaped": lambda found, _reader: escape(found["escaped"]),
    "code": lambda found, _reader: tag("code", found["code"]),
    "url": lambda found, reader: tag("a", inline(found["said"], reader), href=found["url"]),
    "unix": lambda found, reader: tag("time", moment(int(found["unix"]), found["style"] or "f", reader)),
    "ping": lambda found, reader: tag("span", _called(found["ping"].strip("<>"), reader), cls="mention"),
    "angled": _link("angled"),
    "bare": _link("bare"),
    "b": _style("b", "b"),
    "u": _style("u", "u"),
    "i": _style("i", "i"),
    "em": _style("i", "em"),
    "s": _style("s", "s"),
    "spoiler": lambda found, reader: tag("span", inline(found["spoiler"], reader), cls="spoiler"),
}


def _called(ping: str, reader: Reader) -> str:
    name = reader.roles.get(ping.removeprefix("@&"))
    return f"@{name}" if name else ping


def moment(unix: int, style: str, reader: Reader) -> str:
    """A moment in the reader's words. ValueError for a style that we do not send."""
    if style == "R":
        return _from_now(unix - int(reader.now.timestamp()))
    if style != "f":
        raise ValueError(f"no moment is written in the style {style}")
    local = datetime.fromtimestamp(unix, UTC) + reader.offset
    return f"{local.day} {local:%B %Y %H:%M}"


def _from_now(seconds: int) -> str:
    unit, size = next(((unit, size) for unit, size in _UNITS if abs(seconds) >= size), _UNITS[-1])
    number = round(abs(seconds) / size)
    said = f"{'an' if unit == 'hour' else 'a'} {unit}" if number == 1 else f"{number} {unit}s"
    return f"in {said}" if seconds > 0 else f"{said} ago"
