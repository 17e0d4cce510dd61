"""What each surface accepts, as named numbers with their source; `fit` obeys them and no renderer exceeds them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from blocks.text import discord_length, plain_length, slack_length

# Slack. Block reference: https://docs.slack.dev/reference/block-kit/blocks and …/block-elements, checked 2026-11-21;
# the same numbers stand in slack_sdk.models.blocks (3.47).
SLACK_BLOCKS = 50
"""Blocks in one message."""
SLACK_HEADER_CHARS = 150
SLACK_TEXT_CHARS = 3000
"""Text of a section; kept for rich_text too, for which no number is documented."""
SLACK_CONTEXT_ELEMENTS = 10
SLACK_CONTEXT_CHARS = 2000
SLACK_MESSAGE_CHARS = 10_000
"""All text of one message's blocks. Undocumented: near 13,200 Slack answers msg_blocks_too_long
(https://github.com/slackapi/bolt-js/issues/2509, checked 2026-11-21); this keeps a quarter free."""
SLACK_FALLBACK_CHARS = 4000
"""Top-level text; Slack asks for 4,000 and cuts at 40,000: https://docs.slack.dev/reference/methods/chat.postMessage."""
SLACK_HOME_BLOCKS = 100
"""Blocks in a Home view: https://docs.slack.dev/reference/views/home-tab-views, checked 2026-11-21."""
SLACK_OVERFLOW_OPTIONS = 5
SLACK_TABLE_ROWS = 100
SLACK_TABLE_COLUMNS = 20
SLACK_TABLE_CHARS = 10_000
SLACK_TABLES = 1
"""Tables in one message. A card has no more than this, so that every surface shows it the same."""
SLACK_PLAN_TASKS = 50
SLACK_CHARTS = 2
"""data_visualization blocks in one message; with the next five from https://docs.slack.dev/changelog, 2026-06-16."""
SLACK_CHART_SERIES = 12
SLACK_CHART_POINTS = 20
SLACK_CHART_TITLE_CHARS = 50
SLACK_CHART_LABEL_CHARS = 20
SLACK_CHART_AXIS_CHARS = 50
SLACK_ALT_CHARS = 2000
SLACK_ACTIONS = 25
SLACK_OVERFLOW_OPTIONS = 5
SLACK_BUTTON_CHARS = 75
SLACK_ACCESSIBILITY_CHARS = 75
SLACK_OPTION_CHARS = 75
SLACK_OPTION_VALUE_CHARS = 150
SLACK_PLACEHOLDER_CHARS = 150
SLACK_CONFIRM_TITLE_CHARS = 100
SLACK_CONFIRM_TEXT_CHARS = 300
SLACK_CONFIRM_BUTTON_CHARS = 30
SLACK_ID_CHARS = 255
"""action_id and block_id."""
SLACK_MODAL_TITLE_CHARS = 24
SLACK_MODAL_METADATA_CHARS = 3000
SLACK_LABEL_CHARS = 2000
SLACK_INPUT_CHARS = 3000

# Discord. https://docs.discord.com/developers/components/reference, checked 2026-11-21 against its OpenAPI file.
DISCORD_COMPONENTS = 40
"""Components of one message, nested ones counted."""
DISCORD_MESSAGE_CHARS = 4000
"""Characters over all TextDisplays of one message; the schema alone does not say so."""
DISCORD_ROW_BUTTONS = 5
DISCORD_BUTTON_CHARS = 80
DISCORD_CUSTOM_ID_CHARS = 100
DISCORD_COMPONENT_NUMBER = 2**31 - 1
"""The greatest `id` of a component, a signed 32-bit integer; 0 counts as none, and none may come twice in a message."""
DISCORD_OPTIONS = 25
DISCORD_OPTION_CHARS = 100
DISCORD_PLACEHOLDER_CHARS = 150
DISCORD_ALT_CHARS = 1024
DISCORD_URL_CHARS = 512
"""Address of a button."""
DISCORD_SECTION_TEXTS = 3
DISCORD_GALLERY_ITEMS = 10
DISCORD_RADIO_OPTIONS = 10
"""Options of a RadioGroup, which has at least two; a longer choice is a menu."""
DISCORD_TABLE_WIDTH = 40
"""Columns of a fixed pitch that a phone shows without breaking the line. Ours: Discord names no number, and breaks."""
DISCORD_MODAL_TITLE_CHARS = 45
DISCORD_MODAL_ITEMS = 5
DISCORD_LABEL_CHARS = 45
DISCORD_DESCRIPTION_CHARS = 100
DISCORD_INPUT_CHARS = 4000

# Ours: nobody reads more than this on one card, whatever a surface would take.
READABLE_ROWS = 200
READABLE_STEPS = 100
READABLE_CHARS = 60_000


STATE_CHARS = 40
"""Of the state word that begins a card's first line."""


@dataclass(frozen=True)
class Limits:
    """What one surface takes of a card, and whether a form there can ask for files (`takes_files`).

    Characters are counted by `length`, which includes what escaping adds.

    `element_chars` bounds one element (`table_chars` a table), `total_chars` and `total_pieces` a whole card; a piece
    is a block or component. `counts_layout` says that what is written beside what is read counts too: addresses behind
    a text, and the padding of a table. A table wider than `table_width` is written row by row (None: no table is). The
    first element gives way last where it says what must not be missed
    (`keeps_first`). The actions' share is already taken off, because actions are never dropped. The two overheads are
    the most a renderer adds around one element and around one string of it: fences, bullets, "… 12 more".
    """

    surface: str
    title_chars: int
    text_chars: int
    value_chars: int
    cell_chars: int
    payload_chars: int
    folded_chars: int
    alt_chars: int
    context_parts: int
    facts: int
    items: int
    steps: int
    table_rows: int
    table_columns: int
    element_chars: int
    table_chars: int
    total_chars: int
    total_pieces: int
    part_overhead_chars: int
    string_overhead_chars: int
    button_chars: int
    option_chars: int
    confirm_title_chars: int
    confirm_text_chars: int
    confirm_verb_chars: int
    form_title_chars: int
    form_submit_chars: int
    field_label_chars: int
    field_hint_chars: int
    field_initial_chars: int
    length: Callable[[str], int]
    takes_files: bool = False
    counts_layout: bool = True
    table_width: int | None = None
    keeps_first: bool = False

    def fits_title(self, text: str) -> bool:
        """True if a card's title can be all of `text` here."""
        return self.length(text) <= self.title_chars


SLACK = Limits(
    surface="slack",
    title_chars=SLACK_HEADER_CHARS - STATE_CHARS - 8,  # a sign, the state and a dot come before the title
    text_chars=SLACK_TEXT_CHARS - 200,
    value_chars=400,
    cell_chars=120,
    payload_chars=SLACK_TEXT_CHARS - 200,
    folded_chars=400,
    alt_chars=SLACK_ALT_CHARS,
    context_parts=SLACK_CONTEXT_ELEMENTS,
    facts=12,
    items=25,
    steps=SLACK_PLAN_TASKS,
    table_rows=SLACK_TABLE_ROWS - 1,  # the first row is the header
    table_columns=SLACK_TABLE_COLUMNS,
    element_chars=SLACK_TEXT_CHARS - 100,
    table_chars=SLACK_TABLE_CHARS - 3000,
    total_chars=SLACK_MESSAGE_CHARS - 1500,
    total_pieces=SLACK_BLOCKS - 5,  # header, simulated line, actions, feedback, one statement of what is left out
    part_overhead_chars=60,
    string_overhead_chars=12,
    button_chars=SLACK_BUTTON_CHARS,
    option_chars=SLACK_OPTION_CHARS,
    confirm_title_chars=SLACK_CONFIRM_TITLE_CHARS,
    confirm_text_chars=SLACK_CONFIRM_TEXT_CHARS,
    confirm_verb_chars=SLACK_CONFIRM_BUTTON_CHARS,
    form_title_chars=SLACK_MODAL_TITLE_CHARS,
    form_submit_chars=SLACK_MODAL_TITLE_CHARS,
    field_label_chars=150,
    field_hint_chars=300,
    field_initial_chars=SLACK_INPUT_CHARS,
    length=slack_length,
    takes_files=True,
)

DISCORD = Limits(
    surface="discord",
    title_chars=150,
    text_chars=1200,
    value_chars=200,
    cell_chars=120,
    payload_chars=1200,
    folded_chars=400,
    alt_chars=DISCORD_ALT_CHARS,
    context_parts=8,
    facts=8,
    items=12,
    steps=12,
    table_rows=25,
    table_columns=5,
    element_chars=1600,
    table_chars=1600,
    total_chars=DISCORD_MESSAGE_CHARS - 500,  # who is called, and links below the buttons
    total_pieces=DISCORD_COMPONENTS - 20,  # container, title, line, links, three files, actions in their rows
    part_overhead_chars=60,
    string_overhead_chars=12,
    button_chars=34,  # what a phone shows of a label: https://docs.discord.com/developers/components/reference#button
    option_chars=DISCORD_OPTION_CHARS,
    confirm_title_chars=DISCORD_MODAL_TITLE_CHARS,
    confirm_text_chars=1000,
    confirm_verb_chars=DISCORD_BUTTON_CHARS,
    form_title_chars=DISCORD_MODAL_TITLE_CHARS,
    form_submit_chars=DISCORD_BUTTON_CHARS,
    field_label_chars=DISCORD_LABEL_CHARS,
    field_hint_chars=DISCORD_DESCRIPTION_CHARS,
    field_initial_chars=DISCORD_INPUT_CHARS,
    length=discord_length,
    takes_files=True,
    table_width=DISCORD_TABLE_WIDTH,
)

DISCORD_LIST = replace(DISCORD, items=SLACK.items, element_chars=DISCORD.total_chars - 300)
"""Discord, for a card that is one list and nothing else: the list has the message to itself, but for its first line."""

READABLE = Limits(
    surface="readable",
    title_chars=300,
    text_chars=8000,
    value_chars=1000,
    cell_chars=500,
    payload_chars=20_000,
    folded_chars=20_000,
    alt_chars=2000,
    context_parts=12,
    facts=20,
    items=READABLE_ROWS,
    steps=READABLE_STEPS,
    table_rows=READABLE_ROWS,
    table_columns=20,
    element_chars=READABLE_CHARS // 2,
    table_chars=READABLE_CHARS // 2,
    total_chars=READABLE_CHARS,
    total_pieces=80,
    part_overhead_chars=60,
    string_overhead_chars=12,
    button_chars=120,
    option_chars=120,
    confirm_title_chars=200,
    confirm_text_chars=2000,
    confirm_verb_chars=60,
    form_title_chars=120,
    form_submit_chars=60,
    field_label_chars=200,
    field_hint_chars=500,
    field_initial_chars=20_000,
    length=plain_length,
)
"""The console and the terminal, which have room: only what nobody would read is left out."""

DIGEST = replace(
    READABLE,
    surface="digest",
    title_chars=120,
    text_chars=400,
    value_chars=200,
    cell_chars=32,
    items=8,
    table_rows=16,
    total_chars=1500,
    element_chars=900,
    table_chars=900,
    total_pieces=20,
    part_overhead_chars=2,
    string_overhead_chars=2,
    counts_layout=False,
    keeps_first=True,
)
"""What a digest says before "… more": 1,500 characters and 20 parts, read in a minute."""

HOME = replace(
    SLACK,
    surface="home",
    text_chars=600,
    value_chars=240,
    payload_chars=500,
    items=10,
)
"""One entry of a home page: short, because a page holds many."""

HOME_ROW_CHARS = 240
"""Of each line of an agent's row."""

TITLED_ON = (SLACK, DISCORD)
"""The surfaces whose first line is shortest."""

BY_SURFACE = {"slack": SLACK, "discord": DISCORD, "html": READABLE, "text": READABLE, "json": READABLE}
"""Limits by the name a renderer is asked for."""
