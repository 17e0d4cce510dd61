"""What stands around the components: a message with its author, a thread below it, a form over the window."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from markupsafe import Markup

from docs.pictures.discord.components import Window, shown
from docs.pictures.discord.shapes import Message, Modal
from docs.pictures.html.frames import Theme
from docs.pictures.html.markup import tag

_STYLE = Path(__file__).with_name("discord.css")


class Screen(StrEnum):
    """What it is read on: a window, or a phone of 360 pixels."""

    WIDE = "wide"
    PHONE = "phone"


@dataclass(frozen=True)
class App:
    """Who a message is from: the app's name and icon, and the clock time it shows."""

    name: str
    icon: str
    time: str


def message_html(message: Message, app: App, window: Window, below: tuple[Markup, ...] = ()) -> Markup:
    """One message as it stands in a channel, with the messages of its thread below it."""
    badge = tag("span", "APP", cls="badge")
    top = tag("div", tag("span", app.name, cls="name", dir="auto"), badge, tag("span", app.time, cls="time"), cls="top")
    body = [top, *(shown(part, window) for part in message.components)]
    if below:
        said = tag("div", tag("b", "Log"), tag("span", f"{len(below)} Message ›", cls="link"), cls="thread-name")
        body.append(tag("div", said, *below, cls="thread"))
    return tag("div", tag("div", app.icon, cls="avatar"), tag("div", *body, cls="body"), cls="message")


def private_html(parts: Sequence[Markup], app: App) -> Markup:
    """An answer that only one person sees."""
    top = tag("div", tag("span", app.name, cls="name"), tag("span", "APP", cls="badge"), cls="top")
    note = tag("div", "👁 Only you can see this • ", tag("a", "Dismiss message", href="#"), cls="small")
    return tag("div", tag("div", app.icon, cls="avatar"), tag("div", top, *parts, note, cls="body"), cls="message")


def modal_html(modal: Modal, app: App, window: Window) -> Markup:
    """A form with Discord's own two buttons."""
    title = tag("div", tag("span", app.icon, cls="avatar"), tag("span", modal.title), cls="modal-title")
    body = tag("div", *(shown(part, window) for part in modal.components), cls="modal-body")
    buttons = (tag("span", "Cancel", cls="button bare"), tag("span", "Submit", cls="button primary"))
    return tag("div", title, body, tag("div", *buttons, cls="modal-foot"), cls="modal")


def whole_page(body: Markup, theme: Theme, screen: Screen) -> Markup:
    """A document that needs nothing from anywhere."""
    style = Markup(_STYLE.read_text("utf-8"))  # noqa: S704 - a file of our own, and style sheets know no escapes
    head = tag("head", tag("meta", charset="utf-8"), tag("style", style))
    return Markup("<!doctype html>") + tag(
        "html", head, tag("body", tag("main", body)), cls=f"{theme.value} {screen.value}"
    )
