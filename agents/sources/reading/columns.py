"""Which column of a file is which column of its format. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.sources.formats.format import Column, Format, Kind, plain_name


@dataclass(frozen=True, slots=True)
class Placed:
    """One column of a file. `column` None: the format does not know it, and it keeps its heading as its name.

    Its heading is then a stranger's word: `said` is what may be quoted instead.
    """

    index: int
    name: str
    column: Column | None

    @property
    def kind(self) -> Kind | None:
        """What its cells are; None when they have to tell themselves."""
        return None if self.column is None else self.column.kind

    @property
    def said(self) -> str:
        """How a message names it."""
        return f"column {self.index + 1}" if self.column is None else self.name


def known_names(form: Format) -> dict[str, Column]:
    """Every heading the format knows, as headings are compared."""
    return {plain_name(name): column for column in form.columns for name in (column.name, *column.called)}


def fit(form: Format, header: Sequence[str]) -> int:
    """How many groups of required columns the header has."""
    known = known_names(form)
    there = {known[name].name for heading in header if (name := plain_name(heading.strip(' "'))) in known}
    return sum(1 for group in form.required if there & set(group))


def placed(form: Format, header: Sequence[str]) -> tuple[Placed, ...]:
    """Every column of the file, in its order."""
    known = {} if form.open_columns else known_names(form)
    return tuple(_place(index, heading, known.get(plain_name(heading))) for index, heading in enumerate(header))


def _place(index: int, heading: str, column: Column | None) -> Placed:
    return Placed(index, column.name if column else heading, column)


def trouble_with(form: Format, columns: Sequence[Placed], time: str | None) -> str | None:
    """Why a table with these columns cannot be read, as the end of a sentence about it; None when it can."""
    names = [plain_name(one.name) for one in columns]
    if "" in names:
        return f"has no heading over column {names.index('') + 1}."
    twice = next((one for one in columns if names.count(plain_name(one.name)) > 1), None)
    if twice is not None:
        first, second = [number for number, name in enumerate(names, 1) if name == plain_name(twice.name)][:2]
        return f"has the same column twice: {first} and {second}."
    missing = next((group for group in form.required if not {one.name for one in columns} & set(group)), None)
    if missing is not None:
        return f"has no column {_expected(form, missing)}."
    if time is not None and plain_name(time) not in names:
        return f"has no column {time!r}, which dates its rows."
    return None


def _expected(form: Format, group: Sequence[str]) -> str:
    names = [next((name for name in one.called), one.name) for one in form.columns if one.name in group]
    return " or ".join(f"{name!r}" for name in names)


def dating(form: Format, columns: Sequence[Placed], time: str | None) -> Placed | None:
    """The column that dates the rows; None when none does."""
    if time is not None:
        return next((one for one in columns if plain_name(one.name) == plain_name(time)), None)
    by_name = {one.name: one for one in columns}
    return next((by_name[name] for name in form.times if name in by_name), None)
