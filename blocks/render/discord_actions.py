"""A card's actions and forms as Discord components, and the way back from a submitted modal.

https://docs.discord.com/developers/components/reference, checked 2026-11-21.
"""

from collections.abc import Iterator, Mapping, Sequence

from blocks.elements import (
    Action,
    Button,
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
from blocks.limits import (
    DISCORD,
    DISCORD_DESCRIPTION_CHARS,
    DISCORD_INPUT_CHARS,
    DISCORD_MODAL_ITEMS,
    DISCORD_RADIO_OPTIONS,
    DISCORD_ROW_BUTTONS,
)
from blocks.render.discord_check import modal_problems
from blocks.render.discord_confirm import asking_first
from blocks.render.discord_elements import BUTTON, link_button, shown_label, text_display
from blocks.text import clip, discord_markdown, one_line
from store.kernel.canonical import Json, JsonObject

ACTION_ROW, STRING_SELECT, TEXT_INPUT, LABEL, FILE_UPLOAD, RADIO_GROUP = 1, 3, 4, 18, 19, 21

MENU_PREFIX = "q1menu:"
"""A menu's custom_id begins with this; what was picked is in the interaction's values."""

_STYLE = {Style.PRIMARY: 3, Style.PLAIN: 2, Style.DANGER: 4}
"""A primary button is green, as it is in Slack: it stands beside a red one."""
_THUMBS = ("👍", "👎")
_PAIRS = DISCORD_ROW_BUTTONS // len(_THUMBS)


def action_rows(actions: Sequence[Action]) -> Iterator[JsonObject]:
    """The buttons, five in a row, then each menu in a row of its own, then the two answers of every question.

    Where there is room beside the buttons, the answers stand there.
    """
    buttons: list[Json] = [_button(action) for action in actions if not isinstance(action, Menu | Feedback)]
    menus = [action for action in actions if isinstance(action, Menu)]
    asked = [_thumbs(action) for action in actions if isinstance(action, Feedback)]
    if asked and len(buttons) + len(_THUMBS) <= DISCORD_ROW_BUTTONS:
        buttons += asked.pop(0)
    if buttons:
        yield {"type": ACTION_ROW, "components": buttons}
    for number, menu in enumerate(menus):
        yield {"type": ACTION_ROW, "components": [_menu(menu, number)]}
    for start in range(0, len(asked), _PAIRS):
        thumbs = [thumb for pair in asked[start : start + _PAIRS] for thumb in pair]
        yield {"type": ACTION_ROW, "components": thumbs}


def pressed_token(data: Mapping[str, Json]) -> str | None:
    """The token in a component interaction's `data`: what was picked in a menu, or the button's own id."""
    values = data.get("values")
    token = values[0] if isinstance(values, list) and values else data.get("custom_id")
    return token if isinstance(token, str) else None


def render_form(form: Form) -> JsonObject:
    """The form as the data of a modal, whose `custom_id` is the form's token.

    A modal holds five parts: where the fields need them all, the introduction stands below the first field's label.
    Its button always says what Discord has it say. Raises ValueError if it would break a limit, which is a bug here.
    """
    shown = fit_form(form, DISCORD)
    has_room = len(shown.fields) < DISCORD_MODAL_ITEMS
    intro: list[Json] = [text_display(discord_markdown(shown.intro))] if shown.intro and has_room else []
    fields = shown.fields if has_room or not shown.intro else _introduced(shown.intro, shown.fields)
    labels: list[Json] = [_field(field) for field in fields]
    modal: JsonObject = {"custom_id": form.token, "title": shown_label(shown.title), "components": [*intro, *labels]}
    if found := modal_problems(modal):
        raise ValueError(f"form {form.title!r} breaks Discord's limits: {'; '.join(found)}")
    return modal


def form_answers(data: Mapping[str, Json]) -> dict[str, str]:
    """Field name → answer, from a modal submission's `data`; an empty answer is the empty string, and so are files."""
    return {name: _answer(component) for name, component in _given(data)}


def form_files(data: Mapping[str, Json]) -> list[tuple[str, JsonObject]]:
    """Field name and Discord's attachment object of every file given, from a modal submission's `data`."""
    resolved = data.get("resolved")
    known = resolved.get("attachments") if isinstance(resolved, dict) else None
    attachments = known if isinstance(known, dict) else {}
    return [
        (name, file)
        for name, component in _given(data)
        if component.get("type") == FILE_UPLOAD
        for file in (attachments.get(one) for one in _values(component))
        if isinstance(file, dict)
    ]


def _given(data: Mapping[str, Json]) -> Iterator[tuple[str, JsonObject]]:
    """Every field of a submission by its name, whether it stands in a label or, as in older modals, in a row."""
    components = data.get("components")
    for part in components if isinstance(components, list) else []:
        if not isinstance(part, dict):
            continue
        inner = part.get("components")
        for field in (part.get("component"), *(inner if isinstance(inner, list) else ())):
            if isinstance(field, dict) and isinstance(name := field.get("custom_id"), str):
                yield name, field


def _answer(component: JsonObject) -> str:
    if component.get("type") == FILE_UPLOAD:
        return ""  # its values name files, which come beside the answers
    value = component.get("value")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else ", ".join(_values(component))


def _values(component: JsonObject) -> list[str]:
    values = component.get("values")
    return [one for one in values if isinstance(one, str)] if isinstance(values, list) else []


def _button(action: Button | FormButton | LinkButton) -> Json:
    if isinstance(action, LinkButton):
        return link_button(action.label, action.url)
    asks = isinstance(action, Button) and action.confirm is not None
    custom_id = asking_first(action.token) if asks else action.token
    return {"type": BUTTON, "style": _STYLE[action.style], "label": shown_label(action.label), "custom_id": custom_id}


def _thumbs(feedback: Feedback) -> list[Json]:
    return [_thumb(option, thumb) for option, thumb in zip(feedback.options, _THUMBS, strict=True)]


def _thumb(option: Option, thumb: str) -> JsonObject:
    label, style = shown_label(option.label), _STYLE[Style.PLAIN]
    return {"type": BUTTON, "style": style, "label": label, "emoji": {"name": thumb}, "custom_id": option.token}


def _menu(menu: Menu, number: int) -> JsonObject:
    options: list[Json] = [{"label": shown_label(option.label), "value": option.token} for option in menu.options]
    custom_id = f"{MENU_PREFIX}{number}"
    return {"type": STRING_SELECT, "custom_id": custom_id, "placeholder": shown_label(menu.label), "options": options}


def _introduced(intro: str, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
    """The fields with the introduction before the first one's hint, cut where both are too long."""
    first, *rest = fields
    hint = " ".join(part for part in (one_line(intro), first.hint) if part)
    return (first.model_copy(update={"hint": clip(hint, DISCORD_DESCRIPTION_CHARS, DISCORD.length)}), *rest)


def _field(field: FormField) -> JsonObject:
    label: JsonObject = {"type": LABEL, "label": shown_label(field.label), "component": _component(field)}
    return {**label, "description": shown_label(field.hint)} if field.hint else label


def _component(field: FormField) -> JsonObject:
    if field.kind is FieldKind.CHOICE:
        return _choice(field)
    if field.kind is FieldKind.FILE:
        least = 1 if field.required else 0
        settings: JsonObject = {"min_values": least, "max_values": field.max_files, "required": field.required}
        return {"type": FILE_UPLOAD, "custom_id": field.name, **settings}
    return _input(field)


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
    """All answers at a glance where they are few; a menu where there are many, or only one."""
    options: list[Json] = [
        {"label": shown_label(choice.label), "value": choice.value, "default": choice.value == field.initial}
        for choice in field.options
    ]
    kind = RADIO_GROUP if 1 < len(options) <= DISCORD_RADIO_OPTIONS else STRING_SELECT
    return {"type": kind, "custom_id": field.name, "required": field.required, "options": options}
