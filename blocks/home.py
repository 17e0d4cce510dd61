"""The neutral home page: one person's view of the team, in words no surface owns.

Like a card it holds plain text only; unlike a card it belongs to one person, is never posted, and is turned and
narrowed by its reader.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from blocks.elements import Action, Button, Element, LinkButton, Option, Piece, Tone
from store.records import HomeShow

MAX_MORE = 5
"""Rarer actions beside one row: the smallest such menu (Slack overflow)."""


class HomeRow(Piece):
    """One line of a list with a quieter one under it; `more` opens beside it."""

    type: Literal["row"] = "row"
    text: str
    detail: str = ""
    more: Annotated[tuple[Option | LinkButton, ...], Field(max_length=MAX_MORE)] = ()


class HomeItem(Piece):
    """One thing to look at and act on: what it says, then what may be pressed."""

    type: Literal["item"] = "item"
    elements: tuple[Element, ...]
    actions: tuple[Action, ...] = ()


HomeEntry: TypeAlias = Annotated[HomeRow | HomeItem, Field(discriminator="type")]


class HomeSection(Piece):
    """A headed list; `empty` is said of an empty one, `more` of entries that are not listed here."""

    heading: str
    entries: tuple[HomeEntry, ...]
    empty: str = "Nothing."
    more: str | None = None


class HomeChoice(Piece):
    """One part of the fleet that can be looked at."""

    show: HomeShow
    label: str


class Home(Piece):
    """A person's page. `state` and `title` are its first line; `as_of` changes without the page saying anything new.

    `note` answers what its reader did last. `for_members` is False for the page that shows nothing of the team;
    whoever is no member may see only that one.
    """

    tone: Tone
    state: str
    title: str
    for_members: bool
    as_of: str | None = None
    show: HomeShow = HomeShow.ALL
    choices: tuple[HomeChoice, ...] = ()
    facts: tuple[str, ...] = ()
    note: str | None = None
    actions: tuple[Button, ...] = ()
    sections: tuple[HomeSection, ...] = ()
    simulated: bool = False
    made_up: str | None = None
