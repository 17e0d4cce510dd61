"""The checker of digests: a good one passes whatever is in it; each point, once broken, is found by its number."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.cards import digest_card
from blocks.cards.view import CardView
from blocks.digest_check import check_digest
from blocks.elements import Card, Context, Item, Items, Text
from store.records import (
    Answers,
    Digest,
    Figure,
    Frame,
    Missing,
    Need,
    Recommendation,
    Section,
    Standing,
    WorkCounts,
)
from tests.blocks.samples import NOW, VIEW, digest, framed_digest

HOUR = timedelta(hours=1)


def points(record: Digest, card: Card | None = None, view: CardView = VIEW) -> list[int]:
    found = check_digest(card or digest_card(record, view), record, view)
    return sorted({one.point for one in found})


def test_a_whole_digest_passes() -> None:
    record = framed_digest()
    assert check_digest(digest_card(record, VIEW), record, VIEW) == ()


def test_a_quiet_day_passes_and_is_two_lines() -> None:
    quiet = framed_digest(
        headline="A quiet day.",
        sections=(),
        cannot_see=(),
        late=(),
        recommendations=(),
        figures=tuple(one.model_copy(update={"status": "ok"}) for one in framed_digest().figures),
        frame=frame().model_copy(update={"needs": (), "standing": (), "missing": (), "decided": ()}),
    )
    card = digest_card(quiet, VIEW)
    assert check_digest(card, quiet, VIEW) == ()
    [words, _] = card.elements
    assert isinstance(words, Text)
    assert len(words.text.splitlines()) == 2


def frame(**changes: object) -> Frame:
    found = framed_digest().frame
    assert found is not None
    return found.model_copy(update=changes)


def test_a_digest_without_a_frame_misses_what_only_the_record_can_say() -> None:
    assert points(digest()) == [3, 6, 9]


def without(card: Card, index: int) -> Card:
    return card.model_copy(update={"elements": tuple(one for at, one in enumerate(card.elements) if at != index)})


def swapped(card: Card) -> Card:
    return card.model_copy(update={"elements": tuple(reversed(card.elements))})


def rows_without(card: Card, **fields: object) -> Card:
    """The card whose list rows lack something."""
    elements = [
        one.model_copy(update={"rows": tuple(row.model_copy(update=fields) for row in one.rows)})
        if isinstance(one, Items)
        else one
        for one in card.elements
    ]
    return card.model_copy(update={"elements": tuple(elements)})


def plus(card: Card, text: str) -> Card:
    return card.model_copy(update={"elements": (*card.elements, Text(text=text))})


@pytest.mark.parametrize(
    ("point", "breaking"),
    [
        (1, lambda card: without(card, 0)),
        (1, swapped),
        (1, lambda card: rows_without(card, url=None)),
        (1, lambda card: rows_without(card, detail=None)),
        (2, lambda card: plus(card, "word " * 300)),
        (4, lambda card: plus(card, "It was 4711.")),
        (5, lambda card: rows_without(card, url=None)),
        (5, lambda card: rows_without(card, detail="")),
        (6, lambda card: without(card, len(card.elements) - 1)),
        (7, lambda card: without(card, 1)),
        (8, lambda card: card.model_copy(update={"elements": (card.elements[0], *card.elements)})),
        (9, lambda card: without(card, len(card.elements) - 1)),
        (10, lambda card: without(card, len(card.elements) - 1)),
        (10, lambda card: without(card, 1)),
        (11, swapped),
        (11, lambda card: card.model_copy(update={"summary": " "})),
    ],
)
def test_a_card_that_misses_a_point_is_found_out(point: int, breaking: object) -> None:
    record = framed_digest()
    card = breaking(digest_card(record, VIEW))  # type: ignore[operator] # one of the functions above
    assert point in points(record, card)


FOUR = tuple(Recommendation(text=f"Do {word}", effect="more", evidence=("row",)) for word in "abcd")


@pytest.mark.parametrize(
    ("point", "changes"),
    [
        (3, {"figures": (Figure(label="Users", value="1", change="same"),)}),
        (3, {"figures": (Figure(label="Users", value="1", baseline="2"),)}),
        (4, {"headline": "Users fell to 4711."}),
        (11, {"figures": (Figure(label="Users", value="1", baseline="2", change="-1", status="🔴"),)}),
        (12, {"due_at": NOW - timedelta(minutes=6)}),
        (13, {"recommendations": (Recommendation(text="Do it", effect=" ", evidence=("row",)),)}),
        (
            13,
            {
                "recommendations": tuple(
                    Recommendation(text=f"Do {word}", effect="more", evidence=("row",)) for word in "abcd"
                )
            },
        ),
        (15, {"window_from": NOW - timedelta(days=7)}),
    ],
)
def test_a_record_that_misses_a_point_is_found_out(point: int, changes: dict[str, object]) -> None:
    record = framed_digest(**changes)
    if point == 4:
        card = digest_card(record, VIEW)
        record = framed_digest()
        assert point in points(record, card)
    else:
        assert point in points(record)


def test_a_weekly_report_shows_how_alerts_were_answered() -> None:
    week = framed_digest(window_from=NOW - timedelta(days=7), frame=frame(answers=Answers(answered=7, total=10)))
    assert points(week) == []


def test_no_link_is_asked_for_where_there_is_no_console() -> None:
    bare = CardView(timezone="Europe/Berlin")
    assert points(framed_digest(), view=bare) == []


WORDS = st.text("abcdefghijklmnop qrs", min_size=3, max_size=60).map(str.strip).filter(lambda text: len(text) > 2)
MOMENTS = st.integers(1, 60 * 24 * 20).map(lambda minutes: NOW - timedelta(minutes=minutes))
VALUES = st.integers(0, 10**6).map(str)
NEEDS = st.builds(Need, text=WORDS, since=MOMENTS, owner=st.just("ana"), card=st.just("approval:approval_a"))
STANDING = st.builds(
    Standing,
    alert_id=st.just("alert_a"),
    title=WORDS,
    value=VALUES,
    unit=st.just("users"),
    expected=st.just("at least 90"),
    since=MOMENTS,
    owner=st.just("ana"),
    next_step=WORDS,
    state=st.sampled_from(["open", "acknowledged"]),
)
FRAMES = st.builds(
    Frame,
    as_of=st.just(NOW),
    scope=st.just(("a",)),
    needs=st.lists(NEEDS, max_size=12, unique_by=lambda one: one.text).map(tuple),
    standing=st.lists(STANDING, max_size=6, unique_by=lambda one: one.title).map(tuple),
    missing=st.lists(
        st.builds(Missing, agent_id=st.sampled_from(["a", "b"]), reason=WORDS, last_at=st.none() | MOMENTS),
        max_size=2,
        unique_by=lambda one: one.agent_id,
    ).map(tuple),
    work=st.builds(WorkCounts, finished=st.integers(0, 99), running=st.integers(0, 99), blocked=st.integers(0, 99)),
    spent_micros=st.integers(0, 10**9),
    cap_micros=st.none() | st.integers(1, 10**9),
)
FIGURES = st.builds(
    Figure, label=WORDS, value=VALUES, baseline=VALUES, change=st.sampled_from(["same", "+1", "first on record"])
)


@settings(max_examples=40)
@given(
    FRAMES,
    st.lists(FIGURES, max_size=8, unique_by=lambda one: one.label).map(tuple),
    st.lists(st.builds(Section, heading=WORDS, lines=st.lists(WORDS, max_size=4).map(tuple)), max_size=4).map(tuple),
    st.lists(WORDS, max_size=3).map(tuple),
)
def test_whatever_is_on_record_its_card_passes(
    framed: Frame, figures: tuple[Figure, ...], sections: tuple[Section, ...], unseen: tuple[str, ...]
) -> None:
    record = digest(
        headline="As it was.", frame=framed, figures=figures, sections=sections, cannot_see=unseen, due_at=NOW
    )
    assert check_digest(digest_card(record, VIEW), record, VIEW) == ()


def test_small_print_of_what_is_left_out_is_no_number_of_the_digest() -> None:
    record = framed_digest()
    card = digest_card(record, VIEW)
    noted = card.model_copy(update={"elements": (*card.elements, Context(parts=("… 17 more parts left out here",)))})
    assert points(record, noted) == []


def test_an_item_under_any_heading_counts() -> None:
    card = digest_card(framed_digest(), VIEW)
    more = (*card.elements, Items(heading="Else", rows=(Item(text="It was 4711."),)))
    assert points(framed_digest(), card.model_copy(update={"elements": more})) == [4]
