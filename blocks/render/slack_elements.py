"""A card's elements as Block Kit blocks: https://docs.slack.dev/reference/block-kit/blocks, checked 2026-11-21."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatch

from blocks.elements import (
    Align,
    Chart,
    Context,
    Divider,
    Element,
    Facts,
    Image,
    Item,
    Items,
    Payload,
    Prose,
    Quoted,
    StepMark,
    StepRow,
    Steps,
    Table,
    Text,
)
from blocks.render.slack_chart import native_chart
from blocks.render.slack_rich import (
    NOTHING,
    bullets,
    exact,
    link,
    preformatted,
    quote,
    rich,
    run,
    section,
    small_print,
)
from blocks.render.tabulate import tabulate
from blocks.render.words import earlier, hidden_in_words
from blocks.text import more, slack_literal
from blocks.words import STEP_SIGN
from store.kernel.canonical import Json, JsonObject

_TASK_STATUS = {
    StepMark.WAITING: "pending",
    StepMark.RUNNING: "in_progress",
    StepMark.DONE: "complete",
    StepMark.FAILED: "error",
    StepMark.REFUSED: "error",
    StepMark.UNKNOWN: "error",
}


@dataclass(frozen=True)
class Page:
    """What drawing one message needs to know: uploaded files by name, and what the workspace has.

    `native_charts` is whether a chart without a file is drawn by Slack itself.
    """

    files: Mapping[str, str]
    agent_features: bool
    native_charts: bool = False


@singledispatch
def blocks_of(element: Element, _page: Page) -> Iterator[JsonObject]:
    """The blocks of one element; none for an element with nothing to say."""
    raise TypeError(f"no Slack form for {type(element).__name__}")


def _heading(text: str) -> JsonObject:
    return section([run(text, bold=True)])


def _cut(prose: Prose) -> Iterator[JsonObject]:
    if prose.hidden_chars:
        yield section([run(more(prose.hidden_chars, "character"), italic=True)])


def _more(hidden: int) -> Iterator[JsonObject]:
    if hidden:
        yield section([run(more(hidden), italic=True)])


@blocks_of.register
def _text(text: Text, _page: Page) -> Iterator[JsonObject]:
    heading = [_heading(text.heading)] if text.heading else []
    words = [section([run(text.text)])] if text.text else []
    if heading or words:
        yield rich([*heading, *words, *_cut(text)])


@blocks_of.register
def _facts(facts: Facts, _page: Page) -> Iterator[JsonObject]:
    lines = [
        line
        for row in facts.rows
        for line in (run(f"{row.label}  ", bold=True), *_value(row.value, row.baseline), run("\n"))
    ]
    if lines:
        yield rich([section(lines[:-1]), *_more(facts.hidden)])


def _value(value: str, baseline: str | None) -> list[JsonObject]:
    return [run(value), run(f" ({baseline})", italic=True)] if baseline else [run(value)]


@blocks_of.register
def _items(items: Items, _page: Page) -> Iterator[JsonObject]:
    heading = [_heading(items.heading)] if items.heading else []
    if not items.rows and not items.hidden:
        yield rich([*heading, section([run(items.empty)])])
        return
    yield rich([*heading, *_rows(items), *_more(items.hidden)])


def _rows(items: Items) -> list[JsonObject]:
    if len(items.rows) == 1 and not (items.heading or items.hidden):
        return [section(_item(items.rows[0]))]  # one thing by itself is no list
    return [bullets(_item(row) for row in items.rows)] if items.rows else []


def _item(item: Item) -> list[JsonObject]:
    text = link(item.text, item.url) if item.url else run(item.text)
    return [text, run(f"  {item.detail}", italic=True)] if item.detail else [text]


@blocks_of.register
def _table(table: Table, _page: Page) -> Iterator[JsonObject]:
    if table.caption:
        yield rich([_heading(table.caption)])
    yield _native_table(table)
    if hidden := [*_more(table.hidden), *_more_columns(table)]:
        yield rich(hidden)


def _more_columns(table: Table) -> Iterator[JsonObject]:
    if table.hidden_columns:
        yield section([run(more(table.hidden_columns, "column"), italic=True)])


def _native_table(table: Table) -> JsonObject:
    head = [_cell(column.name) for column in table.columns]
    rows: list[Json] = [head, *([_cell(cell) for cell in row] for row in table.rows)]
    settings: list[Json] = [
        {"align": column.align.value, "is_wrapped": column.align is Align.LEFT} for column in table.columns
    ]
    return {"type": "table", "column_settings": settings, "rows": rows}


def _cell(text: str) -> Json:
    return {"type": "raw_text", "text": slack_literal(text) or NOTHING}


@blocks_of.register
def _chart(chart: Chart, page: Page) -> Iterator[JsonObject]:
    file_id = page.files.get(chart.file_name)
    if file_id is not None:
        yield _slack_image(file_id, chart.alt)  # the drawing has its title in it
        return
    if page.native_charts and chart.plot is not None:
        yield from native_chart(chart, chart.plot)
        return
    words = section([run(f"The chart is not shown here. {chart.alt}")])
    yield rich([_heading(chart.title), words, preformatted(exact(tabulate(chart.table)))])


@blocks_of.register
def _image(image: Image, page: Page) -> Iterator[JsonObject]:
    file_id = page.files.get(image.file_name)
    if file_id is not None:
        yield _slack_image(file_id, image.alt)
        return
    yield rich([section([run(f"The image is not shown here. {image.alt}")])])


def _slack_image(file_id: str, alt: str) -> JsonObject:
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": slack_literal(alt) or NOTHING}


@blocks_of.register
def _steps(steps: Steps, page: Page) -> Iterator[JsonObject]:
    title = f"{steps.title} ({earlier(steps.hidden)})" if steps.hidden else steps.title
    if not page.agent_features or not steps.rows:
        rows = [bullets(_step_line(row) for row in steps.rows)] if steps.rows else []
        yield rich([_heading(title), *rows])
        return
    tasks: list[Json] = [_task(number, row) for number, row in enumerate(steps.rows, start=steps.hidden + 1)]
    yield {"type": "plan", "title": slack_literal(title) or NOTHING, "tasks": tasks}


def _task(number: int, row: StepRow) -> Json:
    card: JsonObject = {
        "type": "task_card",
        "task_id": f"step-{number}",
        "title": slack_literal(row.name) or NOTHING,
        "status": _TASK_STATUS[row.mark],
    }
    said = _beyond_the_sign(row)
    return {**card, "output": rich([section([run(said)])])} if said else card


def _beyond_the_sign(row: StepRow) -> str:
    """What the plan's own sign does not say: it has one for all that went wrong, and one each for done and running."""
    if row.mark in (StepMark.DONE, StepMark.RUNNING):
        return ", ".join(part for part in (row.duration, row.detail) if part)
    return _outcome(row)


def _step_line(row: StepRow) -> list[JsonObject]:
    return [run(f"{STEP_SIGN[row.mark]} {row.name}"), run(f"  {_outcome(row)}", italic=True)]


def _outcome(row: StepRow) -> str:
    took = f", {row.duration}" if row.duration else ""
    return f"{row.state}{took}" + (f": {row.detail}" if row.detail else "")


@blocks_of.register
def _quoted(quoted: Quoted, _page: Page) -> Iterator[JsonObject]:
    yield rich([_heading(quoted.source), quote(run(quoted.text)), *_cut(quoted)])


@blocks_of.register
def _divider(_divider: Divider, _page: Page) -> Iterator[JsonObject]:
    yield {"type": "divider"}


@blocks_of.register
def _context(context: Context, _page: Page) -> Iterator[JsonObject]:
    if context.parts:
        yield small_print(context.parts)


@blocks_of.register
def _payload(payload: Payload, _page: Page) -> Iterator[JsonObject]:
    hidden = [section([run(hidden_in_words(payload), italic=True)])] if payload.hidden_chars else []
    yield rich([_heading(payload.label), preformatted(exact(payload.text)), *hidden])
    if payload.note:
        yield small_print([payload.note])
