"""Topics: where their words stand, and files in `context/` that nobody reads."""

from collections.abc import Iterator
from pathlib import Path

from bot.workspace.drafts import Draft
from bot.workspace.names import TOPIC_ALLOWED, inside, topic_complaint
from bot.workspace.nodes import MapNode, Place
from bot.workspace.problems import Problem, problem_at
from bot.workspace.schema import TopicEntry
from bot.workspace.values import closest

CONTEXT_FOLDER = "context"


def topic_file(name: str, entry: TopicEntry, root: Path) -> str | None:
    """The file with the topic's words, relative to the root: the one it names, or context/NAME.md; None for none."""
    if entry.file is not None:
        return entry.file
    usual = f"{CONTEXT_FOLDER}/{name}.md"
    path = inside(root, usual)
    return usual if path is not None and path.is_file() else None


def topic_problems(draft: Draft) -> Iterator[Problem]:
    """Words that cannot be a topic's, and words that belong to none."""
    root = draft.names.root
    read = {topic_file(name, entry, root) for name, entry in draft.topics.items()}
    for path in sorted((root / CONTEXT_FOLDER).glob("*")) if (root / CONTEXT_FOLDER).is_dir() else ():
        shown = f"{CONTEXT_FOLDER}/{path.name}"
        if shown in read and path.is_file():
            yield from _unfit(path, shown)
        elif not path.name.startswith(".") and len(draft.topics) == _declared(draft):
            yield _unread(draft, path.stem, shown)


def _declared(draft: Draft) -> int:
    """How many topics the workspace names: while one of them cannot be read, nobody can say what it would read."""
    node = draft.top.get("topics")
    return len(node.entries) if isinstance(node, MapNode) else 0


def _unfit(path: Path, shown: str) -> Iterator[Problem]:
    complaint = topic_complaint(path)
    if complaint is not None:
        yield problem_at(Place(shown, 1, 1), complaint, allowed=TOPIC_ALLOWED)


def _unread(draft: Draft, stem: str, shown: str) -> Problem:
    near = closest(stem, draft.topics)
    said = "no topic reads this file"
    return problem_at(Place(shown, 1, 1), said, allowed="a topic of its name", nearest=near, severity="warning")
