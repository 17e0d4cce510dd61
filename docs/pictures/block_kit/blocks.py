"""Blocks, and what holds them: https://docs.slack.dev/reference/block-kit/blocks, checked 2026-11-21."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from docs.pictures.block_kit.elements import Accessory, Answerable, Button, Contextual, Picture, Pressable
from docs.pictures.block_kit.objects import AnyText, Filled, Mrkdwn, PlainText, Shape, SlackFile
from docs.pictures.block_kit.rich_text import RichText


class Block(Shape):
    """What every block may carry."""

    block_id: str | None = None


class Header(Block):
    """A title."""

    type: Literal["header"]
    text: PlainText


class Section(Block):
    """Text, or up to ten fields in two columns, with something at its right."""

    type: Literal["section"]
    text: AnyText | None = None
    fields: tuple[AnyText, ...] = Field((), max_length=10)
    accessory: Accessory | None = None
    expand: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> "Section":
        if self.text is None and not self.fields:
            raise ValueError("a section needs text or fields")
        return self


class Context(Block):
    """Small print."""

    type: Literal["context"]
    elements: tuple[Annotated[PlainText | Mrkdwn | Picture, Field(discriminator="type")], ...] = Field(
        min_length=1, max_length=10
    )


class Actions(Block):
    """Buttons and menus."""

    type: Literal["actions"]
    elements: tuple[Pressable, ...] = Field(min_length=1, max_length=25)


class ContextActions(Block):
    """Thumbs and icons."""

    type: Literal["context_actions"]
    elements: tuple[Contextual, ...] = Field(min_length=1, max_length=5)


class Divider(Block):
    """A line."""

    type: Literal["divider"]


class Image(Block):
    """A picture by itself."""

    type: Literal["image"]
    alt_text: Filled
    title: PlainText | None = None
    image_url: str | None = None
    slack_file: SlackFile | None = None


class Input(Block):
    """One question of a form."""

    type: Literal["input"]
    label: PlainText
    element: Answerable
    hint: PlainText | None = None
    optional: bool = False
    dispatch_action: bool = False


class RawText(Shape):
    """A cell of literal text."""

    type: Literal["raw_text"]
    text: Filled


class RawNumber(Shape):
    """A cell that sorts as a number and reads as `text`."""

    type: Literal["raw_number"]
    value: float
    text: str | None = None


Cell: TypeAlias = Annotated[RawText | RawNumber | RichText, Field(discriminator="type")]


class ColumnSetting(Shape):
    """How a column stands."""

    align: Literal["left", "center", "right"] = "left"
    is_wrapped: bool = False


class Table(Block):
    """Rows of cells; the first is the head."""

    type: Literal["table"]
    rows: tuple[tuple[Cell, ...], ...] = Field(min_length=1, max_length=100)
    column_settings: tuple[ColumnSetting | None, ...] = ()


class DataTable(Block):
    """A table that pages and sorts."""

    type: Literal["data_table"]
    caption: Filled
    rows: tuple[tuple[Cell, ...], ...] = Field(min_length=2, max_length=201)
    page_size: int = Field(10, ge=1, le=100)
    row_header_column_index: int | None = None


class Source(Shape):
    """Where a task looked."""

    type: Literal["url"]
    url: Filled
    text: Filled


class TaskCard(Block):
    """One task or tool call."""

    type: Literal["task_card"]
    task_id: Filled
    title: Filled
    status: Literal["pending", "in_progress", "complete", "error"]
    details: RichText | None = None
    output: RichText | None = None
    sources: tuple[Source, ...] = ()


class Plan(Block):
    """Tasks in order under a title."""

    type: Literal["plan"]
    title: Filled
    tasks: tuple[TaskCard, ...] = Field((), max_length=50)


class EntityCard(Block):
    """A short summary of one thing."""

    type: Literal["card"]
    title: AnyText | None = None
    subtitle: AnyText | None = None
    body: AnyText | None = None
    subtext: AnyText | None = None
    icon: Picture | None = None
    actions: tuple[Button, ...] = Field((), max_length=3)


class Point(Shape):
    """One value under its label."""

    label: Filled
    value: float


class Series(Shape):
    """Values under one name."""

    name: Filled
    data: tuple[Point, ...] = Field(min_length=1, max_length=20)


class Axes(Shape):
    """The categories, in order, and what the axes are called."""

    categories: tuple[str, ...]
    x_label: str | None = None
    y_label: str | None = None


class SeriesChart(Shape):
    """A chart along an axis."""

    type: Literal["line", "bar", "area"]
    series: tuple[Series, ...] = Field(min_length=1, max_length=12)
    axis_config: Axes


class PieChart(Shape):
    """A whole in parts."""

    type: Literal["pie"]
    segments: tuple[Point, ...] = Field(min_length=1, max_length=12)


class DataVisualization(Block):
    """A chart that Slack draws."""

    type: Literal["data_visualization"]
    title: Filled
    chart: Annotated[SeriesChart | PieChart, Field(discriminator="type")]


AnyBlock: TypeAlias = Annotated[
    Header
    | Section
    | Context
    | Actions
    | ContextActions
    | Divider
    | Image
    | Input
    | RichText
    | Table
    | DataTable
    | TaskCard
    | Plan
    | EntityCard
    | DataVisualization,
    Field(discriminator="type"),
]


class Metadata(Shape):
    """What a message says to programs; nothing of it is shown."""

    event_type: Filled
    event_payload: dict[str, object]


class Message(Shape):
    """What is posted: `text` is what a notification says and a screen reader reads."""

    text: Filled
    blocks: tuple[AnyBlock, ...] = Field(min_length=1, max_length=50)
    metadata: Metadata | None = None


class Modal(Shape):
    """A form over the window."""

    type: Literal["modal"]
    title: PlainText
    blocks: tuple[AnyBlock, ...] = Field(min_length=1, max_length=100)
    submit: PlainText | None = None
    close: PlainText | None = None
    callback_id: str = ""
    private_metadata: str = ""


class Home(Shape):
    """The app's Home tab, as one person sees it."""

    type: Literal["home"]
    blocks: tuple[AnyBlock, ...] = Field(min_length=1, max_length=100)
    callback_id: str = ""
    private_metadata: str = ""
