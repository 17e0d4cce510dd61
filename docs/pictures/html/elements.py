"""Buttons, menus and fields as HTML."""

from functools import singledispatch

from markupsafe import Markup

from docs.pictures.block_kit.elements import (
    Boxes,
    Button,
    FeedbackButtons,
    FileInput,
    IconButton,
    Moment,
    Overflow,
    Picker,
    Picture,
    StaticSelect,
    TextInput,
)
from docs.pictures.block_kit.objects import Option, PlainText, Shape
from docs.pictures.html.markup import Page, tag
from docs.pictures.html.text import plain_words, text_html

_CARET = tag("span", "⌄", cls="caret")
_PICKED = {"users_select": "Select a person", "channels_select": "Select a channel"}


@singledispatch
def element_html(element: Shape, _page: Page) -> Markup:
    """One interactive element."""
    raise TypeError(f"no picture of {type(element).__name__}")


@element_html.register
def _button(button: Button, _page: Page) -> Markup:
    return tag("span", plain_words(button.text), cls=f"button {button.style or ''}".strip())


@element_html.register
def _overflow(_overflow: Overflow, _page: Page) -> Markup:
    return tag("span", "•••", cls="button overflow")


@element_html.register
def _static_select(select: StaticSelect, _page: Page) -> Markup:
    if select.initial_option is not None:
        return _menu(select.initial_option.text.text, chosen=True)
    return _menu(_words(select.placeholder, "Select an item"), chosen=False)


@element_html.register
def _picker(picker: Picker, page: Page) -> Markup:
    chosen = picker.initial_user or picker.initial_channel or picker.initial_conversation
    if chosen is not None:
        return _menu(page.name(chosen), chosen=True)
    return _menu(_words(picker.placeholder, _PICKED.get(picker.type, "Select a conversation")), chosen=False)


@element_html.register
def _moment(moment: Moment, _page: Page) -> Markup:
    chosen = moment.initial_date or moment.initial_time
    missing = "Select a date" if moment.type == "datepicker" else "Select a time"
    return _menu(chosen or _words(moment.placeholder, missing), chosen=chosen is not None)


def _menu(said: str, *, chosen: bool) -> Markup:
    words = tag("span", said, cls="words" if chosen else "words placeholder", dir="auto")
    return tag("span", words, _CARET, cls="menu")


def _words(placeholder: PlainText | None, otherwise: str) -> str:
    return plain_words(placeholder) if placeholder else otherwise


@element_html.register
def _boxes(boxes: Boxes, page: Page) -> Markup:
    return tag("div", *(_box(option, boxes, page) for option in boxes.options), cls="boxes")


def _box(option: Option, boxes: Boxes, page: Page) -> Markup:
    chosen = " chosen" if option.value in boxes.chosen else ""
    mark = tag("span", cls=f"box {boxes.type}{chosen}")
    said = [text_html(option.text, page)]
    if option.description is not None:
        said.append(text_html(option.description, page, "quiet"))
    return tag("div", mark, tag("div", *said), cls="choice")


@element_html.register
def _text_input(field: TextInput, _page: Page) -> Markup:
    empty = plain_words(field.placeholder) if field.placeholder else ""
    shown = tag("span", field.initial_value or empty, cls="words" if field.initial_value else "words placeholder")
    return tag("div", shown, cls="field multiline" if field.multiline else "field", dir="auto")


@element_html.register
def _file_input(_field: FileInput, _page: Page) -> Markup:
    return tag("div", tag("span", "Add files", cls="button"), tag("span", " or drag them here"), cls="drop")


@element_html.register
def _picture(picture: Picture, page: Page) -> Markup:
    address = page.file(picture.slack_file.id) if picture.slack_file else str(picture.image_url)
    return tag("img", src=address, alt=picture.alt_text)


@element_html.register
def _feedback(buttons: FeedbackButtons, _page: Page) -> Markup:
    said = (plain_words(buttons.positive_button.text), plain_words(buttons.negative_button.text))
    thumbs = (tag("span", sign, cls="icon", title=words) for sign, words in zip("👍👎", said, strict=True))
    return tag("span", *thumbs, cls="thumbs")


@element_html.register
def _icon(button: IconButton, _page: Page) -> Markup:
    return tag("span", "🗑", cls="icon", title=plain_words(button.text))
