"""A card's actions and forms as Discord components, and the way back from a submitted modal.

https://docs.discord.com/developers/components/reference, checked 2026-11-21.
"""

from collections.abc import Iterator, Mapping, Sequence

from blocks.elements import Action, Button, Feedback, FieldKind, Form, FormButton, FormField, LinkButton, Menu, Style
from blocks.fit import fit_form
from blocks.limits import DISCORD, DISCORD_INPUT_CHARS, DISCORD_MODAL_ITEMS
from blocks.render.discord_confirm import asking_first
from blocks.render.discord_elements import NOTHING, text_display
from blocks.text import discord_literal, discord_markdown
from store.kernel.canonical import Json, JsonObject

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT, LABEL, FILE_UPLOAD = 1, 2, 3, 4, 18, 19

MENU_PREFIX = "q1menu:"
"""A menu's custom_id begins with this; what was picked is in the interaction's values."""

_STYLE = {Style.PRIMARY: 1, Style.PLAIN: 2, Style.DANGER: 4}
_LINK = 5


def action_rows(actions: Sequence[Action]) -> Iterator[JsonObject]:
    """All buttons in one row, then each menu in its own; feedback is a menu of two."""
    buttons: list[Json] = [_button(action) for action in actions if not isinstance(action, Menu | Feedback)]
    if buttons:
        yield {"type": ACTION_ROW, "components": buttons}
    for number, menu in enumerate(action for action in actions if isinstance(action, Menu | Feedback)):
        yield {"type": ACTION_ROW, "components": [_menu(menu, number)]}


def pressed_token(data: Mapping[str, Json]) -> str | None:
    """The token in a component interaction's `data`: what was picked in a menu, or the button's own id."""
    values = data.get("values")
    token = values[0] if isinstance(values, list) and values else data.get("custom_id")
    return token if isinstance(token, str) else None


def render_form(form: Form) -> JsonObject:
    """The form as the data of a modal, whose `custom_id` is the form's token.

    A modal holds five parts: the introduction is shown when the fields leave room for it.
    """
    shown = fit_form(form, DISCORD)
    fields: list[Json] = [_field(field) for field in shown.fields]
    room = len(fields) < DISCORD_MODAL_ITEMS
    intro: list[Json] = [text_display(discord_markdown(shown.intro))] if shown.intro and room else []
    return {"custom_id": form.token, "title": _label(shown.title), "components": [*intro, *fields]}


def form_answers(data: Mapping[str, Json]) -> dict[str, str]:
    """Field name → answer, from a modal submission's `data`; an empty answer is the empty string."""
    return {str(answered.get("custom_id", "")): _answer(answered) for answered in _answered(data)}


def form_files(data: Mapping[str, Json]) -> list[tuple[str, JsonObject]]:
    """Field name and Discord's attachment object of every file given, from a modal submission's `data`."""
    resolved = data.get("resolved")
    attachments = resolved.get("attachments") if isinstance(resolved, dict) else None
    known = attachments if isinstance(attachments, dict) else {}
    given = ((str(one.get("custom_id", "")), one.get("values")) for one in _answered(data) if _takes_files(one))
    pairs = ((name, known.get(str(each))) for name, ids in given if isinstance(ids, list) for each in ids)
    return [(name, file) for name, file in pairs if isinstance(file, dict)]


def _answered(data: Mapping[str, Json]) -> Iterator[JsonObject]:
    components = data.get("components")
    for label in components if isinstance(components, list) else []:
        component = label.get("component") if isinstance(label, dict) else None
        if isinstance(component, dict):
            yield component


def _takes_files(component: JsonObject) -> bool:
    return component.get("type") == FILE_UPLOAD


def _answer(component: JsonObject) -> str:
    if _takes_files(component):
        return ""  # its values name files, which come beside the answers
    values = component.get("values")
    value = values[0] if isinstance(values, list) and values else component.get("value")
    return value if isinstance(value, str) else ""


def _label(text: str) -> str:
    # Labels show letters, never markdown.
    return discord_literal(text) or NOTHING


def _button(action: Button | FormButton | LinkButton) -> JsonObject:
    if isinstance(action, LinkButton):
        return {"type": BUTTON, "style": _LINK, "label": _label(action.label), "url": action.url}
    asks = isinstance(action, Button) and action.confirm is not None
    custom_id = asking_first(action.token) if asks else action.token
    return {"type": BUTTON, "style": _STYLE[action.style], "label": _label(action.label), "custom_id": custom_id}


def _menu(menu: Menu | Feedback, number: int) -> JsonObject:
    options: list[Json] = [{"label": _label(option.label), "value": option.token} for option in menu.options]
    custom_id = f"{MENU_PREFIX}{number}"
    return {"type": STRING_SELECT, "custom_id": custom_id, "placeholder": _label(menu.label), "options": options}


def _field(field: FormField) -> JsonObject:
    component = _choice(field) if field.kind is FieldKind.CHOICE else _input(field)
    label: JsonObject = {"type": LABEL, "label": _label(field.label), "component": component}
    return {**label, "description": _label(field.hint)} if field.hint else label


def _input(field: FormField) -> JsonObject:
    element: JsonObject = {
        "type": TEXT_INPUT,
        "custom_id": field.name,
        "style": 2 if field.kind is FieldKind.MULTILINE else 1,
        "required": field.required,
        "max_length": DISCORD_INPUT_CHARS,
    }
    return {**element, "value": field.initial} if field.initial else element


def _choice(field: FormField) -> JsonObject:
    options: list[Json] = [
        {"label": _label(choice.label), "value": choice.value, "default": choice.value == field.initial}
        for choice in field.options
    ]
    return {"type": STRING_SELECT, "custom_id": field.name, "required": field.required, "options": options}
