"""The home page's builder: what needs this person, what the agents do, what got done, what it cost."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from blocks.cards.ended import ended_run
from blocks.cards.home_agents import agent_row, is_paused, is_working, switch_all_button
from blocks.cards.home_needs import Viewer, needs
from blocks.cards.view import CardView
from blocks.elements import Button, Items, Text, Tone
from blocks.home import Home, HomeChoice, HomeEntry, HomeItem, HomeSection
from blocks.text import count
from blocks.tokens import Verb, encode
from store.kernel.money import format_usd
from store.records import AgentView, Fleet, HomeShow

NEEDS_SHOWN = 6
"""What needs this person, on the page that shows everything; the rest is a press away, so that the agents stay near."""
FINISHED_SHOWN = 8

_LABELS = {
    HomeShow.ALL: "Everything",
    HomeShow.NEEDS_ME: "What needs me",
    HomeShow.WORKING: "Agents at work",
    HomeShow.PAUSED: "Paused agents",
}
CHOICES = tuple(HomeChoice(show=show, label=label) for show, label in _LABELS.items())

_WANTED: Mapping[HomeShow, Callable[[AgentView], bool]] = MappingProxyType(
    {HomeShow.WORKING: is_working, HomeShow.PAUSED: is_paused}
)
_STRANGERS = (
    "This page shows a team's agents to the people of that team. If you are one of them, ask whoever runs this app to "
    "add your account. Guests and people from other organisations are shown nothing."
)
_NO_AGENTS = "No agents yet. Describe one in the workspace, and it appears here."
_EMPTY = {HomeShow.WORKING: "Nobody is at work.", HomeShow.PAUSED: "Nobody is paused."}


def home_page(fleet: Fleet, viewer: Viewer, view: CardView) -> Home:
    """The page of one member. Equal fleets and viewers give equal pages, `as_of` aside."""
    mine = tuple(needs(fleet, viewer, view))
    return Home(
        tone=Tone.WAITING if mine else Tone.GOOD,
        state=f"{count(len(mine), 'thing needs', 'things need')} you" if mine else "Nothing needs you",
        title=fleet.team,
        as_of=f"as of {view.when(fleet.as_of)}",
        for_members=True,
        show=viewer.show,
        choices=CHOICES,
        facts=_facts(fleet, viewer),
        note=viewer.note,
        actions=_actions(fleet, viewer),
        sections=tuple(_sections(fleet, viewer, view, mine)),
        simulated=fleet.simulated or view.simulated,
        made_up=fleet.made_up,
    )


def strangers_page(view: CardView) -> Home:
    """The page of whoever is no member of the team: polite, and silent about everything."""
    words = HomeItem(elements=(Text(text=_STRANGERS),))
    return Home(
        tone=Tone.NEUTRAL,
        state="Hello",
        title="nothing to show you here",
        for_members=False,
        sections=(HomeSection(heading="For the team's own people", entries=(words,)),),
        simulated=view.simulated,
    )


def _facts(fleet: Fleet, viewer: Viewer) -> tuple[str, ...]:
    working = sum(is_working(agent) for agent in fleet.agents)
    others = sum(approval.id not in viewer.decides for approval in fleet.needs_me.approvals)
    facts = [f"{working} of {count(len(fleet.agents), 'agent')} at work", _money(fleet)]
    if others:
        facts.append(f"{count(others, 'approval waits', 'approvals wait')} for other people")
    return tuple(facts)


def _money(fleet: Fleet) -> str:
    """Today's spend, against the sum of the day caps where every agent has one."""
    spent = format_usd(sum(agent.spent_today_micros for agent in fleet.agents))
    caps = [agent.day_cap_micros for agent in fleet.agents if agent.day_cap_micros is not None]
    if uncapped := len(fleet.agents) - len(caps):
        return f"{spent} spent today; {count(uncapped, 'agent has', 'agents have')} no day cap"
    return f"{spent} of {format_usd(sum(caps))} spent today"


def _actions(fleet: Fleet, viewer: Viewer) -> tuple[Button, ...]:
    refresh = Button(label="Refresh", token=encode(Verb.SHOW_HOME, viewer.show.value, 1))
    return (refresh, switch_all_button(fleet)) if viewer.may_switch_all and fleet.agents else (refresh,)


def _sections(fleet: Fleet, viewer: Viewer, view: CardView, mine: tuple[HomeEntry, ...]) -> Iterator[HomeSection]:
    if viewer.show is HomeShow.NEEDS_ME:
        yield _needs_section(mine, len(mine))
        return
    if viewer.show is HomeShow.ALL:
        yield _needs_section(mine, NEEDS_SHOWN)
    yield _agents_section(fleet, viewer, view)
    if viewer.show is HomeShow.ALL:
        yield _finished_section(fleet, view)


def _needs_section(mine: tuple[HomeEntry, ...], shown: int) -> HomeSection:
    hidden = len(mine) - shown
    more = f"… {hidden:,} more: choose “{_LABELS[HomeShow.NEEDS_ME]}” above to see them all" if hidden > 0 else None
    heading = f"Needs you ({len(mine)})" if mine else "Needs you"
    return HomeSection(heading=heading, entries=mine[:shown], empty="Nothing needs you.", more=more)


def _agents_section(fleet: Fleet, viewer: Viewer, view: CardView) -> HomeSection:
    wanted = _WANTED.get(viewer.show)
    agents = [agent for agent in fleet.agents if wanted is None or wanted(agent)]
    rows = tuple(agent_row(agent, fleet.as_of, viewer.channels.get(agent.agent_id), view) for agent in agents)
    heading = "Agents" if wanted is None else _LABELS[viewer.show]
    return HomeSection(heading=heading, entries=rows, empty=_EMPTY.get(viewer.show, _NO_AGENTS))


def _finished_section(fleet: Fleet, view: CardView) -> HomeSection:
    runs = fleet.finished_today
    rows = tuple(ended_run(run, fleet.as_of, view) for run in runs[:FINISHED_SHOWN])
    entries = (HomeItem(elements=(Items(rows=rows, total=len(runs)),)),) if rows else ()
    return HomeSection(heading="Finished today", entries=entries, empty="Nothing has finished yet today.")
