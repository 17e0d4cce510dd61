"""The digest card: what needs somebody, the figures with what they are compared to, and what could not be seen.

A quiet day is two lines. The order and the headings never change, so that a reader finds everything by place, and a
digest that says too much is cut to what is read in a minute, visibly.
"""

from blocks.cards.feedback import feedback_on
from blocks.cards.view import CardView
from blocks.elements import Action, Align, Card, Column, Context, Element, Item, Items, LinkButton, Table, Text, Tone
from blocks.fit import fit
from blocks.limits import DIGEST
from blocks.text import count, with_unit
from blocks.words import FIGURE_OK
from store.records import CardKind, Digest, Figure, Section

_NOTHING = "–"
_COLUMNS = (
    Column(name="Figure"),
    Column(name="Now", align=Align.RIGHT),
    Column(name="Usually", align=Align.RIGHT),
    Column(name="Change", align=Align.RIGHT),
    Column(name="Status"),
)

NEEDS_YOU = "Needs you"
"""The heading of the section that comes first, wherever the digest's writer put it."""


def digest_card(digest: Digest, view: CardView, *, revision: int = 0) -> Card:
    """The digest as it was published. What is missing is said first after what needs somebody, on a quiet day too."""
    quiet = is_quiet(digest)
    card = Card(
        key=f"digest:{digest.id}",
        revision=revision,
        kind="digest",
        tone=Tone.NEUTRAL if not digest.cannot_see and not _off(digest) else Tone.WARNING,
        state="Digest",
        title=digest.title,
        summary=_summary(digest),
        simulated=view.simulated,
        elements=_quiet_elements(digest, view) if quiet else _elements(digest, view),
        actions=_actions(digest, view),
    )
    return fit(card, DIGEST)


def is_quiet(digest: Digest) -> bool:
    """True when every figure is as expected, no section has anything to say and nothing was out of sight."""
    spoken = any(section.lines for section in digest.sections)
    return not (spoken or digest.cannot_see or _off(digest))


def _off(digest: Digest) -> tuple[Figure, ...]:
    return tuple(figure for figure in digest.figures if figure.status != FIGURE_OK)


def _summary(digest: Digest) -> str:
    missing = f" Could not see: {', '.join(digest.cannot_see)}." if digest.cannot_see else ""
    return f"Digest {digest.title}: {digest.headline}{missing}"


def _quiet_elements(digest: Digest, view: CardView) -> tuple[Element, ...]:
    figures = "; ".join(_figure_in_words(figure) for figure in digest.figures)
    lines = f"{digest.headline}\n{count(len(digest.figures), 'figure')} as expected" + (
        f": {figures}" if figures else ""
    )
    return (Text(text=lines), _small_print(digest, view))


def _elements(digest: Digest, view: CardView) -> tuple[Element, ...]:
    elements: list[Element] = [_needs_you(digest)]
    if digest.cannot_see:
        rows = tuple(Item(text=name) for name in digest.cannot_see)
        elements.append(Items(heading="Could not see", rows=rows, total=len(rows)))
    elements.append(Text(text=digest.headline))
    if digest.figures:
        elements.append(_figures(digest.figures))
    elements += [_section(section) for section in digest.sections if section.heading != NEEDS_YOU]
    elements.append(_small_print(digest, view))
    return tuple(elements)


def _needs_you(digest: Digest) -> Items:
    written = [line for section in digest.sections if section.heading == NEEDS_YOU for line in section.lines]
    lines = written or [_figure_in_words(figure) for figure in _off(digest)]
    rows = tuple(Item(text=line) for line in lines)
    return Items(heading=NEEDS_YOU, rows=rows, total=len(rows))


def _figure_in_words(figure: Figure) -> str:
    compared = [figure.change, f"usually {with_unit(figure.baseline, figure.unit)}" if figure.baseline else None]
    note = ", ".join(part for part in compared if part) or "nothing to compare with"
    status = "" if figure.status == FIGURE_OK else f", {figure.status}"
    return f"{figure.label} {with_unit(figure.value, figure.unit)} ({note}{status})"


def _figures(figures: tuple[Figure, ...]) -> Table:
    """The figures; a column in which none of them has anything is left out."""
    rows = [_figure_row(figure) for figure in figures]
    used = [index for index in range(len(_COLUMNS)) if any(row[index] != _NOTHING for row in rows)]
    return Table(
        columns=tuple(_COLUMNS[index] for index in used),
        rows=tuple(tuple(row[index] for index in used) for row in rows),
        total_rows=len(rows),
        total_columns=len(used),
    )


def _figure_row(figure: Figure) -> tuple[str, ...]:
    usual = with_unit(figure.baseline, figure.unit) if figure.baseline else _NOTHING
    return (figure.label, with_unit(figure.value, figure.unit), usual, figure.change or _NOTHING, figure.status)


def _section(section: Section) -> Items:
    rows = tuple(Item(text=line) for line in section.lines)
    return Items(heading=section.heading, rows=rows, total=len(rows))


def _small_print(digest: Digest, view: CardView) -> Context:
    window = f"{view.when(digest.window_from)} to {view.when(digest.window_until)}"
    parts = [f"window {window}", f"written by {digest.written_by}"]
    if digest.published_at != digest.window_until:
        parts.append(f"as of {view.at_time(digest.published_at, digest.window_until)}")
    return Context(parts=tuple(parts))


def _actions(digest: Digest, view: CardView) -> tuple[Action, ...]:
    url, asks = view.link("runs", digest.run_id), feedback_on(CardKind.DIGEST, digest.id)
    return (LinkButton(label="Open run", url=url), asks) if url else (asks,)
