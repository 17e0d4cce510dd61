"""One problem in a workspace: where it is, what was found, what is allowed, and the nearest valid name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.workspace.nodes import Place

SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem. `line` and `column` count from 1; `path` is the key's path, empty for the file as a whole.

    An error keeps the team from loading; a warning does not. No text of a problem ever holds a secret.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    allowed: str | None = None
    nearest: str | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        subject = f"{where} {self.path}" if self.path else where
        warning = "warning: " if self.severity == "warning" else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        nearest = f'; did you mean "{self.nearest}"?' if self.nearest else ""
        return f"{subject}: {warning}{self.message}{allowed}{nearest}"


def problem_at(
    place: Place,
    message: str,
    *,
    allowed: str | None = None,
    nearest: str | None = None,
    severity: Literal["error", "warning"] = "error",
) -> Problem:
    """A problem with what stands at `place`."""
    return Problem(
        file=place.file,
        line=place.line,
        column=place.column,
        path=place.path,
        message=message,
        allowed=allowed,
        nearest=nearest,
        severity=severity,
    )


def in_reading_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, file by file, from the top."""
    return sorted(dict.fromkeys(problems), key=lambda one: (one.file, one.line, one.column, one.path, one.message))


def quoted(text: str) -> str:
    """Text from a file, for a message: in quotes, cut short, with whatever a terminal could act on escaped."""
    short = text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in short) + '"'
