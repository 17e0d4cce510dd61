"""HTML made of escaped parts only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup, escape

_VOID = frozenset({"img", "meta"})


@dataclass(frozen=True)
class Page:
    """What drawing needs beside the shapes: the address of each uploaded file and the name behind each id."""

    files: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def file(self, file_id: str) -> str:
        """The file's address. ValueError for one that nobody uploaded: Slack would refuse the message."""
        if file_id not in self.files:
            raise ValueError(f"the message shows the file {file_id}, which was not uploaded")
        return self.files[file_id]

    def name(self, some_id: str) -> str:
        """The name behind an id; the id itself when nobody has it."""
        return self.names.get(some_id, some_id)


def tag(name: str, *children: str, cls: str = "", **attributes: str) -> Markup:
    """One element. A child that is not markup already is escaped, and so is every attribute."""
    given = {**({"class": cls} if cls else {}), **{key.rstrip("_"): value for key, value in attributes.items()}}
    written = Markup("").join(Markup(' {}="{}"').format(key, value) for key, value in given.items())
    start = Markup("<{}{}>").format(name, written)
    return start if name in _VOID else Markup("{}{}</{}>").format(start, joined(children), name)


def joined(parts: Iterable[str]) -> Markup:
    """The parts one after another, each escaped unless it is markup."""
    return Markup("").join(escape(part) for part in parts)
