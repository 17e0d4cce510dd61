"""Reads cards back: what one says in words and offers, and its HTML as a browser would read it."""

from html.parser import HTMLParser

from blocks.elements import Card, pressables
from blocks.render import text
from blocks.tokens import Verb, decode

OUR_TAGS = {
    "article",
    "header",
    "h3",
    "h4",
    "span",
    "p",
    "section",
    "dl",
    "div",
    "dt",
    "dd",
    "ul",
    "ol",
    "li",
    "a",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "picture",
    "source",
    "img",
    "figcaption",
    "details",
    "summary",
    "blockquote",
    "pre",
    "hr",
    "footer",
    "form",
    "button",
    "input",
    "select",
    "option",
    "label",
    "textarea",
    "br",
    "time",
}
"""Everything a card may be made of."""

OUR_ATTRIBUTES = {
    "class",
    "id",
    "dir",
    "data-key",
    "data-revision",
    "data-kind",
    "aria-labelledby",
    "aria-hidden",
    "aria-label",
    "aria-describedby",
    "href",
    "src",
    "srcset",
    "media",
    "alt",
    "loading",
    "method",
    "action",
    "type",
    "name",
    "value",
    "for",
    "required",
    "rows",
    "inputmode",
    "selected",
    "tabindex",
    "scope",
    "start",
    "datetime",
}
"""No style, no handler of events."""

_EMPTY = {"br", "hr", "img", "input", "source"}


class Page(HTMLParser):
    """One reading of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.faults: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "br":
            self.text += "\n"
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        self.text += data

    def finish(self) -> "Page":
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]
        return self

    def named(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of this name, in order."""
        return [attributes for name, attributes in self.elements if name == tag]


def read_html(markup: str) -> Page:
    """The markup, read to its end."""
    page = Page()
    page.feed(markup)
    return page.finish()


def in_words(card: Card) -> str:
    """The whole card in words."""
    return text.render(card)


def offered(card: Card) -> list[Verb]:
    """Everything that can be pressed, in reading order."""
    return [decode(pressable.token).verb for pressable in pressables(card)]
