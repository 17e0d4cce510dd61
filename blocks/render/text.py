"""Cards as plain text: for the terminal, and the proof that no card needs a picture or a colour to be understood."""

import textwrap
from collections.abc import Iterable, Sequence

from blocks.elements import (
    Action,
    Align,
    Button,
    Card,
    Chart,
    Context,
    Divider,
    Element,
    Facts,
    FormButton,
    Image,
    Items,
    LinkButton,
    Menu,
    Payload,
    Prose,
    Quoted,
    Steps,
    Table,
    Text,
)
from blocks.fit import fit
from blocks.limits import READABLE
from blocks.render.words import SIMULATED, earlier, hidden_in_words
from blocks.text import more, visible
from blocks.words import STEP_SIGN, TONE_SIGN


def render(card: Card, width: int | None = None) -> str:
    """The card as lines of plain text without escape sequences, ending without a line feed.

    `width` wraps prose at that many columns; exact payloads and tables are never wrapped. None wraps nothing.
    """
    shown = fit(card, READABLE)
    parts = [_head(shown), *(_element(element) for element in shown.elements), _actions(shown.actions)]
    lines = visible("\n\n".join(part for part in parts if part)).split("\n")
    return "\n".join(wrapped for line in lines for wrapped in _wrapped(line, width))


def tabulate(table: Table) -> str:
    """The table with its columns padded, its heading ruled off, and what is missing said below."""
    cells = [[column.name for column in table.columns], *table.rows]
    shown = [[visible(cell).replace("\n", " ") for cell in row] for row in cells]
    widths = [max(len(row[index]) for row in shown) for index in range(len(table.columns))]
    head, *rows = (_padded(row, table, widths) for row in shown)
    return "\n".join([head, _padded(["─" * width for width in widths], table, widths), *rows, *_left_out(table)])


def _padded(row: Sequence[str], table: Table, widths: Sequence[int]) -> str:
    cells = (
        cell.rjust(width) if column.align is Align.RIGHT else cell.ljust(width)
        for cell, column, width in zip(row, table.columns, widths, strict=True)
    )
    return "  ".join(cells).rstrip()


def _left_out(table: Table) -> Iterable[str]:
    if table.hidden:
        yield more(table.hidden)
    if table.hidden_columns:
        yield more(table.hidden_columns, "column")


def _head(card: Card) -> str:
    line = f"{TONE_SIGN[card.tone]} {card.state} · {card.title}"
    return f"{line}\n{SIMULATED}" if card.simulated else line


def _element(element: Element) -> str:
    match element:
        case Text():
            return _headed(element.heading, [element.text, *_cut(element)])
        case Facts():
            return "\n".join([*_facts(element), *_more(element.hidden)])
        case Items():
            return _headed(element.heading, [*_items(element), *_more(element.hidden)])
        case Table():
            return _headed(element.caption, [tabulate(element)])
        case Chart():
            return _headed(element.title, [f"Chart: {element.alt}", tabulate(element.table)])
        case Steps():
            return _headed(element.title, [*_earlier(element), *(_steps(element))])
        case Quoted():
            return _headed(f"{element.source}:", [*(f"> {line}" for line in element.text.split("\n")), *_cut(element)])
        case Payload():
            return _headed(f"{element.label}:", [*(f"    {line}" for line in element.text.split("\n")), *_payload_notes(element)])
        case Image():
            return f"Image: {element.alt}"
        case Divider():
            return "―" * 12
        case Context():
            return " · ".join(element.parts)


def _headed(heading: str | None, lines: Iterable[str]) -> str:
    return "\n".join([heading, *lines] if heading else lines)


def _more(hidden: int) -> Iterable[str]:
    return [more(hidden)] if hidden else []


def _cut(prose: Prose) -> Iterable[str]:
    return [more(prose.hidden_chars, "character")] if prose.hidden_chars else []


def _facts(facts: Facts) -> Iterable[str]:
    width = max((len(row.label) for row in facts.rows), default=0)
    for row in facts.rows:
        baseline = f" ({row.baseline})" if row.baseline else ""
        yield f"{row.label.ljust(width)}  {row.value}{baseline}"


def _items(items: Items) -> Iterable[str]:
    if not items.rows and not items.hidden:
        yield items.empty
    for row in items.rows:
        address = f" <{row.url}>" if row.url else ""
        yield f"• {row.text}" + (f" – {row.detail}" if row.detail else "") + address


def _earlier(steps: Steps) -> Iterable[str]:
    return [earlier(steps.hidden)] if steps.hidden else []


def _steps(steps: Steps) -> Iterable[str]:
    for row in steps.rows:
        took = f", {row.duration}" if row.duration else ""
        detail = f": {row.detail}" if row.detail else ""
        yield f"{STEP_SIGN[row.mark]} {row.name} – {row.state}{took}{detail}"


def _payload_notes(payload: Payload) -> Iterable[str]:
    if payload.hidden_chars:
        yield hidden_in_words(payload)
    if payload.note:
        yield payload.note


def _actions(actions: Sequence[Action]) -> str:
    return "\n".join(_action(action) for action in actions)


def _action(action: Action) -> str:
    match action:
        case Button():
            asks = f" (asks first: {action.confirm.text})" if action.confirm else ""
            return f"[{action.label}]{asks}"
        case FormButton():
            return f"[{action.label}] asks for: {', '.join(field.label for field in action.form.fields)}"
        case Menu():
            return f"[{action.label}] {' | '.join(option.label for option in action.options)}"
        case LinkButton():
            return f"{action.label}: {action.url}"


def _wrapped(line: str, width: int | None) -> list[str]:
    if width is None or len(line) <= width or line.startswith("    ") or "  " in line.strip():
        return [line]
    return textwrap.wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
