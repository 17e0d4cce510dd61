"""What is said about a policy before any call is made."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]
Location: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding about one rule. An error means the policy does not do what it says; a warning, that it may not.

    `location` leads from the rule to the part concerned (("when", "args.amount")); empty for the rule as a whole.
    """

    rule_id: str
    message: str
    severity: Severity = "error"
    location: Location = ()
    allowed: str | None = None
    nearest: str | None = None


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like a misspelt word; None when none is close."""
    return next(iter(difflib.get_close_matches(word, list(names), n=1, cutoff=0.6)), None)


def listed(names: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(names) or "nothing yet"
