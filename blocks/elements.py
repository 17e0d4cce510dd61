"""The neutral card: what is said and what may be pressed, in words no surface owns.

Every string in a card is plain text, never markup: a renderer escapes it for its surface, so text from an agent, a
customer or a file cannot become a mention, a link or a tag. Every element can be read aloud (`render.text`).
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from store.kernel.canonical import JsonObject

MAX_ACTIONS = 5
"""Actions a card may carry: the smallest row among the surfaces (Discord); the rest belongs in a menu."""
MAX_OPTIONS = 25
"""Options of a menu or choice: the smallest select among the surfaces (Discord string select)."""
MAX_FILES = 10
"""Files of one field (Slack file_input: https://docs.slack.dev/reference/block-kit/block-elements, 2026-11-21)."""
MADE_UP_MAX = 80
"""The longest sentence, in characters, that says on every card that its data were made up."""
MAX_FIELDS = 5
"""Fields of a form: the smallest form among the surfaces (Discord modal)."""

Token: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""What a button carries; made and read by `blocks.tokens`."""
Url: TypeAlias = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"'`|\\]+$", max_length=512)]
"""An address a person may open: http or https only, and nothing that could end a link early."""


class Piece(BaseModel):
    """Part of a card: immutable, strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tone(StrEnum):
    """How a card feels. It only repeats what `Card.state` says in words: first as a shape, then as a colour."""

    NEUTRAL = "neutral"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    WAITING = "waiting"


class Prose(Piece):
    """Text that may be cut: when `text` is only a beginning, `total_chars` is the length of the whole."""

    text: str
    total_chars: int = 0

    @property
    def hidden_chars(self) -> int:
        """How many characters are not shown."""
        return max(0, self.total_chars - len(self.text))


class Text(Prose):
    """Sentences under an optional heading; line breaks are kept."""

    type: Literal["text"] = "text"
    heading: str | None = None


class Fact(Piece):
    """One labelled value. `baseline` is what a number is compared with; `at` is the moment the value names, if any."""

    label: str
    value: str
    baseline: str | None = None
    at: datetime | None = None


class Facts(Piece):
    """Labelled values read at a glance; more than four are a table."""

    type: Literal["facts"] = "facts"
    rows: tuple[Fact, ...]
    total: int = 0

    @property
    def hidden(self) -> int:
        """How many rows are not shown."""
        return max(0, self.total - len(self.rows))


class Item(Piece):
    """One line of a list: `text`, then `detail` in a quieter voice; `url` opens the thing itself."""

    text: str
    detail: str | None = None
    url: Url | None = None


class Items(Piece):
    """A headed list. `total` counts all it stands for, so that "… 12 more" is said; `empty` is said of an empty one."""

    type: Literal["items"] = "items"
    heading: str | None = None
    rows: tuple[Item, ...]
    total: int = 0
    empty: str = "Nothing."

    @property
    def hidden(self) -> int:
        """How many rows are not shown."""
        return max(0, self.total - len(self.rows))


class Align(StrEnum):
    """How a column stands: numbers to the right."""

    LEFT = "left"
    RIGHT = "right"


class Column(Piece):
    """One column's heading and alignment."""

    name: str
    align: Align = Align.LEFT


class Table(Piece):
    """Rows of as many cells as there are columns (ValueError otherwise). `total_rows` counts the rows it stands for."""

    type: Literal["table"] = "table"
    columns: tuple[Column, ...] = Field(min_length=1)
    rows: tuple[tuple[str, ...], ...]
    total_rows: int = 0
    total_columns: int = 0
    caption: str | None = None

    @model_validator(mode="after")
    def _rectangular(self) -> "Table":
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("every row of a table needs one cell for each column")
        return self

    @property
    def hidden(self) -> int:
        """How many rows are not shown."""
        return max(0, self.total_rows - len(self.rows))

    @property
    def hidden_columns(self) -> int:
        """How many columns are not shown."""
        return max(0, self.total_columns - len(self.columns))


class Line(Piece):
    """One series of a plot: a value for each of its labels, as a decimal number in text."""

    name: str
    values: tuple[str, ...]


class Plot(Piece):
    """A chart's numbers in order, for a surface that draws simple charts itself; `unit` is of every value.

    Every line has one value for each label, else ValueError.
    """

    labels: tuple[str, ...] = Field(min_length=1)
    lines: tuple[Line, ...] = Field(min_length=1)
    unit: str = ""

    @model_validator(mode="after")
    def _rectangular(self) -> "Plot":
        if any(len(line.values) != len(self.labels) for line in self.lines):
            raise ValueError("every line of a plot needs one value for each label")
        return self


class Chart(Piece):
    """A picture of numbers: a Vega-Lite `spec`, the finding in words (`alt`), and the numbers themselves (`table`).

    A surface that cannot draw says `alt` and shows `table`. `file_name` is the drawing's name where files are attached.
    `plot` holds the same numbers where a simpler chart can be made of them; None where it cannot.
    """

    type: Literal["chart"] = "chart"
    title: str
    alt: str
    spec: JsonObject
    file_name: str
    table: Table
    plot: Plot | None = None


class StepMark(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class StepRow(Piece):
    """One step: its name, its state in one word, how long it took (None while unknown) and what there is to say."""

    name: str
    mark: StepMark
    state: str
    duration: str | None = None
    detail: str | None = None


class Steps(Piece):
    """Steps in the order they were taken. `total` counts all; when fewer are listed, the earlier ones are left out."""

    type: Literal["steps"] = "steps"
    title: str
    rows: tuple[StepRow, ...]
    total: int = 0

    @property
    def hidden(self) -> int:
        """How many earlier steps are not shown."""
        return max(0, self.total - len(self.rows))


class Quoted(Prose):
    """Somebody else's words, set apart; `source` says whose, and what they are worth ("Claim by …, not checked")."""

    type: Literal["quoted"] = "quoted"
    source: str


class Payload(Prose):
    """Exact text that something will be done with, character for character.

    When only its beginning is shown, `note` (a hash) still covers the whole, and a renderer says both. A `folded` one
    is no longer what the card is about: it opens on demand, and is short where a surface cannot fold.
    """

    type: Literal["payload"] = "payload"
    label: str
    note: str | None = None
    folded: bool = False


class Image(Piece):
    """An attached picture, said in words by `alt`."""

    type: Literal["image"] = "image"
    file_name: str
    alt: str


class Divider(Piece):
    """A pause between parts."""

    type: Literal["divider"] = "divider"


class Context(Piece):
    """Small print: short parts on one line."""

    type: Literal["context"] = "context"
    parts: tuple[str, ...]


Element: TypeAlias = Annotated[
    Text | Facts | Items | Table | Chart | Steps | Quoted | Payload | Image | Divider | Context,
    Field(discriminator="type"),
]


class Style(StrEnum):
    """How much a button weighs: at most one primary on a card; danger for what stops or destroys."""

    PRIMARY = "primary"
    DANGER = "danger"
    PLAIN = "plain"


class Confirm(Piece):
    """A question asked before the press counts: what will happen, in words; `verb` is on the button that goes on."""

    title: str
    text: str
    verb: str
    back: str = "Go back"


class Button(Piece):
    """One press, one verb. `about` names the object for those who cannot see the card around it."""

    type: Literal["button"] = "button"
    label: str
    token: Token
    style: Style = Style.PLAIN
    confirm: Confirm | None = None
    about: str | None = None


class Option(Piece):
    """One entry of a menu; picking it is a press."""

    label: str
    token: Token


class Menu(Piece):
    """Rarer actions under one label."""

    type: Literal["menu"] = "menu"
    label: str
    options: tuple[Option, ...] = Field(min_length=1, max_length=MAX_OPTIONS)


class LinkButton(Piece):
    """Opens an address; changes nothing."""

    type: Literal["link"] = "link"
    label: str
    url: Url


class FieldKind(StrEnum):
    """What a field takes; every answer comes back as text, but files, which come beside the answers."""

    TEXT = "text"
    MULTILINE = "multiline"
    CHOICE = "choice"
    NUMBER = "number"
    FILE = "file"


class Choice(Piece):
    """One answer that may be chosen."""

    label: str
    value: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class FormField(Piece):
    """One question. `name` keys the answer; `initial` is what stands there before anybody writes.

    `options` belong to a choice and to nothing else; `max_files` counts what a file field takes.
    """

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    initial: str | None = None
    hint: str | None = None
    options: Annotated[tuple[Choice, ...], Field(max_length=MAX_OPTIONS)] = ()
    max_files: Annotated[int, Field(ge=1, le=MAX_FILES)] = 1

    @model_validator(mode="after")
    def _options_fit_kind(self) -> "FormField":
        if bool(self.options) != (self.kind is FieldKind.CHOICE):
            raise ValueError("a choice needs options, and only a choice has them")
        return self


class Form(Piece):
    """A few questions, sent as one press of `token`. `intro` says what sending does."""

    title: str
    submit: str
    token: Token
    intro: str | None = None
    fields: tuple[FormField, ...] = Field(min_length=1, max_length=MAX_FIELDS)

    @model_validator(mode="after")
    def _names_differ(self) -> "Form":
        if len({field.name for field in self.fields}) != len(self.fields):
            raise ValueError("two fields of a form have one name")
        return self


class FormButton(Piece):
    """Opens a form; only sending it is a press."""

    type: Literal["form"] = "form"
    label: str
    form: Form
    style: Style = Style.PLAIN
    about: str | None = None

    @property
    def token(self) -> str:
        """The form's token."""
        return self.form.token


class Feedback(Piece):
    """Two small presses about the card itself. Each is asked of everybody who reads it, and may be changed later."""

    type: Literal["feedback"] = "feedback"
    label: str
    good: Option
    bad: Option

    @property
    def options(self) -> tuple[Option, Option]:
        """Both answers, as a menu would list them."""
        return (self.good, self.bad)


Action: TypeAlias = Annotated[Button | Menu | LinkButton | FormButton | Feedback, Field(discriminator="type")]
Pressable: TypeAlias = Button | FormButton | Option


class Card(Piece):
    """One card: a view of one record at one revision, equal for equal records.

    `state` and `title` are the first line: the state in words, then the object. `summary` is the whole card as one
    sentence, for notifications and for whoever cannot see it. A simulated card, and one whose data were made up, is
    marked as such on every surface; `made_up` says how.
    A `live` card shows work under way and will soon read differently: a surface may let its next edit wait a little.
    """

    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    revision: int = Field(ge=0)
    kind: str
    tone: Tone
    state: str
    title: str
    summary: str
    simulated: bool = False
    made_up: Annotated[str, StringConstraints(min_length=1, max_length=MADE_UP_MAX)] | None = None
    live: bool = False
    elements: tuple[Element, ...] = ()
    actions: Annotated[tuple[Action, ...], Field(max_length=MAX_ACTIONS)] = ()

    @model_validator(mode="after")
    def _one_of_each(self) -> "Card":
        tokens = [pressable.token for pressable in pressables(self)]
        if len(set(tokens)) != len(tokens):
            raise ValueError("two actions of a card have one token")
        if sum(getattr(action, "style", None) is Style.PRIMARY for action in self.actions) > 1:
            raise ValueError("a card has at most one primary action")
        if sum(isinstance(element, Chart) for element in self.elements) > 1:
            raise ValueError("a card has at most one chart: it is addressed by the card's key")
        if sum(isinstance(element, Table) for element in self.elements) > 1:
            raise ValueError("a card has at most one table: Slack shows no second one")
        return self


def pressables(card: Card) -> tuple[Pressable, ...]:
    """Everything on the card that carries a token, in reading order."""
    found: list[Pressable] = []
    for action in card.actions:
        if isinstance(action, Menu | Feedback):
            found.extend(action.options)
        elif isinstance(action, Button | FormButton):
            found.append(action)
    return tuple(found)


def find_pressable(card: Card, token: str) -> Pressable | None:
    """What on the card carries `token`; None when the card no longer offers it."""
    return next((pressable for pressable in pressables(card) if pressable.token == token), None)


def chart_of(card: Card) -> Chart | None:
    """The card's chart, or None."""
    return next((element for element in card.elements if isinstance(element, Chart)), None)
