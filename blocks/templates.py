"""Templates of digests, sandboxed: a workspace may say in which order and under which headings a digest is read.

A template is Jinja with almost everything taken away. What is left is text, values, `if`, `for` two deep and a few
filters: nothing can be called, assigned, included or repeated without end, so how long one takes and how much it writes
is bounded by its own length. Each line it writes is a heading (`## …`), a list row (`- …`), the name of a built-in
block (`[figures]`) or a sentence. What people must see first cannot be left out: see `blocks.cards.digest`.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from blocks.elements import Element, Item, Items, Text

if TYPE_CHECKING:
    from jinja2 import Environment, Template, nodes

SOURCE_MAX_CHARS = 16_000
OUTPUT_MAX_CHARS = 8_000
LOOPS_DEEP = 2
FILTERS = ("upper", "lower", "capitalize", "title", "trim", "length", "first", "last", "default", "join")
_ALLOWED = (
    *("Template", "Output", "TemplateData", "For", "If", "CondExpr", "Name", "Getattr", "Getitem", "Const"),
    *("Filter", "Test", "Compare", "Operand", "And", "Or", "Not", "Concat"),
)
_MARKS = ("#", "-", "[")
"""What begins a line that means something; a value that begins so is set off by a space."""


class TemplateProblem(Exception):
    """What is wrong with a template, in one sentence, and in which line (from 1)."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message, self.line = message, line


class _Loop(NamedTuple):
    node: "nodes.Node"
    depth: int


def check_template(source: str, sample: Mapping[str, Any]) -> TemplateProblem | None:
    """What keeps a template from being used, tried on a sample with every value there is; None when it is sound."""
    try:
        render_template(source, sample)
    except TemplateProblem as problem:
        return problem
    return None


def render_template(source: str, values: Mapping[str, Any]) -> str:
    """The template's text. Raises TemplateProblem for one that is not sound, or that needs what is not there."""
    from jinja2 import TemplateError

    try:
        return _bounded(_compiled(source).generate(**values))
    except TemplateProblem as problem:
        raise TemplateProblem(problem.message, max(problem.line, _line_of(problem))) from problem
    except TemplateError as error:
        raise TemplateProblem(error.message or "It cannot be rendered.", _line_of(error)) from error
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise TemplateProblem(f"It cannot be rendered: {error}", _line_of(error)) from error


def _bounded(parts: Iterator[str]) -> str:
    """What is written, given up once it is too much."""
    kept: list[str] = []
    written = 0
    for part in parts:
        written += len(part)
        if written > OUTPUT_MAX_CHARS:
            raise TemplateProblem(f"It writes more than {OUTPUT_MAX_CHARS} characters.")
        kept.append(part)
    return "".join(kept)


def compose(text: str, blocks: Mapping[str, Sequence[Element]]) -> list[Element]:
    """The elements that a template's text stands for; each built-in block at most once. An unknown block is text."""
    elements: list[Element] = []
    used: set[str] = set()
    for line in text.splitlines():
        name = line[1:-1] if line.startswith("[") and line.endswith("]") else None
        if name is not None and name in blocks:
            elements += [] if name in used else blocks[name]
            used.add(name)
        elif line.strip():
            _add_line(elements, line)
    return elements


def _add_line(elements: list[Element], line: str) -> None:
    if line.startswith("## "):
        elements.append(Items(heading=line[3:].strip(), rows=()))
    elif line.startswith("- ") and elements and isinstance(elements[-1], Items):
        last = elements[-1]
        rows = (*last.rows, Item(text=line[2:].strip()))
        elements[-1] = last.model_copy(update={"rows": rows, "total": len(rows)})
    elif elements and isinstance(elements[-1], Text):
        elements[-1] = Text(text=f"{elements[-1].text}\n{line.strip()}")
    else:
        elements.append(Text(text=line.strip()))


@lru_cache(maxsize=32)
def _compiled(source: str) -> "Template":
    from jinja2 import TemplateSyntaxError

    if len(source) > SOURCE_MAX_CHARS:
        raise TemplateProblem(f"It has {len(source)} characters; at most {SOURCE_MAX_CHARS}.")
    environment = _environment()
    try:
        tree = environment.parse(source)
        for loop in _walked(tree, 0):
            _require_allowed(loop)
        return environment.from_string(source)
    except TemplateSyntaxError as error:
        raise TemplateProblem(error.message or "It is no template.", error.lineno) from error
    except RecursionError as error:
        raise TemplateProblem("It is nested too deep.") from error


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, finalize=_said
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS if name != "join"} | {"join": _joined}
    return environment


def _said(value: object) -> object:
    """A value as it is written: one line, never mistaken for a heading, a row or a block; nothing but text, numbers."""
    from jinja2 import Undefined

    if isinstance(value, Undefined):
        return str(value)  # which raises, and says what is not there
    if isinstance(value, str):
        line = " ".join(value.split())
        return f" {line}" if line.startswith(_MARKS) else line
    if value is None or isinstance(value, int):
        return "" if value is None else value
    raise TemplateProblem(f"A {type(value).__name__} cannot be written; name one of its values.")


def _joined(values: object, between: str = ", ") -> str:
    if not isinstance(values, list | tuple):
        raise TemplateProblem("join takes a list.")
    return between[:10].join(str(one) for one in values)


def _walked(node: "nodes.Node", depth: int) -> Iterator[_Loop]:
    from jinja2 import nodes

    here = depth + isinstance(node, nodes.For)
    yield _Loop(node, here)
    for child in node.iter_child_nodes():
        yield from _walked(child, here)


def _require_allowed(loop: _Loop) -> None:
    from jinja2 import nodes

    node, kind = loop.node, type(loop.node).__name__
    if kind not in _ALLOWED:
        raise TemplateProblem(f"{_WORDS.get(kind, kind)} is not taken in a template.", node.lineno)
    if loop.depth > LOOPS_DEEP:
        raise TemplateProblem(f"Loops stand at most {LOOPS_DEEP} deep.", node.lineno)
    if isinstance(node, nodes.For) and (node.recursive or isinstance(node.target, nodes.Tuple)):
        raise TemplateProblem("A loop goes through one list, with one name.", node.lineno)
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise TemplateProblem(f"There is no filter {node.name!r} here; there are {', '.join(FILTERS)}.", node.lineno)


_WORDS = {
    "Call": "A call",
    "Assign": "set",
    "AssignBlock": "set",
    "Macro": "A macro",
    "CallBlock": "A call block",
    "Include": "include",
    "Import": "import",
    "FromImport": "import",
    "Extends": "extends",
    "Block": "block",
    "List": "A list",
    "Tuple": "A tuple",
    "Dict": "A mapping",
    "Mul": "Arithmetic",
    "Pow": "Arithmetic",
    "Add": "Arithmetic",
    "Sub": "Arithmetic",
    "Div": "Arithmetic",
    "Mod": "Arithmetic",
}


def _line_of(error: BaseException) -> int:
    """The template's line at which rendering stopped, as far as the trace tells."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
