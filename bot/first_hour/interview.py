"""The five questions: asked in order, each with a default, each answer looked at before the next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

from bot.first_hour.choices import (
    DEFAULT_WHEN,
    Kind,
    Watched,
    people_of,
    policy_of,
    talk_of,
    watched_of,
    when_of,
)
from bot.first_hour.dialog import Dialog
from bot.first_hour.folder import SUFFIXES
from bot.first_hour.looking import look_at
from bot.first_hour.seen import Seen
from bot.first_hour.surroundings import account_name, local_timezone, team_name
from bot.first_hour.team_text import FirstTeam
from store.kernel.errors import UserMistake

TALK = "1/5 Where do you talk? console, slack, or discord and the server's ID"
WATCH = "2/5 What should the first agent watch? A CSV file or a folder of them, a git repository, machine, or a URL"
WHEN = "3/5 When? A time like 08:00, weekdays 08:00, or how often, like every 10m"
WHO = "4/5 Who may approve? Names, with commas"
MAY = "5/5 What may agents do alone? watch-only, ask-for-writes or trusted"
DEFAULT_POLICY = "ask-for-writes"
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Given:
    """Answers that came as options; None is asked."""

    talk: str | None = None
    watch: str | None = None
    at: str | None = None
    approver: str | None = None
    policy: str | None = None
    name: str | None = None


class Proposal(NamedTuple):
    """What the answers came to: the folder the file belongs in, the team, and what was understood."""

    folder: Path
    team: FirstTeam
    said: tuple[str, ...]


def interview(dialog: Dialog, folder: Path | None, given: Given, now: datetime) -> Proposal:
    """Asks what was not given. Raises UserMistake when nobody answers. Reads, and writes nothing.

    `folder` None: here, or beside the files that are to be watched.
    """
    talk = _answered(dialog, TALK, "console", given.talk, talk_of)
    here = folder or Path()

    def seen_of(answer: str) -> tuple[Watched, Seen]:
        watched = watched_of(answer)
        seen = look_at(watched, here, now)
        _require_within(folder, seen)
        return watched, seen

    watched, seen = _answered(dialog, WATCH, default_watch(here), given.watch, seen_of)
    for line in seen.said:
        dialog.say(f"  {line}")
    kind: Kind = watched.kind
    rhythm = _answered(dialog, WHEN, DEFAULT_WHEN[kind], given.at, lambda answer: when_of(answer, kind))
    people = _answered(dialog, WHO, account_name(), given.approver, people_of)
    policy = _answered(dialog, MAY, DEFAULT_POLICY, given.policy, policy_of)
    root = seen.root if folder is None and seen.root is not None else here
    team = FirstTeam(
        name=given.name or team_name(root),
        timezone=local_timezone(),
        talk=talk,
        agent=seen.agent,
        rhythm=rhythm,
        people=people,
        policy=policy,
        sections=seen.sections,
    )
    return Proposal(root, team, _cautions(people, policy))


def _answered(dialog: Dialog, question: str, default: str, given: str | None, read: Callable[[str], Answer]) -> Answer:
    return dialog.ask(question, default, read) if given is None else dialog.given(question, given, read)


def default_watch(folder: Path) -> str:
    """What is most likely meant: the exports that lie here, the repository that is here, else this machine."""
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:
        return "machine"
    if any(name.lower().endswith(SUFFIXES[:2]) for name in names):
        return "csv:." if ".git" in names else "."
    return "." if ".git" in names else "machine"


def _require_within(folder: Path | None, seen: Seen) -> None:
    """A team reads files inside its own folder only."""
    if folder is None or seen.root is None:
        return
    if not seen.root.resolve().is_relative_to(folder.resolve()):
        raise UserMistake(
            f"The files are in {seen.root}, and a team reads only files inside its own folder, {folder}.",
            f"Start again with that folder: quarterdeck init {seen.root}",
        )


def _cautions(people: Mapping[str, str], policy: str) -> tuple[str, ...]:
    if len(people) > 1 or policy == "watch-only":
        return ()
    (name,) = people.values()
    return (
        f"With one approver, nobody can approve what {name} starts by hand: whoever asks never decides. Add a second.",
    )
