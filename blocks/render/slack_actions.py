"""A card's actions and forms as Block Kit elements, and the way back from what Slack sends.

https://docs.slack.dev/reference/block-kit/block-elements and https://docs.slack.dev/reference/views, 2026-11-21.
"""

from collections.abc import Mapping, Sequence

from blocks.elements import (
    Action,
    Button,
    Confirm,
    Feedback,
    FieldKind,
    Form,
    FormButton,
    FormField,
    LinkButton,
    Menu,
    Option,
    Style,
)
from blocks.fit import fit_form
from blocks.limits import SLACK, SLACK_ACCESSIBILITY_CHARS, SLACK_MODAL_METADATA_CHARS, SLACK_OPTION_CHARS
from blocks.render.slack_rich import plain, rich, run, section
from blocks.text import clip, one_line, slack_length, slack_literal
from store.kernel.canonical import Json, JsonObject

LINK = "link"
"""The value of a menu's entry that opens an address and changes nothing."""

_ANSWER = "answer"
_BUTTONS = 3
"""Side by side on one card: more, and none of them stands out."""


def action_elements(actions: Sequence[Action]) -> list[Json]:
    """The actions as elements. Where there are more than three, links stand behind three dots: they change nothing."""
    links = [action for action in actions if isinstance(action, LinkButton)]
    if len(actions) <= _BUTTONS or not links:
        return [_element(action, number) for number, action in enumerate(actions)]
    pressed = [action for action in actions if not isinstance(action, LinkButton)]
    return [*(_element(action, number) for number, action in enumerate(pressed)), _links(links)]


def _links(links: Sequence[LinkButton]) -> JsonObject:
    options: list[Json] = [
        {"text": plain(clip(link.label, SLACK_OPTION_CHARS, slack_length)), "value": LINK, "url": link.url}
        for link in links
    ]
    return {"type": "overflow", "action_id": "links", "options": options}


def _element(action: Action, number: int) -> JsonObject:
    """One action; `number` keeps action ids apart within the block."""
    match action:
        case Button() | FormButton():
            return _button(action, number)
        case Menu():
            return _menu(action, number)
        case Feedback():
            return feedback_element(action, number)
        case LinkButton():
            return {"type": "button", "action_id": f"link:{number}", "text": plain(action.label), "url": action.url}


def plain_feedback(feedback: Feedback) -> tuple[Button, ...]:
    """The two answers as buttons like any other, for where Slack's own are not to be had."""
    return tuple(Button(label=one.label, token=one.token, about=feedback.label) for one in feedback.options)


def pressed_token(action: Mapping[str, Json]) -> str | None:
    """The token in one entry of a block_actions payload's `actions`; None for a link, which changes nothing."""
    chosen = action.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, dict) else action.get("value")
    return value if isinstance(value, str) and value != LINK else None


def render_form(form: Form, private_metadata: str = "") -> JsonObject:
    """The form as a modal view. Its `callback_id` is the form's token.

    `private_metadata` (at most 3,000 characters, ValueError above) comes back with the submission untouched.
    """
    if len(private_metadata) > SLACK_MODAL_METADATA_CHARS:
        raise ValueError(f"private_metadata has {len(private_metadata)} of {SLACK_MODAL_METADATA_CHARS} characters")
    shown = fit_form(form, SLACK)
    intro: list[Json] = [rich([section([run(shown.intro)])])] if shown.intro else []
    return {
        "type": "modal",
        "callback_id": form.token,
        "private_metadata": private_metadata,
        "title": plain(shown.title),
        "submit": plain(shown.submit),
        "close": plain("Cancel"),
        "blocks": [*intro, *(_input(field) for field in shown.fields)],
    }


def form_answers(view: Mapping[str, Json]) -> dict[str, str]:
    """Field name → answer, from a view_submission's `view`; an empty answer is the empty string."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    blocks = values if isinstance(values, dict) else {}
    return {name: _answer(block) for name, block in blocks.items()}


def form_files(view: Mapping[str, Json]) -> list[tuple[str, JsonObject]]:
    """Field name and Slack's file object of every file given, from a view_submission's `view`."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    blocks = values if isinstance(values, dict) else {}
    return [(name, file) for name, block in blocks.items() for file in _given(block)]


def _given(block: Json) -> list[JsonObject]:
    element = block.get(_ANSWER) if isinstance(block, dict) else None
    files = element.get("files") if isinstance(element, dict) else None
    return [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []


def _answer(block: Json) -> str:
    element = block.get(_ANSWER) if isinstance(block, dict) else None
    if not isinstance(element, dict):
        return ""
    chosen = element.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, dict) else element.get("value")
    return value if isinstance(value, str) else ""


def _button(action: Button | FormButton, number: int) -> JsonObject:
    button: JsonObject = {
        "type": "button",
        "action_id": f"press:{number}",
        "text": plain(action.label),
        "value": action.token,
    }
    if action.style is not Style.PLAIN:
        button["style"] = action.style.value
    if action.about:
        spoken = f"{action.label}: {one_line(action.about)}"
        button["accessibility_label"] = slack_literal(clip(spoken, SLACK_ACCESSIBILITY_CHARS, slack_length))
    if isinstance(action, Button) and action.confirm:
        button["confirm"] = _confirm(action.confirm, action.style)
    return button


def _confirm(confirm: Confirm, style: Style) -> JsonObject:
    dialog: JsonObject = {
        "title": plain(confirm.title),
        "text": plain(confirm.text),
        "confirm": plain(confirm.verb),
        "deny": plain(confirm.back),
    }
    return {**dialog, "style": "danger"} if style is Style.DANGER else dialog


def feedback_element(feedback: Feedback, number: int) -> JsonObject:
    """Two thumbs; only a context_actions block takes them."""
    good, bad = (_feedback_button(option, feedback.label) for option in feedback.options)
    buttons: JsonObject = {"type": "feedback_buttons", "action_id": f"feedback:{number}"}
    return {**buttons, "positive_button": good, "negative_button": bad}


def _feedback_button(option: Option, question: str) -> JsonObject:
    spoken = clip(f"{question} {option.label}", SLACK_ACCESSIBILITY_CHARS, slack_length)
    return {"text": plain(option.label), "value": option.token, "accessibility_label": slack_literal(spoken)}


def _menu(menu: Menu, number: int) -> JsonObject:
    options: list[Json] = [{"text": plain(option.label), "value": option.token} for option in menu.options]
    return {
        "type": "static_select",
        "action_id": f"menu:{number}",
        "placeholder": plain(menu.label),
        "options": options,
    }


def _input(field: FormField) -> JsonObject:
    block: JsonObject = {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label),
        "optional": not field.required,
        "element": _input_element(field),
    }
    return {**block, "hint": plain(field.hint)} if field.hint else block


def _input_element(field: FormField) -> JsonObject:
    if field.kind is FieldKind.CHOICE:
        return _choice(field)
    if field.kind is FieldKind.FILE:
        return {"type": "file_input", "action_id": _ANSWER, "max_files": field.max_files}
    element: JsonObject = {
        "type": "plain_text_input",
        "action_id": _ANSWER,
        "multiline": field.kind is FieldKind.MULTILINE,
    }
    if field.kind is FieldKind.NUMBER:
        element = {"type": "number_input", "action_id": _ANSWER, "is_decimal_allowed": False}
    return {**element, "initial_value": field.initial} if field.initial else element


def _choice(field: FormField) -> JsonObject:
    options: list[Json] = [{"text": plain(choice.label), "value": choice.value} for choice in field.options]
    element: JsonObject = {"type": "static_select", "action_id": _ANSWER, "options": options}
    chosen = next(
        (option for option, choice in zip(options, field.options, strict=True) if choice.value == field.initial), None
    )
    return {**element, "initial_option": chosen} if chosen else element
