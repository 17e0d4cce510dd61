"""Adding to a workspace file by its text: comments, order and spacing of everything else stay as they are."""

from dataclasses import dataclass
from difflib import unified_diff
from textwrap import dedent, indent

from bot.workspace.nodes import Entry, MapNode, Node, raw
from bot.workspace.problems import quoted
from bot.workspace.yaml_reader import read_yaml
from store.kernel.errors import UserMistake

TEAM_YAML = "team.yaml"
STEP = 2
"""Spaces of one level, where the file has none to go by."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A file before and after. `diff` is what a person reads, in the usual form."""

    before: str
    after: str

    @property
    def diff(self) -> str:
        lines = unified_diff(
            self.before.splitlines(), self.after.splitlines(), "team.yaml", "team.yaml, changed", lineterm="", n=2
        )
        return "\n".join(lines)


def with_entry(text: str, section: str, name: str, block: str) -> Edited:
    """The file with one more entry at the end of a section; `block` are the entry's keys, at any indentation.

    Raises UserMistake, with what to do, where the section is not written as a block, or has the name already. What is
    there otherwise reads as before, or nothing is given.
    """
    top = top_of(text)
    entry = top.entry(section)
    if entry is None or not isinstance(entry.value, MapNode) or not entry.value.entries:
        raise UserMistake(f"team.yaml has no {section} to add to.", f"Write {section}: as a block first.")
    if entry.value.entry(name) is not None:
        raise UserMistake(f"{section} has {quoted(name)} already.", "Give it another name.")
    first = entry.value.entries[0].place
    if first.line <= entry.place.line:
        raise UserMistake(
            f"{section} stands in one line, so nothing can be added to it safely.", "Write it as a block."
        )
    margin = " " * (first.column - 1)
    added = f"{margin}{name}:\n{indent(dedent(block).strip(chr(10)), margin + ' ' * STEP)}\n"
    after = inserted(text, end_of(text, top, entry), added)
    _require_only(top, top_of(after), section, name)
    return Edited(text, after)


def top_of(text: str) -> MapNode:
    """What the file says. Raises UserMistake for one that cannot be read."""
    document = read_yaml(TEAM_YAML, text.encode())
    if document.problems or not isinstance(document.node, MapNode):
        said = str(document.problems[0]) if document.problems else "it is no mapping"
        raise UserMistake(f"team.yaml cannot be read, so nothing is added: {said}")
    return document.node


def end_of(text: str, top: MapNode, entry: Entry) -> int:
    """How many lines stand before the end of a section; comments and blank lines before the next one belong to that."""
    later = [one.place.line for one in top.entries if one.place.line > entry.place.line]
    lines = text.splitlines()
    end = min(later) - 1 if later else len(lines)
    while end > entry.place.line and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def inserted(text: str, after_line: int, added: str) -> str:
    """The text with whole lines added behind one of its lines."""
    lines = text.splitlines(keepends=True)
    if after_line and not lines[after_line - 1].endswith("\n"):
        lines[after_line - 1] += "\n"
    return "".join([*lines[:after_line], added, *lines[after_line:]])


def _require_only(before: MapNode, after: MapNode, section: str, name: str) -> None:
    """What was there reads as before, and the one entry is new: else the text was not what it seemed."""
    kept = [(one.key, _said(one)) for one in after.entries if one.key != section]
    old = [(one.key, _said(one)) for one in before.entries if one.key != section]
    grown = after.get(section)
    there = before.get(section)
    if not isinstance(grown, MapNode) or not isinstance(there, MapNode):
        raise UserMistake(f"{section} cannot be added to safely.", "Add it by hand.")
    same = [(one.key, _said(one)) for one in grown.entries if one.key != name]
    if kept != old or same != [(one.key, _said(one)) for one in there.entries] or grown.entry(name) is None:
        raise UserMistake(f"{section} cannot be added to safely.", "Add it by hand.")


def _said(entry: Entry) -> str:
    """What an entry says, wherever it stands."""
    return str(plain_of(entry.value))


def plain_of(node: Node) -> object:
    """What a node says, wherever it stands."""
    return _plain(raw(node))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return getattr(value, "text", value)
