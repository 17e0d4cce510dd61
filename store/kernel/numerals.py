"""Numbers as a reader sees them, in prose and in data, in one form each. Pure."""

import re
from collections.abc import Iterator
from decimal import Decimal

from store.kernel.canonical import Json

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
"""A number as a reader sees it, sign and unit apart: 7, 71.4, 1,204, the parts of 2026-11-21; not the 1 of `sha1`."""
_DATE_TIME = re.compile(r"(?<=\d)T(?=\d)")
_FIGURE = re.compile(r"[-+]?\d+(?:\.\d+)?")


def numbers_in(text: str) -> Iterator[str]:
    """The numbers of a text in one form each: `1,204.50` and `1204.5` are the same."""
    return (one_form(found) for found in _NUMBER.findall(_DATE_TIME.sub(" ", text)))


def numbers_of(value: Json) -> Iterator[str]:
    """The numbers of a JSON document, and how long each of its lists is: how many there are can be seen there."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers_of(inner)
    elif isinstance(value, list):
        yield str(len(value))
        for inner in value:
            yield from numbers_of(inner)
    elif not isinstance(value, bool) and value is not None:
        yield from numbers_in(str(value))


def is_figure(text: str) -> bool:
    """True for a text that is one number and nothing else."""
    return _FIGURE.fullmatch(text) is not None


def one_form(number: str) -> str:
    """The one form of a number that may be written in several: `1,204.50` is `1204.5`; what is no number stays."""
    plain = number.replace(",", "")
    return plain if plain.count(".") > 1 else format(Decimal(plain).normalize(), "f")
