"""The digest card: what needs somebody, what could not be seen, the figures with what they are compared to, what to do.

A quiet day is two lines. The order and the headings never change, so that a reader finds everything by place, and a
digest that says too much is cut to what is read in a minute, visibly.
"""

from collections.abc import Iterator, Mapping, Sequence

from blocks.cards.digest_templates import (
    BUILT_IN,
    DECIDED,
    DEFAULT,
    NEEDS,
    QUIET,
    SMALL_PRINT,
    STILL,
    UNSEEN,
    values_of,
)
from blocks.cards.digest_words import (
    COULD_NOT_SEE,
    NEEDS_YOU,
    NOTHING_NEEDED,
    RECOMMENDED,
    STANDING,
    WAS_DECIDED,
    alert_line,
    blind_spot,
    cost_in_words,
    decided_line,
    figure_in_words,
    figure_table,
    missing_line,
    need_line,
    work_in_words,
)
from blocks.cards.feedback import feedback_on
from blocks.cards.marks import digest_questions
from blocks.cards.view import CardView
from blocks.elements import Action, Button, Card, Context, Element, Item, Items, LinkButton, Text, Tone
from blocks.fit import fit
from blocks.limits import DIGEST, READABLE
from blocks.templates import TemplateProblem, compose, render_template
from blocks.text import count, sentence
from blocks.tokens import Verb, encode
from blocks.words import FIGURE_OK
from store.records import CardKind, Digest, Figure, Recommendation, Section

__all__ = ["NEEDS_YOU", "digest_card", "is_quiet", "whole_digest_card"]


def digest_card(digest: Digest, view: CardView, *, revision: int = 0) -> Card:
    """The digest as it was published, cut to what is read in a minute; what was cut is a press away.

    What is missing is said first after what needs somebody, on a quiet day too.
    """
    whole = whole_digest_card(digest, view, revision=revision)
    shown = fit(whole, DIGEST)
    if shown.elements == fit(whole, READABLE).elements:
        return shown
    return shown.model_copy(update={"actions": (_show_all(digest), *shown.actions)})


def whole_digest_card(digest: Digest, view: CardView, *, revision: int = 0) -> Card:
    """All that the digest says, for whoever asks for it."""
    quiet = is_quiet(digest)
    return Card(
        key=f"digest:{digest.id}",
        revision=revision,
        kind="digest",
        tone=Tone.WARNING if _is_off(digest) else Tone.NEUTRAL,
        state="Digest",
        title=digest.title,
        summary=_summary(digest),
        simulated=view.simulated,
        elements=tuple(_elements(digest, view, quiet=quiet)),
        actions=_actions(digest, view),
    )


def is_quiet(digest: Digest) -> bool:
    """True when all is as expected: nothing needs somebody, was decided, stands, was out of sight or is to be said."""
    spoken = any(section.lines for section in digest.sections) or digest.recommendations
    frame = digest.frame
    waiting = frame is not None and (frame.needs or frame.standing or frame.decided)
    return not (spoken or waiting or _is_off(digest))


def _is_off(digest: Digest) -> bool:
    missing = digest.frame is not None and digest.frame.missing
    return bool(digest.cannot_see or digest.late or missing or _off(digest))


def _off(digest: Digest) -> tuple[Figure, ...]:
    return tuple(figure for figure in digest.figures if figure.status != FIGURE_OK)


def _summary(digest: Digest) -> str:
    missing = f" Could not see: {', '.join(digest.cannot_see)}." if digest.cannot_see else ""
    waiting = len(digest.frame.needs) if digest.frame else 0
    needs = f" {count(waiting, 'thing needs', 'things need')} you." if waiting else ""
    return f"Digest {digest.title}: {digest.headline}{needs}{missing}"


def _elements(digest: Digest, view: CardView, *, quiet: bool) -> list[Element]:
    """The blocks in the order of the workspace's template, or of the built-in one.

    Whatever a template says: what needs somebody comes first, then what could not be seen, no standing alert is left
    out, and the small print is last.
    """
    blocks = _blocks(digest, view, quiet=quiet)
    said, broken = _written(digest, view, blocks, quiet=quiet)
    first, last = [*blocks[NEEDS], *blocks[UNSEEN]], _small_print(digest, view, broken)
    fixed = (*first, *blocks[SMALL_PRINT])
    body = [one for one in said if one not in fixed]
    return [*first, *body, *(one for one in blocks[STILL] if one not in body), last]


def _written(
    digest: Digest, view: CardView, blocks: Mapping[str, Sequence[Element]], *, quiet: bool
) -> tuple[list[Element], str | None]:
    """What the template writes, and the name of one that could not be used."""
    name = digest.name if {digest.name} & {*view.templates, *view.broken_templates} else DEFAULT
    broken = name if name in view.broken_templates else None
    if name in view.templates:
        try:
            return compose(render_template(view.templates[name], values_of(digest, view, quiet=quiet)), blocks), None
        except TemplateProblem:
            broken = name
    return compose(QUIET if quiet else BUILT_IN, blocks), broken


def _blocks(digest: Digest, view: CardView, *, quiet: bool) -> dict[str, tuple[Element, ...]]:
    """What a template may place, by name; a block with nothing to say has no element."""
    unseen, standing = tuple(_unseen(digest, view)), tuple(_standing(digest, view, state="acknowledged"))
    decided = tuple(_decided(digest, view))
    sections = tuple(_section(one) for one in digest.sections if one.heading != NEEDS_YOU)
    recommended = (_recommended(digest.recommendations),) if digest.recommendations else ()
    return {
        NEEDS: (_quiet_text(digest),) if quiet else (_needs_you(digest, view),),
        UNSEEN: (Items(heading=COULD_NOT_SEE, rows=unseen, total=len(unseen)),) if unseen else (),
        "headline": (Text(text=digest.headline),),
        "figures": (figure_table(digest),) if digest.figures and not quiet else (),
        STILL: (Items(heading=STANDING, rows=standing, total=len(standing)),) if standing else (),
        DECIDED: (Items(heading=WAS_DECIDED, rows=decided, total=len(decided)),) if decided else (),
        "sections": sections,
        "recommended": recommended,
        SMALL_PRINT: (_small_print(digest, view, None),),
    }


def _quiet_text(digest: Digest) -> Text:
    figures = "; ".join(figure_in_words(figure) for figure in digest.figures)
    seen = f"{count(len(digest.figures), 'figure')} as expected" + (f": {figures}" if figures else "")
    return Text(text=f"{NOTHING_NEEDED} {digest.headline}\n{seen}. {blind_spot(digest)}")


def _needs_you(digest: Digest, view: CardView) -> Items:
    """What the record says waits, then what the writer says does; without a frame, what is off stands for it."""
    frame = digest.frame
    written = [line for section in digest.sections if section.heading == NEEDS_YOU for line in section.lines]
    framed = (
        [*(need_line(one, frame, view) for one in frame.needs), *_standing(digest, view, state="open")] if frame else []
    )
    said = written or ([] if frame else [figure_in_words(figure) for figure in _off(digest)])
    rows = (*framed, *(Item(text=line) for line in said))
    return Items(heading=NEEDS_YOU, rows=rows, total=len(rows))


def _standing(digest: Digest, view: CardView, *, state: str) -> Iterator[Item]:
    frame = digest.frame
    if frame is not None:
        yield from (
            alert_line(one, frame, view) for one in frame.standing if (one.state == "open") == (state == "open")
        )


def _unseen(digest: Digest, view: CardView) -> Iterator[Item]:
    if digest.frame is not None:
        yield from (missing_line(one, digest.frame, view) for one in digest.frame.missing)
    yield from (Item(text=name) for name in digest.cannot_see)
    yield from (Item(text=f"Late data: {name}") for name in digest.late)


def _decided(digest: Digest, view: CardView) -> Iterator[Item]:
    if digest.frame is not None:
        yield from (decided_line(one, digest.frame, view) for one in digest.frame.decided)


def _section(section: Section) -> Items:
    rows = tuple(Item(text=line) for line in section.lines)
    return Items(heading=section.heading, rows=rows, total=len(rows))


def _recommended(given: tuple[Recommendation, ...]) -> Items:
    rows = tuple(
        Item(text=one.text, detail=f"Effect: {sentence(one.effect)} Evidence: {'; '.join(one.evidence)}")
        for one in given
    )
    return Items(heading=RECOMMENDED, rows=rows, total=len(rows))


def _small_print(digest: Digest, view: CardView, broken: str | None) -> Context:
    window = f"{view.when(digest.window_from)} to {view.when(digest.window_until)}"
    parts = [f"window {window}"]
    if digest.published_at != digest.window_until:
        parts.append(f"as of {view.at_time(digest.published_at, digest.window_until)}")
    if digest.frame is not None:
        parts += [work_in_words(digest.frame), cost_in_words(digest.frame)]
        if digest.frame.answers is not None and digest.frame.answers.total:
            answers = digest.frame.answers
            parts.append(f"{answers.answered} of {count(answers.total, 'alert')} answered")
    if broken is not None:
        parts.append(f"templates/{broken}.j2 cannot be used; this is the built-in form")
    return Context(parts=(*parts, f"written by {digest.written_by}"))


def _show_all(digest: Digest) -> Button:
    return Button(label="Show all", token=encode(Verb.SHOW_ALL, digest.id, 0), about=f"of the digest {digest.title}")


def _actions(digest: Digest, view: CardView) -> tuple[Action, ...]:
    url, questions = view.link("runs", digest.run_id), digest_questions(digest)
    asked = (questions,) if questions else ()
    opens = (LinkButton(label="Open run", url=url),) if url else ()
    return (*asked, *opens, feedback_on(CardKind.DIGEST, digest.id))
