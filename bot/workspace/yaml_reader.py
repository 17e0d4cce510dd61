"""Reads one bounded YAML file into nodes with positions. Beyond plain data (anchors, tags, merges) all is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml.error import Mark
from yaml.reader import ReaderError

from bot.workspace.nodes import Entry, ListNode, MapNode, Node, Place, ScalarNode
from bot.workspace.problems import Problem, problem_at, quoted
from bot.workspace.secret_scan import secret_kind

FILE_MAX_BYTES = 256 * 1024
DEPTH_MAX = 16
NODES_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Document:
    """What one file held. `node` is None when it could not be read to its end; the problems then say why."""

    node: Node | None
    problems: tuple[Problem, ...]


def read_yaml(file: str, content: bytes, prefix: str = "") -> Document:
    """Reads the bytes of a file called `file`; `prefix` is the path its top stands at in the whole workspace.

    Never raises for any bytes: whatever is wrong becomes a problem, and no problem shows a secret.
    """
    top = Place(file, 1, 1, prefix)
    if len(content) > FILE_MAX_BYTES:
        return _unreadable(top, f"the file has {len(content)} bytes", f"at most {FILE_MAX_BYTES}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _unreadable(Place(file, line, 1, prefix), "the file is not UTF-8 text", None)
    builder = _Builder(top)
    try:
        builder.build(text)
    except yaml.YAMLError as error:
        builder.problems.append(_syntax(error, text, top))
        builder.top = None
    return Document(builder.top, tuple(builder.problems))


def _unreadable(place: Place, message: str, allowed: str | None) -> Document:
    return Document(None, (problem_at(place, message, allowed=allowed),))


def _syntax(error: yaml.YAMLError, text: str, top: Place) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        place = Place(top.file, error.problem_mark.line + 1, error.problem_mark.column + 1, top.path)
        said = error.problem or "it ends too early"
        return problem_at(place, f"this is not YAML: {'it cannot be read' if secret_kind(said) else said}")
    position = error.position if isinstance(error, ReaderError) else 0
    before = text[:position]
    place = Place(top.file, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1, top.path)
    return problem_at(place, "this is not YAML: a control character stands here")


class _TooMuch(yaml.MarkedYAMLError):
    """The document is larger than any workspace: reading stops."""


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; `key` is the one whose value comes next."""

    place: Place
    is_map: bool
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    key: tuple[str, Place] | None = None
    keep: bool = True


class _Builder:
    """Turns the parser's events into nodes without recursion, so that depth is a limit and not a crash."""

    def __init__(self, top: Place) -> None:
        self.top: Node | None = None
        self.problems: list[Problem] = []
        self._start = top
        self._open: list[_Open] = []
        self._count = 0

    def build(self, text: str) -> None:
        for event in self._first_document(text):
            self._take(event)
        if self.top is None:
            self.problems.append(problem_at(self._start, "the file is empty", allowed="a mapping"))

    def _first_document(self, text: str) -> Iterator[yaml.Event]:
        seen = False
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.DocumentStartEvent) and seen:
                self._report(self._place(event), "a second document starts here", "one document in a file")
                return
            seen = seen or isinstance(event, yaml.DocumentStartEvent)
            yield event

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end()
        elif isinstance(event, yaml.ScalarEvent):
            self._plain_only(event)
            self._put(self._scalar(event))
        elif isinstance(event, yaml.AliasEvent):
            place = self._place(event)
            self._report(place, "an alias stands here", "the value itself, written out")
            self._put(ScalarNode(place, "", plain=True, settled=True))

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._counted(event)
        self._plain_only(event)
        if len(self._open) >= DEPTH_MAX:
            raise _TooMuch(problem=f"nested deeper than {DEPTH_MAX} levels", problem_mark=_mark(event))
        self._open.append(_Open(self._place(event), isinstance(event, yaml.MappingStartEvent)))

    def _end(self) -> None:
        done = self._open.pop()
        node: Node = (
            MapNode(done.place, tuple(done.entries)) if done.is_map else ListNode(done.place, tuple(done.items))
        )
        self._put(node)

    def _put(self, node: Node) -> None:
        if not self._open:
            self.top = node
            return
        parent = self._open[-1]
        if not parent.is_map:
            parent.items.append(node)
        elif parent.key is None:
            self._open_key(parent, node)
        else:
            self._close_key(parent, node)

    def _open_key(self, parent: _Open, node: Node) -> None:
        if not isinstance(node, ScalarNode):
            self._report(node.place, "a key must be text")
        name = node.text if isinstance(node, ScalarNode) and not node.settled else ""
        twice = next((entry for entry in parent.entries if entry.key == name), None)
        parent.keep = twice is None and isinstance(node, ScalarNode) and not node.settled
        place = Place(node.place.file, node.place.line, node.place.column, _joined(parent.place.path, name))
        if twice is not None:
            self._report(
                place, f"the key {quoted(name)} stands here again; it was first given in line {twice.place.line}"
            )
        parent.key = (name, place)

    def _close_key(self, parent: _Open, node: Node) -> None:
        if parent.key is not None and parent.keep:
            parent.entries.append(Entry(parent.key[0], parent.key[1], node))
        parent.key = None

    def _scalar(self, event: yaml.ScalarEvent) -> ScalarNode:
        self._counted(event)
        place = self._place(event)
        kind = secret_kind(event.value)
        if kind is not None:
            self._report(place, f"this looks like {kind}", "the NAME of an environment variable that holds it")
        return ScalarNode(place, "" if kind else event.value, plain=event.style is None, settled=kind is not None)

    def _place(self, event: yaml.Event) -> Place:
        mark = _mark(event)
        return Place(self._start.file, mark.line + 1, mark.column + 1, self._path())

    def _path(self) -> str:
        if not self._open:
            return self._start.path
        parent = self._open[-1]
        if not parent.is_map:
            return f"{parent.place.path}[{len(parent.items)}]"
        return parent.place.path if parent.key is None else parent.key[1].path

    def _plain_only(self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if event.anchor is not None:
            self._report(
                self._place(event), "an anchor stands here", "plain values; write each one out where it is used"
            )
        if event.tag not in (None, "!"):
            self._report(self._place(event), "a YAML tag stands here", "plain values")

    def _counted(self, event: yaml.Event) -> None:
        self._count += 1
        if self._count > NODES_MAX:
            raise _TooMuch(problem=f"more than {NODES_MAX} values", problem_mark=_mark(event))

    def _report(self, place: Place, message: str, allowed: str | None = None) -> None:
        self.problems.append(problem_at(place, message, allowed=allowed))


def _mark(event: yaml.Event) -> Mark:
    if not isinstance(event.start_mark, Mark):
        raise TypeError("the pure Python parser marks every event")
    return event.start_mark


def _joined(path: str, key: str) -> str:
    shown = quoted(key)[1:-1] if key else '""'
    return f"{path}.{shown}" if path else shown
