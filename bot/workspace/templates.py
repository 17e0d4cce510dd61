"""The templates of a workspace: `templates/NAME.j2`, each tried before use; a broken one is left out, and said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from blocks.cards import CardView
from blocks.cards.digest_templates import values_of
from blocks.templates import SOURCE_MAX_CHARS, check_template
from bot.workspace.nodes import Place
from bot.workspace.problems import Problem, problem_at
from store.records import Digest, Figure, Frame, Missing, Need, Recommendation, Section, Standing

FOLDER = "templates"
SUFFIX = ".j2"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_NAMED = "templates/NAME.j2, where NAME is a digest's name, or `digest` for all others"
_AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Templates:
    """Those in order, by name, the names of the broken ones, and what is wrong with those."""

    sound: dict[str, str] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


def read_templates(root: Path) -> Templates:
    """The templates of a workspace. A broken one is a warning: the built-in form is used in its place, and says so."""
    folder = root / FOLDER
    sound: dict[str, str] = {}
    problems: list[Problem] = []
    broken: set[str] = set()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        source, wrong = _read(path)
        if wrong is not None:
            problems.append(wrong)
            broken.add(path.stem)
        elif source is not None:
            sound[path.stem] = source
    return Templates(sound, frozenset(broken), tuple(problems))


def _read(path: Path) -> tuple[str | None, Problem | None]:
    shown = f"{FOLDER}/{path.name}"
    if path.suffix != SUFFIX or _NAME.fullmatch(path.stem) is None:
        return None, _warning(shown, 1, "this file is not read", _NAMED)
    try:
        source = path.read_bytes()[: SOURCE_MAX_CHARS * 4 + 1].decode()
    except (OSError, UnicodeDecodeError):
        return None, _warning(shown, 1, "this is no text in UTF-8")
    for sample in _samples():
        problem = check_template(source, sample)
        if problem is not None:
            return None, _warning(shown, problem.line, problem.message)
    return source, None


def _warning(file: str, line: int, message: str, allowed: str | None = None) -> Problem:
    return problem_at(Place(file, line, 1), message, allowed=allowed, severity="warning")


def _samples() -> Iterator[dict[str, Any]]:
    """A digest with everything a digest may hold, and one with nothing."""
    view = CardView(console_url="http://localhost")
    yield values_of(_full(), view, quiet=False)
    yield values_of(_bare(), view, quiet=True)


def _bare() -> Digest:
    return Digest(
        id="digest_sample",
        agent_id="sample",
        run_id="run_sample",
        name="daily",
        title="Monday",
        window_from=_AT - timedelta(days=1),
        window_until=_AT,
        headline="As it was.",
        written_by="routine",
        published_at=_AT,
    )


def _full() -> Digest:
    alert = {"alert_id": "a", "title": "Low", "value": "1", "unit": "", "expected": "at least 2", "since": _AT}
    frame = Frame(
        as_of=_AT,
        scope=("sample",),
        needs=(Need(text="Decide", since=_AT, owner="ana", card="approval:a"),),
        standing=(Standing.model_validate({**alert, "owner": "ana", "next_step": "Look", "state": "open"}),),
        missing=(Missing(agent_id="sample", reason="was missed"),),
    )
    parts = {
        "figures": (Figure(label="Users", value="1", baseline="2", change="-1", status="low"),),
        "sections": (Section(heading="Seen", lines=("This.",)),),
        "recommendations": (Recommendation(text="Do", effect="more", evidence=("rows",)),),
        "cannot_see": ("that",),
        "late": ("this",),
    }
    return _bare().model_copy(update={**parts, "frame": frame})
