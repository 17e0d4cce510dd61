"""One document to be photographed, and the messages it is made from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from blocks.elements import Card, Form, chart_of
from blocks.render.slack import render, render_form
from docs.pictures.block_kit.blocks import Message, Modal
from docs.pictures.html.frames import Author, Theme, message_html, modal_html, whole_page
from docs.pictures.html.markup import Page
from store.kernel.canonical import JsonObject, fingerprint

_CHART_FILE_ID = "F0CHART0001"


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


def card_part(card: Card, author: Author, *, drawn: bool = True, agent_features: bool = True) -> Part:
    """The card as the message we send. `drawn` False is the moment before its chart has been scanned."""
    chart = chart_of(card) if drawn else None
    files = {chart.file_name: _CHART_FILE_ID} if chart else {}
    message = Message.model_validate(render(card, files=files, agent_features=agent_features))
    address = f"chart:{fingerprint(chart.spec)}" if chart else ""
    page = Page(files={_CHART_FILE_ID: address} if chart else {})
    return Part(message_html(message, author, page), {address: chart.spec} if chart else {})


def form_part(form: Form) -> Part:
    """The form as the modal we open."""
    return Part(modal_html(Modal.model_validate(render_form(form)), Page()))
