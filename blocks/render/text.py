"""Cards as plain text: for the terminal, and the proof that no card needs a picture or a colour to be understood."""

import textwrap
from collections.abc import Iterable, Sequence
from functools import singledispatch

from blocks.elements import (
    Action,
    Button,
    Card,
    Chart,
    Context,
    Divider,
    Element,
    Fact,
    Facts,
    Feedback,
    FormButton,
    Image,
    Item,
    Items,
    LinkButton,
    Menu,
    Payload,
    Prose,
    Quoted,
    StepRow,
    Steps,
    Table,
    Text,
)
from blocks.fit import fit
from blocks.limits import READABLE
from blocks.render.tabulate import tabulate
from blocks.render.words import earlier, hidden_in_words, simulation
from blocks.text import more, visible
from blocks.words import STEP_SIGN, TONE_SIGN


def render(card: Card, width: int | None = None) -> str:
    """The card as lines of plain text without escape sequences, ending without a line feed.

    `width` wraps prose at that many columns; exact payloads and tables are never wrapped. None wraps nothing.
    """
    shown = fit(card, READABLE)
    parts = [_head(shown), *(element_text(element) for element in shown.elements), _actions(shown.actions)]
    lines = visible("\n\n".join(part for part in parts if part)).split("\n")
    return "\n".join(wrapped for line in lines for wrapped in _wrapped(line, width))


def _head(card: Card) -> str:
    line = f"{TONE_SIGN[card.tone]} {card.state} · {card.title}"
    said = simulation(card)
    return f"{line}\n{said}" if said else line


@singledispatch
def element_text(element: Element) -> str:
    """One element in words."""
    raise TypeError(f"no words for {type(element).__name__}")


@element_text.register
def _text(text: Text) -> str:
    return _headed(text.heading, [text.text, *_cut(text)])


@element_text.register
def _facts(facts: Facts) -> str:
    width = max((len(row.label) for row in facts.rows), default=0)
    return "\n".join([*(_fact(row, width) for row in facts.rows), *_more(facts.hidden)])


@element_text.register
def _items(items: Items) -> str:
    nothing = [] if items.rows or items.hidden else [items.empty]
    return _headed(items.heading, [*nothing, *(_item(row) for row in items.rows), *_more(items.hidden)])


@element_text.register
def _table(table: Table) -> str:
    return _headed(table.caption, [tabulate(table)])


@element_text.register
def _chart(chart: Chart) -> str:
    return _headed(chart.title, [f"Chart: {chart.alt}", tabulate(chart.table)])


@element_text.register
def _steps(steps: Steps) -> str:
    before = [earlier(steps.hidden)] if steps.hidden else []
    return _headed(steps.title, [*before, *(_step(row) for row in steps.rows)])


@element_text.register
def _quoted(quoted: Quoted) -> str:
    return _headed(f"{quoted.source}:", [*(f"> {line}" for line in quoted.text.split("\n")), *_cut(quoted)])


@element_text.register
def _payload(payload: Payload) -> str:
    lines = [f"    {line}" for line in payload.text.split("\n")]
    hidden = [hidden_in_words(payload)] if payload.hidden_chars else []
    return _headed(f"{payload.label}:", [*lines, *hidden, *([payload.note] if payload.note else [])])


@element_text.register
def _image(image: Image) -> str:
    return f"Image: {image.alt}"


@element_text.register
def _divider(_divider: Divider) -> str:
    return "―" * 12


@element_text.register
def _context(context: Context) -> str:
    return " · ".join(context.parts)


def _headed(heading: str | None, lines: Iterable[str]) -> str:
    return "\n".join([heading, *lines] if heading else lines)


def _more(hidden: int) -> Iterable[str]:
    return [more(hidden)] if hidden else []


def _cut(prose: Prose) -> Iterable[str]:
    return [more(prose.hidden_chars, "character")] if prose.hidden_chars else []


def _fact(row: Fact, width: int) -> str:
    return f"{row.label.ljust(width)}  {row.value}" + (f" ({row.baseline})" if row.baseline else "")


def _item(row: Item) -> str:
    detail, address = (f" – {row.detail}" if row.detail else ""), (f" <{row.url}>" if row.url else "")
    return f"• {row.text}{detail}{address}"


def _step(row: StepRow) -> str:
    took, detail = (f", {row.duration}" if row.duration else ""), (f": {row.detail}" if row.detail else "")
    return f"{STEP_SIGN[row.mark]} {row.name} – {row.state}{took}{detail}"


def _actions(actions: Sequence[Action]) -> str:
    return "\n".join(_action(action) for action in actions)


def _action(action: Action) -> str:
    match action:
        case Button():
            asks = f" (asks first: {action.confirm.text})" if action.confirm else ""
            return f"[{action.label}]{asks}"
        case FormButton():
            return f"[{action.label}] asks for: {', '.join(field.label for field in action.form.fields)}"
        case Menu() | Feedback():
            return f"[{action.label}] {' | '.join(option.label for option in action.options)}"
        case LinkButton():
            return f"{action.label}: {action.url}"


def _wrapped(line: str, width: int | None) -> list[str]:
    if width is None or len(line) <= width or line.startswith("    ") or "  " in line.strip():
        return [line]
    return textwrap.wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
