"""References: names that must exist elsewhere in the workspace, and files that must exist in its folder."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, ValidationInfo

from agents.authority.facts import ToolFacts
from agents.minds.builtins import BUILTINS, is_builtin
from bot.workspace.nodes import ListNode, MapNode, Node, ScalarNode
from bot.workspace.problems import quoted
from bot.workspace.values import closest, found, one_of, scalar, wrong

PROMPT_MAX_BYTES = 64 * 1024
TOPIC_MAX_BYTES = 12_000
TOPIC_ALLOWED = f"1 to {TOPIC_MAX_BYTES} bytes of text"


@dataclass(frozen=True, slots=True)
class Names:
    """What is declared, gathered before anything is checked, so that one mistake does not look like many.

    `roles` is None when no people can be made out: then nothing can be said of a role.
    """

    root: Path
    tools: Mapping[str, ToolFacts]
    agents: tuple[str, ...]
    roles: tuple[str, ...] | None
    models: tuple[str, ...]
    sources: tuple[str, ...] = ()


def declared(top: Node, root: Path, tools: Mapping[str, ToolFacts]) -> Names:
    """The names a workspace declares, whether or not what they name is in order."""
    people = _values(_child(top, "people"))
    roles = tuple(sorted({text for person in people for text in _texts(_child(person, "roles"))}))
    return Names(
        root,
        tools,
        _keys(_child(top, "agents")),
        roles if people else None,
        _keys(_child(top, "models")),
        _keys(_child(top, "sources")),
    )


def _child(node: Node | None, key: str) -> Node | None:
    return node.get(key) if isinstance(node, MapNode) else None


def _keys(node: Node | None) -> tuple[str, ...]:
    return node.keys() if isinstance(node, MapNode) else ()


def _values(node: Node | None) -> tuple[Node, ...]:
    return tuple(entry.value for entry in node.entries) if isinstance(node, MapNode) else ()


def _texts(node: Node | None) -> tuple[str, ...]:
    return tuple(item.text for item in node.items if isinstance(item, ScalarNode)) if isinstance(node, ListNode) else ()


def _names(info: ValidationInfo) -> Names:
    if not isinstance(info.context, Names):
        raise TypeError("a workspace is validated with its names as context")
    return info.context


def _referring(kind: str, known: Callable[[Names], tuple[str, ...] | None]) -> Callable[[object, ValidationInfo], str]:
    def read(value: object, info: ValidationInfo) -> str:
        names = known(_names(info))
        allowed = ", ".join(names or ()) or f"nothing yet: no {kind} is declared"
        text = value if isinstance(value, str) else scalar(value, allowed).text  # a key is plain text
        if names is not None and text not in names:
            raise wrong(f"unknown {kind} {quoted(text)}", allowed, closest(text, names))
        return text

    return read


def inside(root: Path, text: str) -> Path | None:
    """The path a workspace names, if it can be a path and stays inside `root`; else None. It need not exist."""
    relative = Path(text)
    if relative.is_absolute() or ".." in relative.parts or "\\" in text or not text.isprintable():
        return None
    try:
        resolved = (root / relative).resolve()
    except (OSError, RuntimeError):  # a loop of links
        return None
    return resolved if resolved.is_relative_to(root.resolve()) else None


def _file(value: object, info: ValidationInfo, *, suffixes: tuple[str, ...]) -> str:
    allowed = f"the path of a {' or '.join(suffixes)} file inside the workspace"
    node = scalar(value, allowed)
    path = inside(_names(info).root, node.text)
    if path is None or path.suffix not in suffixes:
        raise wrong(found(node), allowed)
    if not _is_file(path):
        raise wrong(f"there is no file {quoted(node.text)}", allowed, _neighbour(path, node.text))
    return node.text


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than the file system takes
        return False


def _neighbour(path: Path, text: str) -> str | None:
    try:
        names = [child.name for child in path.parent.iterdir()]
    except OSError:
        return None
    near = closest(path.name, names)
    return None if near is None else text.removesuffix(path.name) + near


def _routine(value: object, info: ValidationInfo) -> str:
    if isinstance(value, ScalarNode) and is_builtin(value.text):
        return one_of(BUILTINS)(value)
    text = _file(value, info, suffixes=(".py",))
    complaint = _routine_complaint((_names(info).root / text).read_bytes())
    if complaint is not None:
        raise wrong(complaint, "a Python file that defines `async def run(ctx)`")
    return text


def _routine_complaint(source: bytes) -> str | None:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        return f"the file is not Python{line}"
    runs = any(isinstance(one, ast.AsyncFunctionDef) and one.name == "run" for one in tree.body)
    return None if runs else "the file has no `async def run`"


def _prompt(value: object, info: ValidationInfo) -> str:
    text = _file(value, info, suffixes=(".md", ".txt", ".j2"))
    content = (_names(info).root / text).read_bytes()
    if len(content) > PROMPT_MAX_BYTES or not content.strip():
        raise wrong(f"the prompt has {len(content)} bytes", f"1 to {PROMPT_MAX_BYTES} bytes of text")
    try:
        content.decode()
    except UnicodeDecodeError:
        raise wrong("the prompt is not UTF-8 text", f"1 to {PROMPT_MAX_BYTES} bytes of text") from None
    return text


def _topic(value: object, info: ValidationInfo) -> str:
    text = _file(value, info, suffixes=(".md", ".txt"))
    complaint = topic_complaint(_names(info).root / text)
    if complaint is not None:
        raise wrong(complaint, TOPIC_ALLOWED)
    return text


def topic_complaint(path: Path) -> str | None:
    """Why this file cannot be a topic's words; None when it can."""
    content = path.read_bytes()
    if not content.strip() or len(content) > TOPIC_MAX_BYTES:
        return f"the file has {len(content)} bytes"
    try:
        content.decode()
    except UnicodeDecodeError:
        return "the file is not UTF-8 text"
    return None


AgentName: TypeAlias = Annotated[str, BeforeValidator(_referring("agent", lambda names: names.agents))]
TopicFile: TypeAlias = Annotated[str, BeforeValidator(_topic)]
ToolName: TypeAlias = Annotated[str, BeforeValidator(_referring("tool", lambda names: tuple(sorted(names.tools))))]
RoleName: TypeAlias = Annotated[str, BeforeValidator(_referring("role", lambda names: names.roles))]
ModelName: TypeAlias = Annotated[str, BeforeValidator(_referring("model", lambda names: names.models))]
SourceName: TypeAlias = Annotated[str, BeforeValidator(_referring("source", lambda names: names.sources))]
RoutineFile: TypeAlias = Annotated[str, BeforeValidator(_routine)]
PromptFile: TypeAlias = Annotated[str, BeforeValidator(_prompt)]
