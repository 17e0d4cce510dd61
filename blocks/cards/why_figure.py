"""The answer to "why?" of one figure: its range, the way it came, the rows behind it, and the run that read them."""

from collections.abc import Iterator

from blocks.cards.digest_words import NOTHING_TO_COMPARE, expected_in_words
from blocks.cards.marks import mark_button, mark_line, subject_of
from blocks.cards.notice import notice_card
from blocks.cards.view import CardView
from blocks.cards.why import why_parts, why_small_print
from blocks.elements import Action, Card, Context, Element, Fact, Facts, Item, Items, LinkButton, Payload, Tone
from blocks.text import one_line, with_unit
from store.kernel.canonical import Json, JsonObject, canonical_bytes
from store.records import Figure, FigureWhy, Mark, Stop

_OWN = "in no tool's result: its author's own"
_PAYLOAD_CHARS = 4000


def why_figure_card(why: FigureWhy, view: CardView) -> Card:
    """The answer as it stands now; told once, never redrawn."""
    figure = figure_text(why.figure)
    card = notice_card(f"Why: {figure}", "", Tone.WARNING if why.marks else Tone.NEUTRAL, simulated=view.simulated)
    return card.model_copy(
        update={
            "elements": tuple(_elements(why, view)),
            "actions": tuple(_actions(why, view)),
            "summary": f"{figure}: {_came_from(why, view)}.",
        }
    )


def figure_text(figure: Figure) -> str:
    """A figure as it is spoken of."""
    return f"{one_line(figure.label)} {with_unit(figure.value, figure.unit)}"


def _elements(why: FigureWhy, view: CardView) -> Iterator[Element]:
    yield _facts(why, view)
    own = (why.kind, why.output_id)
    if why.marks:
        rows = tuple(mark_line(one, view, own=(one.output_kind, one.output_id) == own) for one in why.marks)
        yield Items(heading="Disputed", rows=rows, total=len(rows))
    yield _way(why, view)
    if evidence := _evidence(why):
        yield _payload("The rows behind it", evidence)
    yield from why_parts(why.why, view)
    yield Context(parts=why_small_print(why.why))


def _facts(why: FigureWhy, view: CardView) -> Facts:
    figure = why.figure
    formed = figure.formed or _formed(why) or ("not said" if figure.is_compared else None)
    known = (
        ("Value", with_unit(figure.value, figure.unit)),
        ("Expected", expected_in_words(figure) or NOTHING_TO_COMPARE),
        ("How that was formed", formed),
        ("Against the week before", figure.change),
        ("As of", view.when(figure.as_of) if figure.as_of else None),
        ("Its author says", figure.source),
    )
    return Facts(rows=tuple(Fact(label=label, value=value) for label, value in known if value))


def _formed(why: FigureWhy) -> str | None:
    """What the tool itself says of the range it gave with the value."""
    step = why.stops[-1].step if why.stops else None
    said = _around(step.result, why.stops[-1].path)[0].get("formed") if step else None
    return said if isinstance(said, str) else None


def _way(why: FigureWhy, view: CardView) -> Items:
    rows = tuple(_stop(stop, view) for stop in why.stops)
    return Items(heading="Where it came from", rows=rows, total=len(rows), empty=f"It stands {_OWN}.")


def _stop(stop: Stop, view: CardView) -> Item:
    if stop.handoff is not None:
        handed = stop.handoff
        text = f"Handed over by {view.agent(handed.sender)} under {handed.contract}, at {stop.path}"
        tainted = ", touched by strangers' words" if handed.tainted else ""
        detail = f"confidence {handed.confidence}{tainted}, {view.when(handed.sent_at)}"
        return Item(text=text, detail=detail, url=view.link("runs", handed.run_id))
    step = stop.step
    name = f"{step.name}, step {step.key}" if step else "a step"
    when = view.when(step.finished_at or step.started_at) if step else None
    run = view.link("runs", step.run_id) if step else None
    return Item(text=f"{view.agent(stop.agent_id)} read it with {name}, at {stop.path}", detail=when, url=run)


def _came_from(why: FigureWhy, view: CardView) -> str:
    if not why.stops:
        return _OWN
    agents = dict.fromkeys(view.agent(stop.agent_id) for stop in why.stops)
    tool = why.stops[-1].step
    return f"from {' by way of '.join(reversed(agents))}" + (f", read with {tool.name}" if tool else "")


def _evidence(why: FigureWhy) -> JsonObject:
    """What the tool gave beside the value: the values next to it, the evidence nearest above, and what was asked."""
    step = why.stops[-1].step if why.stops else None
    if step is None:
        return {}
    beside, evidence = _around(step.result, why.stops[-1].path)
    asked = step.request.get("arguments")
    found: JsonObject = {"asked": asked} if asked else {}
    evidence = _of_source(evidence, beside.get("source"))
    return {**found, **({"beside": beside} if beside else {}), **({"evidence": evidence} if evidence else {})}


def _of_source(evidence: Json, source: Json) -> Json:
    """The evidence without the files of other sources, where the value names its own."""
    files = evidence.get("files") if isinstance(evidence, dict) else None
    if not isinstance(evidence, dict) or not isinstance(files, list) or not isinstance(source, str):
        return evidence
    mine: list[Json] = [one for one in files if isinstance(one, dict) and one.get("source") == source]
    return {**evidence, "files": mine or files}


def _around(result: Json, path: str) -> tuple[JsonObject, Json]:
    beside: JsonObject = {}
    evidence: Json = None
    current: Json = result
    for part in path.split("/")[1:]:
        if isinstance(current, dict):
            evidence = current.get("evidence", evidence)
            beside = {name: one for name, one in current.items() if not isinstance(one, dict | list)}
            current = current.get(part.replace("~1", "/").replace("~0", "~"))
        elif isinstance(current, list) and part.isdecimal() and int(part) < len(current):
            current = current[int(part)]
    return beside, evidence


def _payload(label: str, value: JsonObject) -> Payload:
    try:
        text = canonical_bytes(value).decode()
    except (TypeError, ValueError):
        text = repr(value)
    return Payload(text=text[:_PAYLOAD_CHARS], label=label, total_chars=len(text), folded=True)


def _actions(why: FigureWhy, view: CardView) -> Iterator[Action]:
    own = (why.kind, why.output_id, why.place)
    yield mark_button(subject_of(why.kind, why.output_id, why.number), figure_text(why.figure), _mine(why.marks, own))
    if url := view.link("runs", why.why.run.id):
        yield LinkButton(label="Open run", url=url)


def _mine(marks: tuple[Mark, ...], own: tuple[object, ...]) -> Mark | None:
    """The mark on this very figure, if there is one; others are taken back where they were made."""
    return next((one for one in marks if (one.output_kind, one.output_id, one.place) == own), None)
