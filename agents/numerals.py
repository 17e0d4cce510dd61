"""Numbers in prose: each must be one the record holds, or the sentence is not published. Pure."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from store.kernel.canonical import Json, JsonObject
from store.records import Step, StepKind, StepState

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
"""A number as a reader sees it, sign and unit apart: 7, 71.4, 1,204, the parts of 2026-11-21; not the 1 of `sha1`."""
_DATE_TIME = re.compile(r"(?<=\d)T(?=\d)")


def invented(prose: Iterable[str], record: Iterable[Json]) -> tuple[str, ...]:
    """Numbers the prose gives that stand nowhere in the record, in the order of the prose, each once.

    The length of a list counts as in the record: how many there are can be seen there.
    """
    known = {number for value in record for number in _numbers_of(value)}
    said = (number for text in prose for number in _numbers_in(text))
    return tuple(dict.fromkeys(number for number in said if number not in known))


def record_of(steps: Iterable[Step], context: JsonObject) -> list[Json]:
    """What a mind may take a number from: what it was told at the start, and what its tools returned; never itself."""
    return [context, *(step.result for step in steps if step.kind is StepKind.TOOL and step.state is StepState.DONE)]


def digest_prose(digest: JsonObject) -> list[str]:
    """The sentences of a digest: everything a reader takes for words rather than for a figure."""
    prose = [digest.get("title"), digest.get("headline"), digest.get("cannot_see")]
    for section in _items(digest.get("sections")):
        prose += [section.get("heading"), section.get("lines")] if isinstance(section, dict) else []
    return [text for value in prose for text in _texts(value)]


def digest_figures(digest: JsonObject) -> list[str]:
    """The figures of a digest, with what they are compared to."""
    figures = [figure for figure in _items(digest.get("figures")) if isinstance(figure, dict)]
    return [str(figure[name]) for figure in figures for name in ("value", "baseline", "change") if figure.get(name)]


def _texts(value: Json) -> list[str]:
    return [str(text) for text in (value if isinstance(value, list) else [value]) if text is not None]


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _numbers_in(text: str) -> Iterator[str]:
    """The numbers of a text in one form each: `1,204.50` and `1204.5` are the same."""
    return (_one_form(found) for found in _NUMBER.findall(_DATE_TIME.sub(" ", text)))


def _numbers_of(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _numbers_of(inner)
    elif isinstance(value, list):
        yield str(len(value))
        for inner in value:
            yield from _numbers_of(inner)
    elif not isinstance(value, bool) and value is not None:
        yield from _numbers_in(str(value))


def _one_form(number: str) -> str:
    plain = number.replace(",", "")
    return plain if plain.count(".") > 1 else format(Decimal(plain).normalize(), "f")


def is_figure(text: str) -> bool:
    """True for a text that is one number and nothing else."""
    return _FIGURE.fullmatch(text) is not None


_FIGURE = re.compile(r"[-+]?\d+(?:\.\d+)?")
