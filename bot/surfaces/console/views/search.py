"""Search: records by the words of their cards, newest first, each leading to where it is seen whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from blocks.cards.view import CardView
from store.records import CardKind, Sought

SHOWN_RESULTS = 40
MAX_CHARS = 200
"""Of what is searched for; the rest is ignored."""
KIND_WORD = {
    CardKind.RUN: "Runs",
    CardKind.APPROVAL: "Approvals",
    CardKind.TASK: "Tasks",
    CardKind.ALERT: "Alerts",
    CardKind.DIGEST: "Digests",
    CardKind.INCIDENT: "Incidents",
}
"""What can be asked for alone, in the order of the filter."""


@dataclass(frozen=True)
class Found:
    """One record. `where` is the name of its channel; `state` is empty when it says no more than the kind."""

    kind: str
    title: str
    state: str
    summary: str
    where: str
    href: str
    at: datetime


@dataclass(frozen=True)
class Filter:
    """One choice of the filter."""

    word: str
    href: str
    chosen: bool


@dataclass(frozen=True)
class SearchPage:
    """What was found for `text`, newest first; `more` is True when only the first of it is listed."""

    text: str
    kind: str
    found: tuple[Found, ...]
    filters: tuple[Filter, ...]
    more: bool


def kind_named(text: str) -> CardKind | None:
    """The kind a query names; None, and all of them, for anything else."""
    return next((kind for kind in KIND_WORD if kind.value == text), None)


def search_page(text: str, kind: CardKind | None, found: Sequence[Sought], view: CardView) -> SearchPage:
    """The page for `text`; `found` holds one more than is shown where there is more."""
    return SearchPage(
        text=text,
        kind=kind.value if kind else "",
        found=tuple(_found(one, view) for one in found[:SHOWN_RESULTS]),
        filters=(_filter(text, None, kind), *(_filter(text, each, kind) for each in KIND_WORD)),
        more=len(found) > SHOWN_RESULTS,
    )


def _found(one: Sought, view: CardView) -> Found:
    (page, record), kind = one.page, one.kind.value.capitalize()
    return Found(
        kind=kind,
        title=one.title,
        state="" if one.state == kind else one.state,
        summary=one.summary,
        where=view.agent(one.channel) if one.channel else "Team",
        href=f"/{page}/{quote(record, safe=':.@')}",
        at=one.at,
    )


def _filter(text: str, kind: CardKind | None, chosen: CardKind | None) -> Filter:
    query = {"q": text, **({"kind": kind.value} if kind else {})}
    return Filter(KIND_WORD[kind] if kind else "Everything", f"/search?{urlencode(query)}", kind is chosen)
