"""Makes a card fit a surface. What does not fit is left out visibly, and the actions are always kept."""

from dataclasses import replace
from functools import singledispatch

from blocks.elements import (
    Action,
    Button,
    Card,
    Chart,
    Choice,
    Column,
    Confirm,
    Context,
    Element,
    Fact,
    Facts,
    Feedback,
    FieldKind,
    Form,
    FormButton,
    FormField,
    Image,
    Item,
    Items,
    LinkButton,
    Menu,
    Option,
    Payload,
    Quoted,
    StepRow,
    Steps,
    Table,
    Text,
)
from blocks.limits import STATE_CHARS, Limits
from blocks.shrink import shorten, within_total
from blocks.text import clip, one_line, utf16_length

_NO_FILES = "Files cannot be given here. Say where they are."
_CHART_COLUMNS = 5
"""Columns of the numbers behind a chart: a moment and a few series."""


def fit(card: Card, limits: Limits) -> Card:
    """The card within `limits`; a card already within them is returned equal, so fitting twice changes nothing more.

    Rows, steps and words that are left out are counted where they were ("… 12 more"). Every action is kept, with its
    token; a payload keeps its note and says how much of it is missing. Never raises, however large the card is.
    """
    fitted = card.model_copy(
        update={
            "state": _short(card.state, STATE_CHARS, limits),
            "title": _short(card.title, limits.title_chars, limits),
            "summary": _short(card.summary, limits.text_chars, limits),
            "elements": tuple(fit_element(element, limits) for element in card.elements),
            "actions": tuple(fit_action(action, limits) for action in card.actions),
        }
    )
    return within_total(fitted, limits)


def fit_form(form: Form, limits: Limits) -> Form:
    """The form within `limits`.

    A prefilled text longer than its field is not shortened, because half of a value must not pass for the whole: the
    field is left empty and says so.
    """
    return form.model_copy(
        update={
            "title": _short(form.title, limits.form_title_chars, limits),
            "submit": _short(form.submit, limits.form_submit_chars, limits),
            "intro": None if form.intro is None else clip(form.intro, limits.text_chars, limits.length),
            "fields": tuple(_field(field, limits) for field in form.fields),
        }
    )


@singledispatch
def fit_element(element: Element, _limits: Limits) -> Element:
    """The element within the limits of its own parts; one without text (a divider) is returned as it is."""
    return element


@fit_element.register
def _text(text: Text, limits: Limits) -> Text:
    heading = _opt(text.heading, limits.value_chars, limits)
    return shorten(text, limits.text_chars, limits).model_copy(update={"heading": heading})


@fit_element.register
def _quoted(quoted: Quoted, limits: Limits) -> Quoted:
    source = _short(quoted.source, limits.value_chars, limits)
    return shorten(quoted, limits.text_chars, limits).model_copy(update={"source": source})


@fit_element.register
def _image(image: Image, limits: Limits) -> Image:
    return image.model_copy(update={"alt": clip(image.alt, limits.alt_chars, limits.length)})


def _short(text: str, limit: int, limits: Limits) -> str:
    return clip(one_line(text), limit, limits.length)


def _opt(text: str | None, limit: int, limits: Limits) -> str | None:
    return None if text is None else _short(text, limit, limits)


@fit_element.register
def _facts(facts: Facts, limits: Limits) -> Facts:
    rows = tuple(_fact(row, limits) for row in facts.rows[: limits.facts])
    return facts.model_copy(update={"rows": rows, "total": max(facts.total, len(facts.rows))})


def _fact(fact: Fact, limits: Limits) -> Fact:
    return fact.model_copy(
        update={
            "label": _short(fact.label, limits.value_chars, limits),
            "value": _short(fact.value, limits.value_chars, limits),
            "baseline": _opt(fact.baseline, limits.value_chars, limits),
        }
    )


@fit_element.register
def _items(items: Items, limits: Limits) -> Items:
    rows = tuple(_item(row, limits) for row in items.rows[: limits.items])
    update = {
        "rows": rows,
        "total": max(items.total, len(items.rows)),
        "heading": _opt(items.heading, limits.value_chars, limits),
    }
    return items.model_copy(update=update)


def _item(item: Item, limits: Limits) -> Item:
    text, detail = _short(item.text, limits.value_chars, limits), _opt(item.detail, limits.value_chars, limits)
    return item.model_copy(update={"text": text, "detail": detail})


@fit_element.register
def _table(table: Table, limits: Limits) -> Table:
    width = limits.table_columns
    return table.model_copy(
        update={
            "columns": tuple(_column(column, limits) for column in table.columns[:width]),
            "rows": tuple(_row(row[:width], limits) for row in table.rows[: limits.table_rows]),
            "total_rows": max(table.total_rows, len(table.rows)),
            "total_columns": max(table.total_columns, len(table.columns)),
            "caption": _opt(table.caption, limits.value_chars, limits),
        }
    )


def _column(column: Column, limits: Limits) -> Column:
    return column.model_copy(update={"name": _short(column.name, limits.cell_chars, limits)})


def _row(cells: tuple[str, ...], limits: Limits) -> tuple[str, ...]:
    return tuple(_short(cell, limits.cell_chars, limits) for cell in cells)


@fit_element.register
def _chart(chart: Chart, limits: Limits) -> Chart:
    return chart.model_copy(
        update={
            "title": _short(chart.title, limits.value_chars, limits),
            "alt": clip(chart.alt, limits.alt_chars, limits.length),
            "table": _table(chart.table, replace(limits, table_columns=_CHART_COLUMNS)),
        }
    )


@fit_element.register
def _steps(steps: Steps, limits: Limits) -> Steps:
    # The latest steps stay: what happens now matters more than how it began.
    rows = tuple(_step(row, limits) for row in steps.rows[-limits.steps :])
    update = {
        "title": _short(steps.title, limits.value_chars, limits),
        "rows": rows,
        "total": max(steps.total, len(steps.rows)),
    }
    return steps.model_copy(update=update)


def _step(step: StepRow, limits: Limits) -> StepRow:
    return step.model_copy(
        update={
            "name": _short(step.name, limits.value_chars, limits),
            "state": _short(step.state, limits.value_chars, limits),
            "duration": _opt(step.duration, limits.value_chars, limits),
            "detail": _opt(step.detail, limits.value_chars, limits),
        }
    )


@fit_element.register
def _payload(payload: Payload, limits: Limits) -> Payload:
    label, note = _short(payload.label, limits.value_chars, limits), _opt(payload.note, limits.value_chars, limits)
    room = limits.folded_chars if payload.folded else limits.payload_chars
    return shorten(payload, room, limits).model_copy(update={"label": label, "note": note})


@fit_element.register
def _context(context: Context, limits: Limits) -> Context:
    parts = tuple(_short(part, limits.value_chars, limits) for part in context.parts)
    if len(parts) > limits.context_parts:
        kept = limits.context_parts - 1
        parts = (*parts[:kept], f"… {len(parts) - kept:,} more")
    return context.model_copy(update={"parts": parts})


def fit_action(action: Action, limits: Limits) -> Action:
    """The action within the limits of its own words; its token is never touched."""
    label = _short(action.label, limits.button_chars, limits)
    match action:
        case Button():
            confirm = _confirm(action.confirm, limits) if action.confirm else None
            about = _opt(action.about, limits.value_chars, limits)
            return action.model_copy(update={"label": label, "confirm": confirm, "about": about})
        case FormButton():
            about = _opt(action.about, limits.value_chars, limits)
            return action.model_copy(update={"label": label, "form": fit_form(action.form, limits), "about": about})
        case Menu():
            options = tuple(_option(option, limits) for option in action.options)
            return action.model_copy(update={"label": label, "options": options})
        case Feedback():
            good, bad = (_option(option, limits) for option in action.options)
            return action.model_copy(update={"label": label, "good": good, "bad": bad})
        case LinkButton():
            return action.model_copy(update={"label": label})


def _confirm(confirm: Confirm, limits: Limits) -> Confirm:
    return confirm.model_copy(
        update={
            "title": _short(confirm.title, limits.confirm_title_chars, limits),
            "text": clip(confirm.text, limits.confirm_text_chars, limits.length),
            "verb": _short(confirm.verb, limits.confirm_verb_chars, limits),
            "back": _short(confirm.back, limits.confirm_verb_chars, limits),
        }
    )


def _option(option: Option, limits: Limits) -> Option:
    return option.model_copy(update={"label": _short(option.label, limits.option_chars, limits)})


def _field(field: FormField, limits: Limits) -> FormField:
    if field.kind is FieldKind.FILE and not limits.takes_files:
        field = field.model_copy(update={"kind": FieldKind.TEXT, "required": False, "hint": _NO_FILES})
    too_long = field.initial is not None and utf16_length(field.initial) > limits.field_initial_chars
    hint = "The present value is too long to be edited here." if too_long else field.hint
    return field.model_copy(
        update={
            "label": _short(field.label, limits.field_label_chars, limits),
            "hint": _opt(hint, limits.field_hint_chars, limits),
            "initial": None if too_long else field.initial,
            "options": tuple(_choice(choice, limits) for choice in field.options),
        }
    )


def _choice(choice: Choice, limits: Limits) -> Choice:
    return choice.model_copy(update={"label": _short(choice.label, limits.option_chars, limits)})
