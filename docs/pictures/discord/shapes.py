"""The components we send, and nothing else: https://docs.discord.com/developers/components/reference, 2026-11-21."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from docs.pictures.block_kit.objects import Filled, Shape


class Emoji(Shape):
    """An emoji of Unicode."""

    name: Filled


class Button(Shape):
    """One press (`custom_id`), or an address that opens (`url`)."""

    type: Literal[2]
    style: Literal[1, 2, 3, 4, 5]
    label: Filled
    emoji: Emoji | None = None
    custom_id: str | None = None
    url: str | None = None


class Option(Shape):
    """One entry of a menu or of a set of answers."""

    label: Filled
    value: Filled
    default: bool = False


class Select(Shape):
    """A menu."""

    type: Literal[3]
    custom_id: Filled
    options: tuple[Option, ...] = Field(min_length=1, max_length=25)
    placeholder: str | None = None
    required: bool = True


class Row(Shape):
    """Five buttons, or one menu."""

    type: Literal[1]
    components: tuple[Annotated[Button | Select, Field(discriminator="type")], ...] = Field(min_length=1, max_length=5)


class TextDisplay(Shape):
    """Markdown."""

    type: Literal[10]
    content: Filled


class Section(Shape):
    """Texts with something beside them."""

    type: Literal[9]
    components: tuple[TextDisplay, ...] = Field(min_length=1, max_length=3)
    accessory: Button


class Media(Shape):
    """An attached file, by its name."""

    url: Annotated[str, Field(pattern=r"^attachment://")]

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.removeprefix("attachment://")


class Picture(Shape):
    """One picture of a gallery."""

    media: Media
    description: Filled


class Gallery(Shape):
    """Pictures."""

    type: Literal[12]
    items: tuple[Picture, ...] = Field(min_length=1, max_length=10)


class File(Shape):
    """A file to be opened or kept."""

    type: Literal[13]
    file: Media


class Separator(Shape):
    """A thin line."""

    type: Literal[14]
    divider: bool = True
    spacing: Literal[1, 2] = 1


Part: TypeAlias = Annotated[Row | Section | TextDisplay | Gallery | File | Separator, Field(discriminator="type")]


class Container(Shape):
    """A box with a coloured edge."""

    type: Literal[17]
    accent_color: int
    components: tuple[Part, ...] = Field(min_length=1)


class Mentions(Shape):
    """Who is called."""

    parse: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class Message(Shape):
    """What is posted."""

    flags: Literal[32768]
    components: tuple[Container, ...] = Field(min_length=1)
    allowed_mentions: Mentions


class TextInput(Shape):
    """A field to write in: one line (1) or several (2)."""

    type: Literal[4]
    custom_id: Filled
    style: Literal[1, 2]
    required: bool = True
    max_length: int = 4000
    value: str = ""


class FileUpload(Shape):
    """A place to drop files."""

    type: Literal[19]
    custom_id: Filled
    min_values: int = 1
    max_values: int = 1
    required: bool = True


class RadioGroup(Shape):
    """Answers at a glance, of which one is given."""

    type: Literal[21]
    custom_id: Filled
    required: bool = True
    options: tuple[Option, ...] = Field(min_length=2, max_length=10)


Answerable: TypeAlias = Annotated[TextInput | Select | FileUpload | RadioGroup, Field(discriminator="type")]


class Label(Shape):
    """A question with its field."""

    type: Literal[18]
    label: Filled
    description: str | None = None
    component: Answerable


class Modal(Shape):
    """A form over the window."""

    title: Filled
    custom_id: Filled
    components: tuple[Annotated[Label | TextDisplay, Field(discriminator="type")], ...] = Field(
        min_length=1, max_length=5
    )
