"""The command table as a surface sees it: what may be said, what follows it, and what there is to choose from."""

import re
from enum import StrEnum
from typing import Protocol, runtime_checkable

from store.records.record import Record


class Naming(StrEnum):
    """What the argument of a command names, as the table's usage writes it. `words` are anything at all."""

    AGENT = "AGENT"
    SCHEDULE = "SCHEDULE"
    RUN = "RUN"
    APPROVAL = "APPROVAL"
    CARD = "CARD"
    SUBJECT = "SUBJECT"
    TOPIC = "TOPIC"
    PERSON = "PERSON"
    CANDIDATE = "CANDIDATE"
    WORDS = "WORDS"


class Usage(Record):
    """The one argument of a command: what it may name, the fixed words it may be, and whether it can be left out."""

    names: tuple[Naming, ...] = ()
    words: tuple[str, ...] = ()
    required: bool = False

    @property
    def nothing(self) -> bool:
        """True when the command takes no argument."""
        return not self.names and not self.words

    @property
    def listed(self) -> bool:
        """True when there is a list to choose the argument from."""
        return not self.nothing and Naming.WORDS not in self.names


class CommandEntry(Record):
    """One entry of the table. `usage` is what follows the command's name."""

    name: str
    usage: str
    help: str


class Question(Record):
    """What somebody has typed so far of a command's argument. It is answered at once and kept nowhere.

    `account_class` is as in an inbound event. `command` is the table's name of the command.
    """

    surface: str
    account: str
    account_class: str = "member"
    command: str
    usage: Usage
    typed: str = ""
    at_most: int


class Suggestion(Record):
    """One thing to choose: `value` is what the command is given, `label` how a person knows it. Both are untrusted."""

    label: str
    value: str


@runtime_checkable
class Suggests(Protocol):
    """Who can say what an argument may be."""

    async def suggest(self, question: Question) -> tuple[Suggestion, ...]:
        """The best matches first, at most `at_most`; nothing for whoever is not of the team. Raises Retryable."""
        ...


_NAMING = re.compile(r"\b[A-Z]{2,}\b")
_WORD = re.compile(r"\b[a-z]+\b")
_JOINERS = frozenset({"or"})


def usage_of(text: str) -> Usage:
    """What a usage such as `AGENT or RUN` or `[AGENT | mine | done]` says; square brackets: it can be left out.

    Raises ValueError for a kind of name that nobody has heard of.
    """
    names = tuple(Naming(name) for name in _NAMING.findall(text))
    words = tuple(word for word in _WORD.findall(text) if word not in _JOINERS)
    return Usage(names=names, words=words, required=bool(names or words) and not text.startswith("["))
