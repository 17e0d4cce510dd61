"""One document to be photographed, and the messages it is made from."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from blocks.elements import Card, Form, chart_of
from blocks.home import Home
from bot.surfaces.slack.rendering import Manner, card_message, form_view, home_view
from docs.pictures.block_kit.blocks import Home as HomeView
from docs.pictures.block_kit.blocks import Message, Modal
from docs.pictures.html.frames import Author, Theme, home_html, message_html, modal_html, whole_page
from docs.pictures.html.markup import Page
from store.kernel.canonical import JsonObject, fingerprint

PICTURED = Manner(file_id="F0CHART0001")
"""How a card looks once all it needs is there."""


@dataclass(frozen=True)
class Sheet:
    """`document` is HTML; `charts` are the specifications of the drawings it shows, by the address they stand at."""

    name: str
    document: str
    charts: Mapping[str, JsonObject] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """What the picture is drawn from, as a hash: another card, text or style gives another."""
        return hashlib.sha256(self.document.encode()).hexdigest()


@dataclass(frozen=True)
class Part:
    """A piece of a document, with its drawings."""

    body: Markup
    charts: Mapping[str, JsonObject] = field(default_factory=dict)

    def sheet(self, name: str, theme: Theme) -> Sheet:
        """The whole document."""
        return Sheet(name, str(whole_page(self.body, theme)), self.charts)


def card_part(card: Card, author: Author, manner: Manner = PICTURED) -> Part:
    """The card as the message we send, drawn in this manner."""
    chart = chart_of(card) if manner.file_id else None
    message = Message.model_validate(card_message(card, manner))
    if chart is None or manner.file_id is None:
        return Part(message_html(message, author, Page()))
    address = f"chart:{fingerprint(chart.spec)}"
    return Part(message_html(message, author, Page(files={manner.file_id: address})), {address: chart.spec})


def thread_part(card: Card, replies: Sequence[Card], author: Author) -> Part:
    """The card with the cards that stand in its thread; none of them has a chart."""
    answers = tuple(card_part(reply, author).body for reply in replies)
    message = Message.model_validate(card_message(card, PICTURED))
    return Part(message_html(message, author, Page(), answers))


def form_part(form: Form) -> Part:
    """The form as the modal we open."""
    return Part(modal_html(Modal.model_validate(form_view(form, channel=None)), Page()))


def home_part(home: Home, app: Author) -> Part:
    """The first page of somebody's home as the view we publish."""
    return Part(home_html(HomeView.model_validate(home_view(home, 1)), app, Page()))
