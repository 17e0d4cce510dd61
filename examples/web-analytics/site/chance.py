"""Chance from keys: the same key gives the same number on every machine and every Python, in any order."""

import hashlib

_WHOLE = 2**48
_HALVES = 12


def unit(*key: object) -> float:
    """A number from 0 up to 1, spread evenly."""
    return int.from_bytes(_digest(key)[:6], "big") / _WHOLE


def below(limit: int, *key: object) -> int:
    """A whole number from 0 up to `limit`, which is left out."""
    return int(unit(*key) * limit)


def bell(*key: object) -> float:
    """A number around 0 that is seldom beyond 3: twelve even ones added up."""
    digest = _digest(key)
    return sum(int.from_bytes(digest[2 * n : 2 * n + 2], "big") / 65536 for n in range(_HALVES)) - _HALVES / 2


def around(expected: float, spread: float, *key: object) -> int:
    """A whole number around `expected` that strays by a part of it (0.03 is 3 %) and, as counts do, by its root."""
    strayed = expected * (1 + spread * bell("spread", *key)) + expected**0.5 * bell("count", *key)
    return max(0, round(strayed))


def _digest(key: tuple[object, ...]) -> bytes:
    return hashlib.sha256(repr(tuple(str(part) for part in key)).encode()).digest()
