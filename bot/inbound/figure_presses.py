"""What "why?" and "this is wrong" do on a figure: the answer for whoever asked, the mark for everybody."""

from blocks.cards import (
    FIGURE_FIELD,
    WRONG_FIELD,
    figure_text,
    read_figure,
    whole_digest_card,
    why_figure_card,
    wrong_form,
)
from blocks.elements import Form
from blocks.text import clip
from bot.inbound.desk import Desk, Pressed
from bot.surfaces.base import Answer
from store.actions.marks import mark_wrong, withdraw_mark
from store.handle import Store
from store.kernel.errors import Refused, UserMistake
from store.kernel.ids import derive
from store.queries import findings, marks
from store.queries.why_figure import why_figure
from store.records import Mark, OutputKind

REASON_CHARS = 300
"""Of what a person writes; the rest is cut, visibly."""


def ask_why(desk: Desk, pressed: Pressed) -> Answer:
    """What is behind the figure. Raises NotFound when it is gone."""
    kind, output_id, number = _figure(pressed.press.record_id)
    return Answer(card=why_figure_card(why_figure(desk.store, kind, output_id, number), desk.presenter.view))


def show_all(desk: Desk, pressed: Pressed) -> Answer:
    """The whole digest, for whoever asked. Raises NotFound when it is gone."""
    digest = findings.digest(desk.store, pressed.press.record_id)
    return Answer(card=whole_digest_card(digest, desk.presenter.view))


def form_of(desk: Desk, pressed: Pressed) -> Form:
    """The form that asks which figure is wrong, and why."""
    kind, output_id, number = _figure(pressed.press.record_id)
    return wrong_form(pressed.press.record_id, figures_of(desk.store, kind, output_id), number)


def mark(desk: Desk, pressed: Pressed) -> Answer:
    """Puts the person's word on every card that used the figure."""
    kind, output_id, number = _figure(pressed.press.record_id)
    chosen = pressed.field(FIGURE_FIELD)
    number = int(chosen) if chosen.isdecimal() else number
    reason = clip(pressed.field(WRONG_FIELD), REASON_CHARS)
    if not reason:
        raise UserMistake("Say what is wrong with it, in a few words.")
    found = why_figure(desk.store, kind, output_id, number)
    made = Mark(
        id=derive("mark", kind.value, output_id, found.place, pressed.event.surface, pressed.event.key),
        output_kind=kind,
        output_id=output_id,
        place=found.place,
        figure=figure_text(found.figure),
        by=pressed.person.id,
        surface=pressed.event.surface,
        reason=reason,
        at=desk.store.clock.now(),
    )
    marked = mark_wrong(desk.store, made, pressed.actor)
    return Answer(text=f"Marked: {marked.figure}. Every card that used it says so now.")


def withdraw(desk: Desk, pressed: Pressed) -> Answer:
    """Takes a mark back: its author, or whoever may decide for the team. Raises Refused for anybody else."""
    known = marks.mark(desk.store, pressed.press.record_id)
    if pressed.person.id != known.by and desk.team.approvals.role not in pressed.person.roles:
        raise Refused("Only who marked it, or an approver, can take the mark back.", "mark.author")
    withdraw_mark(desk.store, known.id, pressed.actor)
    return Answer(text=f"Taken back: {known.figure} is not marked any more.")


def figures_of(store: Store, kind: OutputKind, output_id: str) -> tuple[str, ...]:
    """The figures of an output, as they are spoken of."""
    if kind is OutputKind.DIGEST:
        return tuple(figure_text(one) for one in findings.digest(store, output_id).figures)
    return (figure_text(why_figure(store, kind, output_id, 0).figure),)


def _figure(subject: str) -> tuple[OutputKind, str, int]:
    found = read_figure(subject)
    if found is None:
        raise UserMistake("There is no such figure.", "Open the card again and press there.")
    return found
