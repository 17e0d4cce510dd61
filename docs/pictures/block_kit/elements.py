"""Interactive elements: https://docs.slack.dev/reference/block-kit/block-elements, checked 2026-11-21."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from docs.pictures.block_kit.objects import Confirm, Filled, Option, OptionGroup, PlainText, Shape, SlackFile


class Button(Shape):
    """One press, or with `url` an address that opens."""

    type: Literal["button"]
    text: PlainText
    action_id: str | None = None
    value: str | None = None
    url: str | None = None
    style: Literal["primary", "danger"] | None = None
    confirm: Confirm | None = None
    accessibility_label: str | None = None


class Overflow(Shape):
    """Rarer actions behind three dots."""

    type: Literal["overflow"]
    options: tuple[Option, ...] = Field(min_length=1, max_length=5)
    action_id: str | None = None
    confirm: Confirm | None = None


class StaticSelect(Shape):
    """A menu of one answer."""

    type: Literal["static_select"]
    options: tuple[Option, ...] = ()
    option_groups: tuple[OptionGroup, ...] = ()
    placeholder: PlainText | None = None
    initial_option: Option | None = None
    action_id: str | None = None
    confirm: Confirm | None = None
    focus_on_load: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> "StaticSelect":
        if bool(self.options) == bool(self.option_groups):
            raise ValueError("a select has either options or groups of them")
        return self


class Picker(Shape):
    """A menu that Slack itself fills: people, channels or conversations."""

    type: Literal["users_select", "channels_select", "conversations_select"]
    placeholder: PlainText | None = None
    initial_user: str | None = None
    initial_channel: str | None = None
    initial_conversation: str | None = None
    default_to_current_conversation: bool = False
    action_id: str | None = None
    focus_on_load: bool = False


class Boxes(Shape):
    """Answers side by side: several (checkboxes) or one (radio buttons)."""

    type: Literal["checkboxes", "radio_buttons"]
    options: tuple[Option, ...] = Field(min_length=1, max_length=10)
    initial_options: tuple[Option, ...] = ()
    initial_option: Option | None = None
    action_id: str | None = None
    confirm: Confirm | None = None
    focus_on_load: bool = False

    @property
    def chosen(self) -> tuple[str, ...]:
        """The values chosen before anybody clicks."""
        single = (self.initial_option,) if self.initial_option else ()
        return tuple(option.value for option in (*self.initial_options, *single))


class Moment(Shape):
    """A day or a time of day."""

    type: Literal["datepicker", "timepicker"]
    initial_date: str | None = None
    initial_time: str | None = None
    placeholder: PlainText | None = None
    action_id: str | None = None
    confirm: Confirm | None = None
    focus_on_load: bool = False


class TextInput(Shape):
    """A field to write in."""

    type: Literal["plain_text_input", "number_input", "email_text_input", "url_text_input"]
    action_id: str | None = None
    initial_value: str | None = None
    placeholder: PlainText | None = None
    multiline: bool = False
    min_length: int | None = None
    max_length: int | None = None
    is_decimal_allowed: bool | None = None
    min_value: str | None = None
    max_value: str | None = None
    focus_on_load: bool = False


class FileInput(Shape):
    """A place to drop files."""

    type: Literal["file_input"]
    action_id: str | None = None
    filetypes: tuple[str, ...] = ()
    max_files: int | None = None


class Picture(Shape):
    """A small picture beside text."""

    type: Literal["image"]
    alt_text: Filled
    image_url: str | None = None
    slack_file: SlackFile | None = None


class FeedbackButton(Shape):
    """One of two thumbs."""

    text: PlainText
    value: str
    accessibility_label: str | None = None


class FeedbackButtons(Shape):
    """Thumbs up and thumbs down."""

    type: Literal["feedback_buttons"]
    positive_button: FeedbackButton
    negative_button: FeedbackButton
    action_id: str | None = None


class IconButton(Shape):
    """One press on an icon."""

    type: Literal["icon_button"]
    icon: Literal["trash"]
    text: PlainText
    value: str | None = None
    action_id: str | None = None
    confirm: Confirm | None = None
    accessibility_label: str | None = None
    visible_to_user_ids: tuple[str, ...] = ()


Pressable: TypeAlias = Annotated[
    Button | Overflow | StaticSelect | Picker | Boxes | Moment, Field(discriminator="type")
]
Answerable: TypeAlias = Annotated[
    TextInput | StaticSelect | Picker | Boxes | Moment | FileInput, Field(discriminator="type")
]
Accessory: TypeAlias = Annotated[
    Button | Overflow | StaticSelect | Picker | Boxes | Moment | Picture, Field(discriminator="type")
]
Contextual: TypeAlias = Annotated[FeedbackButtons | IconButton, Field(discriminator="type")]
