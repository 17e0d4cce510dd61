"""Which pictures there are: every kind of card as it usually looks and at its worst, and what opens from it."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from blocks.cards import CardView, Viewer, approval_card, home_page, strangers_page
from blocks.elements import Card, FormButton
from bot.surfaces.slack.rendering import Manner
from docs.pictures.html.frames import Author, Theme
from docs.pictures.sheet import PICTURED, Part, Sheet, card_part, form_part, home_part, thread_part
from docs.pictures.weekly import weekly_card
from store.records import Fleet, NeedsMe
from tests.blocks.samples import (
    HOSTILE,
    VIEW,
    approval,
    crowded_fleet,
    fleet,
    hostile_view,
    ordinary_cards,
    worst_cards,
)

AGENT = Author(name="Machine Watch", icon="🖥️", time="2:30 PM")
APP = Author(name="First Light", icon="⚓", time="2:30 PM")

ORDINARY: Mapping[str, str] = MappingProxyType(
    {
        "run": "run/running",
        "approval": "approval/open",
        "digest": "digest",
        "alert": "alert/open",
        "incident": "incident/open",
        "fleet": "fleet",
        "log": "log",
        "role": "role/active",
        "task": "task/open",
        "decision": "decision/contested",
        "proposal": "proposal/quarantined",
        "notice": "notice",
    }
)
"""Kind → the sample that stands for it."""

WORST: Mapping[str, str] = MappingProxyType({kind: f"worst/{kind}" for kind in ORDINARY})
"""Kind → the sample in which everything is hostile, long and too many."""

OTHER: Mapping[str, str] = MappingProxyType(
    {
        "approval-decided": "approval/executed",
        "digest-team": "digest/team",
        "digest-quiet": "digest/quiet",
        "run-waiting": "run/waiting",
        "run-failed": "run/failed",
        "task-done": "task/done",
        "notice-offer": "notice/offer",
    }
)
"""Other states worth seeing."""

IN_DARK = ("approval", "run", "alert")

_FROM_APP = frozenset({"fleet", "notice"})


@lru_cache(maxsize=1)
def samples() -> Mapping[str, Card]:
    """Every sample that is pictured, by name; built once, for that takes as long as drawing some."""
    return MappingProxyType(dict([*ordinary_cards(), *worst_cards()]))


def _author(card: Card) -> Author:
    return APP if card.kind in _FROM_APP else AGENT


def _of_card(sample: str, manner: Manner = PICTURED) -> Callable[[], Part]:
    def part() -> Part:
        card = samples()[sample]
        return card_part(card, _author(card), manner)

    return part


def _thread(sample: str, *replies: str) -> Callable[[], Part]:
    def part() -> Part:
        shown = samples()
        return thread_part(shown[sample], [shown[reply] for reply in replies], AGENT)

    return part


def _form(label: str) -> Part:
    actions = approval_card(approval(), (), VIEW).actions
    button = next(action for action in actions if isinstance(action, FormButton) and action.label == label)
    return form_part(button.form)


def _home(record: Fleet, view: CardView, *, may_switch_all: bool = False) -> Part:
    decides = frozenset(one.id for one in record.needs_me.approvals)
    viewer = Viewer(person_id="ana", decides=decides, may_switch_all=may_switch_all)
    return home_part(home_page(record, viewer, view), APP)


def _worst_home() -> Part:
    return _home(crowded_fleet(HOSTILE), hostile_view(HOSTILE), may_switch_all=True)


PARTS: Mapping[str, Callable[[], Part]] = MappingProxyType(
    {
        **{kind: _of_card(sample) for kind, sample in ORDINARY.items()},
        **{f"{kind}-worst": _of_card(sample) for kind, sample in WORST.items()},
        **{name: _of_card(sample) for name, sample in OTHER.items()},
        "digest-weekly": lambda: card_part(weekly_card(), AGENT),
        "run-thread": _thread("run/waiting", "log"),
        "run-without-agent-features": _of_card("run/running", Manner(plan=False)),
        "alert-drawn-by-slack": _of_card("alert/open", Manner(native_chart=True)),
        "alert-before-its-chart": _of_card("alert/open", Manner()),
        "approval-edit": lambda: _form("Edit…"),
        "approval-reject": lambda: _form("Reject…"),
        "home": lambda: _home(fleet(), VIEW, may_switch_all=True),
        "home-quiet": lambda: _home(fleet(needs_me=NeedsMe()), VIEW),
        "home-stranger": lambda: home_part(strangers_page(VIEW), APP),
        "home-worst": _worst_home,
    }
)
"""Every picture in light, by name."""

NAMES = (*PARTS, *(f"{name}-dark" for name in IN_DARK))
"""Every picture there is."""


def sheet(name: str) -> Sheet:
    """The document of one picture. Raises KeyError for a name that is none."""
    if name.endswith("-dark") and name.removesuffix("-dark") in IN_DARK:
        return PARTS[name.removesuffix("-dark")]().sheet(name, Theme.DARK)
    return PARTS[name]().sheet(name, Theme.LIGHT)
