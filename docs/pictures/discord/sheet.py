"""One picture's document, made from the messages and modals that we send."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from blocks.elements import Button, Card, Form
from blocks.render.discord import FileSpec, files_of, render, render_form
from blocks.render.discord_confirm import render_question
from docs.pictures.discord.components import Window, shown
from docs.pictures.discord.frames import App, Screen, message_html, modal_html, private_html, whole_page
from docs.pictures.discord.markdown import Reader
from docs.pictures.discord.shapes import Container, Message, Modal
from docs.pictures.html.frames import Theme
from docs.pictures.sheet import Sheet
from store.kernel.canonical import JsonObject, fingerprint

_ROLE = "1182"
READER = Reader(now=datetime(2026, 11, 21, 13, 30, tzinfo=UTC), offset=timedelta(hours=1), roles={_ROLE: "ops"})
"""Who looks at the pictures: in Berlin, at the moment all samples stand at."""


@dataclass(frozen=True)
class Part:
    """A piece of a document, with its drawings."""

    body: Markup
    charts: Mapping[str, JsonObject] = field(default_factory=dict)

    def sheet(self, name: str, theme: Theme, screen: Screen) -> Sheet:
        """The whole document."""
        return Sheet(name, str(whole_page(self.body, theme, screen)), self.charts)


def card_part(card: Card, app: App, *, attached: bool = True, below: Sequence[Card] = (), calls: bool = False) -> Part:
    """The card as the message we send, with all its files or none, and the cards that stand in its thread."""
    files = files_of(card) if attached else ()
    charts = {_address(file): file.chart for file in files if file.chart is not None}
    message = render(card, files=[file.name for file in files], roles=[_ROLE] if calls else [])
    answers = tuple(card_part(one, app).body for one in below)
    return Part(message_html(Message.model_validate(message), app, _window(files), answers), charts)


def form_part(form: Form, app: App) -> Part:
    """The form as the modal we open."""
    return Part(modal_html(Modal.model_validate(render_form(form)), app, Window(READER)))


def question_part(button: Button, app: App) -> Part:
    """What pressing this button asks first, seen by whoever pressed it."""
    window = Window(READER)
    parts = [Container.model_validate(part) for part in render_question(button)]
    return Part(private_html([shown(part, window) for part in parts], app))


def public(card: Card, console_url: str, address: str) -> Card:
    """The card as it is where the console has an address that everybody can open."""
    return Card.model_validate_json(card.model_dump_json().replace(console_url, address))


def _window(files: Sequence[FileSpec]) -> Window:
    pictures = {file.name: _address(file) for file in files if file.chart is not None}
    sizes = {file.name: len(file.content) for file in files if file.content is not None}
    return replace(Window(READER), pictures=pictures, sizes=sizes)


def _address(file: FileSpec) -> str:
    return f"chart:{fingerprint(file.chart)}"
