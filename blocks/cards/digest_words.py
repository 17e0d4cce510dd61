"""The lines of a digest, each in one fixed form, so that a reader and a checker find the same thing in it."""

from blocks.cards.view import CardView, age
from blocks.elements import Align, Column, Item, Table
from blocks.text import clip, one_line, sentence, with_unit
from blocks.words import APPROVAL_WORD, FIGURE_OK
from store.kernel.money import format_usd
from store.records import ApprovalState, Decided, Digest, Figure, Frame, Missing, Need, Standing

NEEDS_YOU = "Needs you"
"""The heading of the section that comes first, wherever the digest's writer put it."""
COULD_NOT_SEE = "Could not see"
STANDING = "Still out of range"
WAS_DECIDED = "Decided"
RECOMMENDED = "Recommended"
NOTHING_NEEDED = "Needs you: nothing."
"""How a quiet day begins."""
NOTHING_TO_COMPARE = "nothing to compare with"
_NOTHING = "–"
_NEED_CHARS = 110
"""Of what a card asks: enough to know whether to open it."""
_USUALLY = "usually "
_COLUMNS = (
    Column(name="Figure"),
    Column(name="Now", align=Align.RIGHT),
    Column(name="Expected", align=Align.RIGHT),
    Column(name="Against week before", align=Align.RIGHT),
    Column(name="Status"),
)


def expected_in_words(figure: Figure) -> str | None:
    """What a figure is held against: its range, words, or what is usual; None when there is nothing."""
    if figure.lower is not None and figure.upper is not None:
        return f"{figure.lower} to {with_unit(figure.upper, figure.unit)}"
    if figure.lower is not None or figure.upper is not None:
        bound = f"at least {figure.lower}" if figure.upper is None else f"at most {figure.upper}"
        return with_unit(bound, figure.unit)
    if figure.expected is not None:
        return figure.expected
    return None if figure.baseline is None else f"{_USUALLY}{with_unit(figure.baseline, figure.unit)}"


def figure_in_words(figure: Figure) -> str:
    """One figure as a phrase."""
    note = ", ".join(part for part in (figure.change, expected_in_words(figure)) if part) or NOTHING_TO_COMPARE
    status = "" if figure.status == FIGURE_OK else f", {figure.status}"
    return f"{figure.label} {with_unit(figure.value, figure.unit)} ({note}{status})"


def figure_table(digest: Digest) -> Table:
    """The figures; a column in which none of them has anything is left out."""
    rows = [_row(figure) for figure in digest.figures]
    used = [index for index in range(len(_COLUMNS)) if any(row[index] != _NOTHING for row in rows)]
    return Table(
        columns=tuple(_COLUMNS[index] for index in used),
        rows=tuple(tuple(row[index] for index in used) for row in rows),
        total_rows=len(rows),
        total_columns=len(used),
    )


def _row(figure: Figure) -> tuple[str, ...]:
    expected = (expected_in_words(figure) or _NOTHING).removeprefix(_USUALLY)
    now = with_unit(figure.value, figure.unit)
    return (figure.label, now, expected, figure.change or _NOTHING, figure.status)


def need_line(need: Need, frame: Frame, view: CardView) -> Item:
    """Something that waits for a person: since how long, whose it is, and where to do it."""
    detail = f"waiting {age(need.since, frame.as_of)} for {view.person(need.owner)}"
    return Item(text=clip(one_line(need.text), _NEED_CHARS), detail=detail, url=view.link("cards", need.card))


def alert_line(alert: Standing, frame: Frame, view: CardView) -> Item:
    """An alert in one line, with how long it has stood."""
    value = with_unit(alert.value, alert.unit)
    text = f"{alert.title}: {value}, expected {alert.expected}, for {age(alert.since, frame.as_of)}"
    state = "" if alert.state == "open" else f", {alert.state}"
    owner = f"{view.person(alert.owner)}{state}"
    detail = f"since {view.at_time(alert.since, frame.as_of)}, {owner}. {sentence(alert.next_step)}"
    return Item(text=text, detail=detail, url=view.link("cards", f"alert:{alert.alert_id}"))


def decided_line(one: Decided, frame: Frame, view: CardView) -> Item:
    """What came of an approval, and who decided it."""
    who = f"by {view.people(one.by)}" if one.by else "nobody decided"
    detail = f"{APPROVAL_WORD[ApprovalState(one.state)]}, {who}, {view.at_time(one.at, frame.as_of)}"
    return Item(text=clip(one_line(one.text), _NEED_CHARS), detail=detail, url=view.link("cards", one.card))


def missing_line(missing: Missing, frame: Frame, view: CardView) -> Item:
    """An agent that did not do what was due, with the time of its last data."""
    last = f"last data {view.at_time(missing.last_at, frame.as_of)}" if missing.last_at else "no data yet"
    return Item(text=f"{view.agent(missing.agent_id)} {missing.reason}", detail=last)


def blind_spot(digest: Digest) -> str:
    """What a quiet digest cannot see: nothing that was due is missing, and beyond its sources it is blind."""
    sees = digest.frame.sees if digest.frame else ()
    known = f"only {', '.join(sees)}" if sees else "only what its tools read"
    return f"Nothing that was due is missing; it sees {known}, and nothing else."


def work_in_words(frame: Frame) -> str:
    """How the tasks stand."""
    return f"tasks: {frame.work.finished} finished, {frame.work.running} running, {frame.work.blocked} blocked"


def cost_in_words(frame: Frame) -> str:
    """What was spent, against what may be."""
    cap = "no cap" if frame.cap_micros is None else f"of {format_usd(frame.cap_micros)}"
    return f"spent {format_usd(frame.spent_micros)} {cap}"
