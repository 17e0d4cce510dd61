"""YAML with positions kept: three kinds of node, each knowing where it stands."""

from dataclasses import dataclass, replace
from typing import TypeAlias

NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
"""Plain scalars that mean nothing was written."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file, counted from 1, and the path of the key that stands there (`agents.watch.tools[2]`)."""

    file: str
    line: int
    column: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One value as written. `plain` means without quotes; `settled` means its problem is already reported."""

    place: Place
    text: str
    plain: bool
    settled: bool = False

    @property
    def is_nothing(self) -> bool:
        """True for an empty value."""
        return self.plain and self.text in NOTHING


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list, in order."""

    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping; `place` is the key's own."""

    key: str
    place: Place
    value: "Node"


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping, in order; no key stands twice."""

    place: Place
    entries: tuple[Entry, ...]

    def get(self, key: str) -> "Node | None":
        """The value of a key; None when it is not there."""
        entry = self.entry(key)
        return None if entry is None else entry.value

    def entry(self, key: str) -> Entry | None:
        """The key with its place; None when it is not there."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def keys(self) -> tuple[str, ...]:
        """The keys, in order."""
        return tuple(entry.key for entry in self.entries)

    def with_entry(self, entry: Entry) -> "MapNode":
        """A copy with one more key at the end."""
        return replace(self, entries=(*self.entries, entry))


Node: TypeAlias = ScalarNode | ListNode | MapNode


def raw(node: Node) -> object:
    """The node as dicts and lists whose leaves are still scalar nodes: what the schema validates."""
    if isinstance(node, MapNode):
        return {entry.key: raw(entry.value) for entry in node.entries}
    if isinstance(node, ListNode):
        return [raw(item) for item in node.items]
    return node


def follow(entry: Entry, location: tuple[str | int, ...]) -> Entry:
    """Goes down from a key as far as the location leads. An item of a list has the list's key and its own place."""
    for part in location:
        node = entry.value
        below = node.entry(str(part)) if isinstance(node, MapNode) else None
        if isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
            below = Entry(entry.key, node.items[part].place, node.items[part])
        if below is None:
            return entry
        entry = below
    return entry


def describe(node: Node) -> str:
    """What kind of thing stands there, in words, for a message. Text is left to the caller to quote."""
    if isinstance(node, MapNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    return "nothing" if node.is_nothing else "text"
