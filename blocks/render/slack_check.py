"""The limits of a Slack message, checked on the finished dictionary: what slack_sdk's own models do not see."""

from collections.abc import Iterator
from typing import Any

from blocks import limits
from blocks.text import utf16_length


def problems(message: dict[str, Any]) -> list[str]:
    """What Slack would refuse or cut, one sentence each; empty for a message inside every limit."""
    blocks = message["blocks"]
    found = [*_of_message(message, blocks)]
    for block in blocks:
        found += _of_block(block)
    return found


def view_problems(blocks: list[dict[str, Any]]) -> list[str]:
    """The same of the blocks of a Home view."""
    found = [*_of_view(blocks)]
    for block in blocks:
        found += _of_block(block)
    return found


def text_chars(value: Any) -> int:
    """All text inside a block, counted as UTF-16 units: keys that hold text a reader sees."""
    if isinstance(value, list):
        return sum(text_chars(item) for item in value)
    if not isinstance(value, dict):
        return 0
    own = sum(utf16_length(value[key]) for key in ("text", "title", "alt_text") if isinstance(value.get(key), str))
    return own + sum(text_chars(item) for item in value.values())


def _of_message(message: dict[str, Any], blocks: list[dict[str, Any]]) -> Iterator[str]:
    if not 0 < len(blocks) <= limits.SLACK_BLOCKS:
        yield f"{len(blocks)} of {limits.SLACK_BLOCKS} blocks"
    yield from _of_text(blocks)
    if not 0 < len(message["text"]) <= limits.SLACK_FALLBACK_CHARS:
        yield f"{len(message['text'])} of {limits.SLACK_FALLBACK_CHARS} characters of fallback text"
    if sum(block["type"] == "table" for block in blocks) > limits.SLACK_TABLES:
        yield "more than one table"
    if sum(block["type"] == "data_visualization" for block in blocks) > limits.SLACK_CHARTS:
        yield f"more than {limits.SLACK_CHARTS} charts"
    yield from _of_ids(blocks)


def _of_view(blocks: list[dict[str, Any]]) -> Iterator[str]:
    if not 0 < len(blocks) <= limits.SLACK_HOME_BLOCKS:
        yield f"{len(blocks)} of {limits.SLACK_HOME_BLOCKS} blocks"
    yield from _of_text(blocks)
    yield from _of_ids(blocks)
    for block in blocks:
        if block["type"] == "section":
            yield from _over("section", block["text"]["text"], limits.SLACK_TEXT_CHARS)
            yield from _of_overflow(block.get("accessory"))


def _of_text(blocks: list[dict[str, Any]]) -> Iterator[str]:
    if text_chars(blocks) > limits.SLACK_MESSAGE_CHARS:
        yield f"{text_chars(blocks)} of {limits.SLACK_MESSAGE_CHARS} characters"


def _of_ids(blocks: list[dict[str, Any]]) -> Iterator[str]:
    ids = [block.get("block_id") for block in blocks]
    if len(set(ids)) != len(ids):
        yield "two blocks have one block_id"


def _of_block(block: dict[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield from _over("header", block["text"]["text"], limits.SLACK_HEADER_CHARS)
        case "rich_text":
            for part in block["elements"]:
                yield from _over_units("rich_text part", text_chars(part), limits.SLACK_TEXT_CHARS)
        case "context":
            yield from _of_context(block["elements"])
        case "table":
            yield from _of_table(block)
        case "plan":
            yield from _many("plan tasks", block["tasks"], limits.SLACK_PLAN_TASKS)
        case "data_visualization":
            yield from _of_chart(block)
        case "image":
            yield from _over("alt text", block["alt_text"], limits.SLACK_ALT_CHARS)
        case "actions" | "context_actions":
            yield from _of_actions(block["elements"])


def _of_chart(block: dict[str, Any]) -> Iterator[str]:
    chart = block["chart"]
    yield from _over("chart title", block["title"], limits.SLACK_CHART_TITLE_CHARS)
    yield from _many("chart series", chart["series"], limits.SLACK_CHART_SERIES)
    categories = chart["axis_config"]["categories"]
    for label in categories:
        yield from _over("chart label", label, limits.SLACK_CHART_LABEL_CHARS)
    for axis in ("x_label", "y_label"):
        yield from _over("chart axis", chart["axis_config"].get(axis, ""), limits.SLACK_CHART_AXIS_CHARS)
    for series in chart["series"]:
        yield from _over("chart series name", series["name"], limits.SLACK_CHART_LABEL_CHARS)
        yield from _many("chart points", series["data"], limits.SLACK_CHART_POINTS)
        if [point["label"] for point in series["data"]] != categories or len(set(categories)) != len(categories):
            yield "chart points and categories differ, or two are equal"


def _of_context(elements: list[dict[str, Any]]) -> Iterator[str]:
    yield from _many("context", elements, limits.SLACK_CONTEXT_ELEMENTS)
    for element in elements:
        yield from _over("context text", element["text"], limits.SLACK_CONTEXT_CHARS)


def _of_table(block: dict[str, Any]) -> Iterator[str]:
    yield from _many("table rows", block["rows"], limits.SLACK_TABLE_ROWS)
    yield from _many("table columns", block["rows"][0], limits.SLACK_TABLE_COLUMNS)
    yield from _over_units("table", text_chars(block["rows"]), limits.SLACK_TABLE_CHARS)


def _of_actions(elements: list[dict[str, Any]]) -> Iterator[str]:
    yield from _many("actions", elements, limits.SLACK_ACTIONS)
    ids = [element["action_id"] for element in elements]
    if len(set(ids)) != len(ids):
        yield "two actions have one action_id"
    for element in elements:
        yield from _of_action(element)


def _of_action(element: dict[str, Any]) -> Iterator[str]:
    for option in element.get("options", []):
        yield from _over("option", option["text"]["text"], limits.SLACK_OPTION_CHARS)
        yield from _over("option value", option["value"], limits.SLACK_OPTION_VALUE_CHARS)
    if element["type"] == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            yield from _of_button(element[name])
        return
    if element["type"] == "static_select":
        yield from _over("placeholder", element["placeholder"]["text"], limits.SLACK_PLACEHOLDER_CHARS)
        return
    if element["type"] == "overflow":
        yield from _many("overflow", element["options"], limits.SLACK_OVERFLOW_OPTIONS)
        return
    yield from _of_button(element)
    yield from _of_confirm(element.get("confirm"))


def _of_button(button: dict[str, Any]) -> Iterator[str]:
    yield from _over("button", button["text"]["text"], limits.SLACK_BUTTON_CHARS)
    yield from _over("accessibility label", button.get("accessibility_label", ""), limits.SLACK_ACCESSIBILITY_CHARS)


def _of_overflow(menu: dict[str, Any] | None) -> Iterator[str]:
    if menu is None:
        return
    yield from _many("overflow options", menu["options"], limits.SLACK_OVERFLOW_OPTIONS)
    for option in menu["options"]:
        yield from _over("option", option["text"]["text"], limits.SLACK_OPTION_CHARS)
        yield from _over("option value", option["value"], limits.SLACK_OPTION_VALUE_CHARS)


def _of_confirm(confirm: dict[str, Any] | None) -> Iterator[str]:
    if confirm is None:
        return
    yield from _over("confirm title", confirm["title"]["text"], limits.SLACK_CONFIRM_TITLE_CHARS)
    yield from _over("confirm text", confirm["text"]["text"], limits.SLACK_CONFIRM_TEXT_CHARS)
    for part in ("confirm", "deny"):
        yield from _over("confirm button", confirm[part]["text"], limits.SLACK_CONFIRM_BUTTON_CHARS)


def _over(what: str, text: str, limit: int) -> Iterator[str]:
    yield from _over_units(what, utf16_length(text), limit)


def _over_units(what: str, units: int, limit: int) -> Iterator[str]:
    if units > limit:
        yield f"{what}: {units} of {limit} characters"


def _many(what: str, items: list[Any], limit: int) -> Iterator[str]:
    if not 0 < len(items) <= limit:
        yield f"{what}: {len(items)} of {limit}"
