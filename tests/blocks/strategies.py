"""Random cards, random texts, and the texts that have caused trouble before."""

from hypothesis import strategies as st

from blocks.elements import (
    MADE_UP_MAX,
    Align,
    Button,
    Card,
    Chart,
    Choice,
    Column,
    Confirm,
    Context,
    Divider,
    Element,
    Fact,
    Facts,
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
    StepMark,
    StepRow,
    Steps,
    Style,
    Table,
    Text,
    Tone,
)
from blocks.tokens import Verb, encode
from tests.blocks.samples import HOSTILE

_TROUBLE = [
    "<!channel>",
    "<@U0123456789>",
    "@everyone",
    "@here",
    "<@&123456789012345678>",
    "[a](https://evil.test)",
    "<https://evil.test|bank>",
    "```",
    "``",
    "`",
    "***",
    "__",
    "~~",
    "||",
    "\\",
    "\n# head\n",
    "\n-# small",
    "\n- item",
    "\n1. one",
    "\n> quote",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'>",
    "&amp;",
    "{{ 7*7 }}",
    "\u202e",
    "\u200b",
    "\u200d",
    "\ufe0f",
    "\x1b[31m",
    "\x00",
    "\r\n",
    "\r",
    "\u2028",
    "\U000e0041",
    "\U0001f469\u200d\U0001f467",
    "\u05e9\u05dc\u05d5\u05dd",
    "<t:1:R>",
    "https://evil.test/a_b",
    HOSTILE,
]

any_text = st.text(max_size=30)
"""Any text pydantic takes: no lone surrogates."""

hostile_text = st.lists(st.sampled_from(_TROUBLE) | any_text, max_size=6).map("".join)
"""Pieces of trouble next to each other and to anything else."""

long_text = st.builds(lambda text, times: text * times, hostile_text, st.integers(0, 120))
"""The same, up to far beyond every limit."""

_url = st.sampled_from(["https://console.test/runs/a", "http://127.0.0.1:8420", None])


def _rows(row: st.SearchStrategy[object], most: int) -> st.SearchStrategy[tuple[object, ...]]:
    # Few distinct rows repeated: as wide a range of sizes at a fraction of the cost.
    repeated = st.builds(lambda rows, times: tuple(rows) * times, st.lists(row, max_size=3), st.integers(0, most // 3))
    return repeated | st.lists(row, max_size=4).map(tuple)


_fact = st.builds(Fact, label=hostile_text, value=long_text, baseline=st.none() | hostile_text)
_item = st.builds(Item, text=long_text, detail=st.none() | long_text, url=_url)
_step = st.builds(
    StepRow,
    name=long_text,
    mark=st.sampled_from(StepMark),
    state=hostile_text,
    duration=st.none() | hostile_text,
    detail=st.none() | long_text,
)


@st.composite
def _tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 24))
    columns = tuple(Column(name=draw(hostile_text), align=draw(st.sampled_from(Align))) for _ in range(width))
    row = tuple(draw(hostile_text) for _ in range(min(width, 3)))
    rows = (tuple(row[index % len(row)] for index in range(width)),) * draw(st.integers(0, 220))
    return Table(
        columns=columns, rows=rows, total_rows=draw(st.integers(0, 300)), caption=draw(st.none() | hostile_text)
    )


_chart = st.builds(
    Chart, title=hostile_text, alt=long_text, spec=st.just({}), file_name=st.just("chart.png"), table=_tables()
)

_freely_many = st.one_of(
    st.builds(Text, text=long_text, heading=st.none() | long_text),
    st.builds(Facts, rows=_rows(_fact, 40), total=st.integers(0, 60)),
    st.builds(Items, heading=st.none() | hostile_text, rows=_rows(_item, 240), total=st.integers(0, 400)),
    st.builds(Steps, title=long_text, rows=_rows(_step, 150), total=st.integers(0, 400)),
    st.builds(Quoted, text=long_text, source=long_text),
    st.builds(Payload, label=long_text, text=long_text, note=st.none() | long_text, folded=st.booleans()),
    st.builds(Image, file_name=st.just("picture.png"), alt=long_text),
    st.builds(Divider),
    st.builds(Context, parts=_rows(long_text, 30)),
)


@st.composite
def _elements(draw: st.DrawFn) -> tuple[Element, ...]:
    several = draw(st.lists(_freely_many, max_size=5)) * draw(st.sampled_from([1, 1, 1, 4, 15]))
    once = [draw(strategy) for strategy in (_tables(), _chart) if draw(st.booleans())]
    return tuple(draw(st.permutations([*several, *once])) if len(several) < 10 else [*once, *several])


_confirms = st.builds(Confirm, title=long_text, text=long_text, verb=hostile_text, back=hostile_text)


def _token(number: int) -> str:
    return encode(Verb.APPROVE, f"record_{number}", number)


@st.composite
def _forms(draw: st.DrawFn, number: int) -> Form:
    fields = tuple(draw(_fields(index)) for index in range(draw(st.integers(1, 5))))
    return Form(
        title=draw(long_text),
        submit=draw(long_text),
        token=_token(number),
        intro=draw(st.none() | long_text),
        fields=fields,
    )


@st.composite
def _fields(draw: st.DrawFn, index: int) -> FormField:
    kind = draw(st.sampled_from(FieldKind))
    options = tuple(Choice(label=draw(long_text), value=f"v{n}") for n in range(draw(st.integers(1, 4))))
    return FormField(
        name=f"field {index}",
        label=draw(long_text),
        kind=kind,
        required=draw(st.booleans()),
        initial=draw(st.none() | long_text),
        hint=draw(st.none() | long_text),
        options=options if kind is FieldKind.CHOICE else (),
    )


@st.composite
def _actions(draw: st.DrawFn) -> tuple[Button | Menu | LinkButton | FormButton, ...]:
    return tuple(draw(_action(number * 100)) for number in range(draw(st.integers(0, 5))))


@st.composite
def _action(draw: st.DrawFn, number: int) -> Button | Menu | LinkButton | FormButton:
    label, style, about = (
        draw(long_text),
        draw(st.sampled_from([Style.PLAIN, Style.DANGER])),
        draw(st.none() | long_text),
    )
    match draw(st.integers(0, 3)):
        case 0:
            confirm = draw(st.none() | _confirms)
            return Button(label=label, token=_token(number), style=style, about=about, confirm=confirm)
        case 1:
            options = tuple(
                Option(label=draw(hostile_text), token=_token(number + n)) for n in range(draw(st.integers(1, 25)))
            )
            return Menu(label=label, options=options)
        case 2:
            return LinkButton(label=label, url="https://console.test/")
        case _:
            return FormButton(label=label, form=draw(_forms(number)), style=style, about=about)


def forms() -> st.SearchStrategy[Form]:
    """Any form the model allows."""
    return _forms(1)


cards = st.builds(
    Card,
    key=st.text(min_size=1, max_size=200),
    revision=st.integers(0, 10**9),
    kind=st.just("run"),
    tone=st.sampled_from(Tone),
    state=long_text,
    title=long_text,
    summary=long_text,
    simulated=st.booleans(),
    made_up=st.none() | st.text(min_size=1, max_size=MADE_UP_MAX),
    elements=_elements(),
    actions=_actions(),
)
"""Any card the model allows, most of them far larger than any surface takes."""


class Drawn:
    """A card in a wrapper that prints briefly: a failing one may have a megabyte, and its blob reproduces it."""

    def __init__(self, card: Card) -> None:
        self.card = card

    def __repr__(self) -> str:
        return f"Drawn({self.card.key!r}, {len(self.card.elements)} elements)"


@st.composite
def drawn_cards(draw: st.DrawFn) -> Drawn:
    """`cards`, printed briefly: hypothesis would write out how a mapped or built value came about."""
    return Drawn(draw(cards))
