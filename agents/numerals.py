"""Numbers in prose: each must be one the record holds, or the sentence is not published. Pure."""

from collections.abc import Iterable

from store.kernel.canonical import Json, JsonObject
from store.kernel.numerals import numbers_in, numbers_of
from store.records import Step, StepKind, StepState


def invented(prose: Iterable[str], record: Iterable[Json]) -> tuple[str, ...]:
    """Numbers the prose gives that stand nowhere in the record, in the order of the prose, each once.

    The length of a list counts as in the record: how many there are can be seen there.
    """
    known = {number for value in record for number in numbers_of(value)}
    said = (number for text in prose for number in numbers_in(text))
    return tuple(dict.fromkeys(number for number in said if number not in known))


def record_of(steps: Iterable[Step], context: JsonObject) -> list[Json]:
    """What a mind may take a number from: what it was told at the start, and what its tools returned; never itself."""
    return [context, *(step.result for step in steps if step.kind is StepKind.TOOL and step.state is StepState.DONE)]


def digest_prose(digest: JsonObject) -> list[str]:
    """The sentences of a digest: everything a reader takes for words rather than for a figure."""
    prose = [digest.get(name) for name in ("title", "headline", "cannot_see", "late")]
    for part in (*_items(digest.get("sections")), *_items(digest.get("recommendations"))):
        prose += [part.get(name) for name in _PROSE] if isinstance(part, dict) else []
    return [text for value in prose for text in _texts(value)]


def digest_figures(digest: JsonObject) -> list[str]:
    """The figures of a digest, with what they are compared to."""
    figures = [figure for figure in _items(digest.get("figures")) if isinstance(figure, dict)]
    return [str(figure[name]) for figure in figures for name in _FIGURES if figure.get(name)]


_PROSE = ("heading", "lines", "text", "effect", "evidence")
_FIGURES = ("value", "baseline", "lower", "upper", "expected", "formed", "same_weekday", "change")


def _texts(value: Json) -> list[str]:
    return [str(text) for text in (value if isinstance(value, list) else [value]) if text is not None]


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
