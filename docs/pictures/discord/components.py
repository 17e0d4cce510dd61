"""Components as HTML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch

from markupsafe import Markup

from docs.pictures.block_kit.objects import Shape
from docs.pictures.discord.markdown import Reader, markdown
from docs.pictures.discord.shapes import (
    Button,
    Container,
    File,
    FileUpload,
    Gallery,
    Label,
    RadioGroup,
    Row,
    Section,
    Select,
    Separator,
    TextDisplay,
    TextInput,
)
from docs.pictures.html.markup import joined, tag

_KB = 1000
_WIDE, _TALL = 2, 2
_STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link"}


@dataclass(frozen=True)
class Window:
    """What drawing needs beside the shapes: who reads, and of each attached file the address or the size."""

    reader: Reader
    pictures: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

    def picture(self, name: str) -> str:
        """The picture's address. ValueError for one that is not attached: Discord would refuse the message."""
        if name not in self.pictures:
            raise ValueError(f"the message shows {name}, which is not attached")
        return self.pictures[name]

    def size(self, name: str) -> int:
        """The file's size in bytes. ValueError for one that is not attached."""
        if name not in self.sizes:
            raise ValueError(f"the message shows {name}, which is not attached")
        return self.sizes[name]


@singledispatch
def shown(part: Shape, _window: Window) -> Markup:
    """One component."""
    raise TypeError(f"no picture of {type(part).__name__}")


@shown.register
def _container(part: Container, window: Window) -> Markup:
    inner = joined(shown(child, window) for child in part.components)
    return tag("div", inner, cls="container", style=f"border-left-color:#{part.accent_color:06x}")


@shown.register
def _text(part: TextDisplay, window: Window) -> Markup:
    return tag("div", markdown(part.content, window.reader), cls="text")


@shown.register
def _section(part: Section, window: Window) -> Markup:
    said = tag("div", *(shown(child, window) for child in part.components), cls="said")
    return tag("div", said, tag("div", shown(part.accessory, window), cls="accessory"), cls="section")


@shown.register
def _row(part: Row, window: Window) -> Markup:
    return tag("div", *(shown(child, window) for child in part.components), cls="row")


@shown.register
def _button(part: Button, _window: Window) -> Markup:
    emoji = [tag("span", part.emoji.name, cls="emoji")] if part.emoji else []
    opens = [tag("span", "↗", cls="opens")] if part.url else []
    said = tag("span", part.label, dir="auto", cls="words")
    return tag("span", *emoji, said, *opens, cls=f"button {_STYLES[part.style]}")


@shown.register
def _select(part: Select, _window: Window) -> Markup:
    chosen = next((option.label for option in part.options if option.default), None)
    said = tag("span", chosen or part.placeholder or "Make a selection", cls="words" if chosen else "words placeholder")
    return tag("div", said, tag("span", "⌄", cls="caret"), cls="menu", dir="auto")


@shown.register
def _gallery(part: Gallery, window: Window) -> Markup:
    pictures = (tag("img", src=window.picture(item.media.name), alt=item.description) for item in part.items)
    return tag("div", *pictures, cls="gallery")


@shown.register
def _file(part: File, window: Window) -> Markup:
    name = part.file.name
    words = tag("div", tag("a", name, href=part.file.url), tag("div", _in_words(window.size(name)), cls="size"))
    return tag("div", tag("span", "📄", cls="icon"), words, tag("span", "↓", cls="keep"), cls="file")


def _in_words(size_bytes: int) -> str:
    return f"{size_bytes} bytes" if size_bytes < _KB else f"{size_bytes / _KB:.2f} KB"


@shown.register
def _separator(part: Separator, _window: Window) -> Markup:
    return tag("div", cls="separator wide" if part.spacing == _WIDE else "separator")


@shown.register
def _label(part: Label, window: Window) -> Markup:
    must = [tag("span", " *", cls="must")] if part.component.required else []
    said = [tag("div", part.label, *must, cls="label", dir="auto")]
    if part.description:
        said.append(tag("div", part.description, cls="description", dir="auto"))
    return tag("div", *said, shown(part.component, window), cls="question")


@shown.register
def _input(part: TextInput, _window: Window) -> Markup:
    return tag("div", part.value or " ", cls="input tall" if part.style == _TALL else "input", dir="auto")


@shown.register
def _upload(part: FileUpload, _window: Window) -> Markup:
    most = "one file" if part.max_values == 1 else f"up to {part.max_values} files"
    return tag("div", tag("span", "Browse files", cls="words"), tag("span", most, cls="size"), cls="upload")


@shown.register
def _radio(part: RadioGroup, _window: Window) -> Markup:
    answers = (
        tag("div", tag("span", cls="dot chosen" if one.default else "dot"), tag("span", one.label, dir="auto"))
        for one in part.options
    )
    return tag("div", *answers, cls="radios")
