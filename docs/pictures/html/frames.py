"""What stands around the blocks: a message with its author, a thread, a form over the window, the Home tab."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from markupsafe import Markup

from docs.pictures.block_kit.blocks import Home, Message, Modal
from docs.pictures.html.blocks import blocks_html
from docs.pictures.html.markup import Page, tag
from docs.pictures.html.text import plain_words

_STYLE = Path(__file__).with_name("slack.css")


class Theme(StrEnum):
    """The two looks Slack's client comes in."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Author:
    """Who a message is from: the name and icon beside it, and the clock time it shows."""

    name: str
    icon: str
    time: str


def message_html(message: Message, author: Author, page: Page, replies: tuple[Markup, ...] = ()) -> Markup:
    """One message as it stands in a channel, with the replies of its thread below it."""
    name = tag("span", author.name, cls="name", dir="auto")
    top = tag("div", name, tag("span", "APP", cls="badge"), tag("span", author.time, cls="time"), cls="top")
    body = [top, tag("div", blocks_html(message.blocks, page), cls="blocks")]
    if replies:
        said = "1 reply" if len(replies) == 1 else f"{len(replies)} replies"
        body += [tag("div", said, cls="reply-count"), tag("div", *replies, cls="thread")]
    return tag("div", tag("div", author.icon, cls="avatar"), tag("div", *body, cls="body"), cls="message")


def modal_html(modal: Modal, page: Page) -> Markup:
    """A form with its title and its two buttons."""
    title = tag("div", tag("span", plain_words(modal.title)), tag("span", "✕", cls="close"), cls="modal-title")
    buttons = [tag("span", plain_words(modal.close), cls="button")] if modal.close else []
    buttons += [tag("span", plain_words(modal.submit), cls="button primary")] if modal.submit else []
    body = tag("div", blocks_html(modal.blocks, page), cls="modal-body")
    return tag("div", title, body, tag("div", *buttons, cls="modal-foot"), cls="modal")


def home_html(home: Home, app: Author, page: Page) -> Markup:
    """The app's Home tab."""
    tabs = tag("div", tag("b", "Home"), tag("span", "Messages"), tag("span", "About"), cls="tabs")
    top = tag("div", tag("div", app.icon, cls="avatar"), tag("span", app.name, cls="name"), cls="home-top")
    return tag("div", top, tabs, tag("div", blocks_html(home.blocks, page), cls="home-body"), cls="home")


def whole_page(body: Markup, theme: Theme) -> Markup:
    """A document that needs nothing from anywhere."""
    style = Markup(_STYLE.read_text("utf-8"))  # noqa: S704 - a file of our own, and style sheets know no escapes
    head = tag("head", tag("meta", charset="utf-8"), tag("style", style))
    return Markup("<!doctype html>") + tag("html", head, tag("body", tag("main", body)), cls=theme.value)
