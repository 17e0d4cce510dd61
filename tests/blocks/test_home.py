"""A person's home page: what it shows to whom, how it is turned, and that it stays inside Slack's limits."""

import json
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.models.views import View

from blocks.cards import CardView, Viewer, home_page, strangers_page
from blocks.elements import Button, FormButton, LinkButton, Option
from blocks.home import Home, HomeItem, HomeRow
from blocks.limits import HOME, SLACK_HOME_BLOCKS, SLACK_MESSAGE_CHARS
from blocks.render.slack_actions import pressed_token
from blocks.render.slack_check import text_chars, view_problems
from blocks.render.slack_home import render_home
from blocks.tokens import Verb, decode
from store.records import Fleet, HomeShow, NeedsMe, RunState
from tests.blocks.samples import HOSTILE, NOW, VIEW, alert, approval, fleet, incident, run, task, vote

OPEN = approval()
URL = "https://slack.com/app_redirect?channel=C1"


def viewer(**changes: Any) -> Viewer:
    facts: dict[str, Any] = {"person_id": "ana", "decides": frozenset({OPEN.id}), "channels": {"machine-watch": URL}}
    return Viewer(**{**facts, **changes})


def entries(home: Home, heading: str) -> tuple[HomeItem | HomeRow, ...]:
    return next(section.entries for section in home.sections if section.heading.startswith(heading))


def labels(home: Home) -> list[str]:
    return [
        action.label for each in entries(home, "Needs you") if isinstance(each, HomeItem) for action in each.actions
    ]


def actions(entry: HomeItem | HomeRow) -> tuple[Any, ...]:
    return entry.actions if isinstance(entry, HomeItem) else entry.more


def said(home: Home, page: int = 1) -> str:
    return json.dumps(render_home(home, page), ensure_ascii=False)


def test_what_needs_the_person_comes_first_with_the_cards_own_buttons() -> None:
    home = home_page(fleet(), viewer(), VIEW)
    assert home.state == "4 things need you"
    assert [section.heading for section in home.sections] == ["Needs you (4)", "Agents", "Finished today"]
    assert labels(home) == ["Approve", "Reject…", "Edit…", "Open in console", "Run again", "Close", "Acknowledge"]
    approve, reject, edit, _ = actions(entries(home, "Needs you")[0])
    assert isinstance(approve, Button)
    assert (decode(approve.token).record_id, decode(approve.token).revision) == (OPEN.id, OPEN.revision)
    assert isinstance(reject, FormButton)
    assert isinstance(edit, FormButton)
    assert OPEN.payload in said(home).replace('\\"', '"')


def test_an_approval_that_is_not_this_persons_to_decide_has_no_buttons_and_is_counted() -> None:
    home = home_page(fleet(), viewer(decides=frozenset()), VIEW)
    assert "Approve" not in labels(home)
    assert OPEN.call_hash not in said(home)
    assert "1 approval waits for other people" in home.facts


@pytest.mark.parametrize(("owner", "mine"), [("ana", True), ("bo", False), (None, True), ("gone", True)])
def test_what_is_somebody_elses_is_not_mine(owner: str | None, mine: bool) -> None:
    needs = NeedsMe(stopped=(run(RunState.NEEDS_ATTENTION, owner=owner),), alerts=(alert(owner=owner),))
    home = home_page(fleet(needs_me=needs), viewer(), VIEW)
    assert len(labels(home)) == (2 if mine else 0)


def test_a_call_too_long_to_be_read_here_cannot_be_approved_here() -> None:
    long = approval(arguments={"files": ["x" * HOME.payload_chars]})
    home = home_page(fleet(needs_me=NeedsMe(approvals=(long,))), viewer(), CardView())
    assert labels(home) == ["Reject…", "Edit…", "Open channel"]
    assert "approved on its own card" in said(home)


def test_ones_own_tasks_are_listed_with_their_moves() -> None:
    mine = task(person_id="ana", agent_id=None, source=None)
    home = home_page(fleet(needs_me=NeedsMe()), viewer(tasks=(mine,)), VIEW)
    assert labels(home) == ["Start", "Done…", "Drop…"]
    assert mine.title in said(home)


def test_a_quorum_says_how_many_have_voted() -> None:
    two = approval(requirement=OPEN.requirement.model_copy(update={"quorum": 2}))
    home = home_page(fleet(needs_me=NeedsMe(approvals=(two,))), viewer(votes={two.id: (vote("bo"),)}), VIEW)
    assert "1 of 2 people so far" in said(home)


def test_an_agent_says_what_it_does_what_is_next_and_what_it_cost() -> None:
    rows = entries(home_page(fleet(), viewer(), VIEW), "Agents")
    watch, note = (row for row in rows if isinstance(row, HomeRow))
    assert watch.text.startswith("✋ Machine Watch · Waiting for a decision")
    assert watch.detail == "next Sun 08:00 · $0.00 of $2.00 today"
    assert [one.label for one in watch.more] == ["Run now", "Pause", "Stop this run", "Open channel"]
    assert note.text == "⏸️ Note Taker · Paused"
    assert [one.label for one in note.more] == ["Resume"]


@pytest.mark.parametrize(
    ("show", "headings", "rows"),
    [
        (HomeShow.NEEDS_ME, ["Needs you (4)"], 4),
        (HomeShow.WORKING, ["Agents at work"], 1),
        (HomeShow.PAUSED, ["Paused agents"], 1),
    ],
)
def test_a_part_of_the_fleet_can_be_looked_at(show: HomeShow, headings: list[str], rows: int) -> None:
    home = home_page(fleet(), viewer(show=show), VIEW)
    assert [section.heading for section in home.sections] == headings
    assert len(home.sections[0].entries) == rows
    view: Any = render_home(home)
    chooser = next(block for block in view["blocks"] if block["type"] == "actions")
    picked = chooser["elements"][0]["initial_option"]["value"]
    assert decode(picked).record_id == show.value


def test_only_who_may_is_offered_everybody() -> None:
    assert [one.label for one in home_page(fleet(), viewer(), VIEW).actions] == ["Refresh"]
    home = home_page(fleet(), viewer(may_switch_all=True), VIEW)
    pause = home.actions[1]
    assert (pause.label, decode(pause.token).verb) == ("Pause all", Verb.PAUSE_ALL)
    assert pause.confirm is not None
    assert "1 run" in pause.confirm.text
    resting = fleet(agents=fleet().agents[1:])
    assert home_page(resting, viewer(may_switch_all=True), VIEW).actions[1].label == "Resume all"


def test_a_stranger_is_greeted_and_told_nothing() -> None:
    shown = said(strangers_page(VIEW))
    assert "ask whoever runs this app" in shown
    for secret in ("First Light", "Machine Watch", "Ana", "127.0.0.1", "q1:"):
        assert secret not in shown


def test_a_page_says_the_same_while_nothing_happens() -> None:
    now, later = fleet(), fleet(as_of=NOW + timedelta(minutes=9))
    one, other = home_page(now, viewer(), VIEW), home_page(later, viewer(), VIEW)
    assert one.as_of != other.as_of
    assert one.model_copy(update={"as_of": None}) == other.model_copy(update={"as_of": None})


def test_a_link_in_a_menu_is_no_press() -> None:
    view: Any = render_home(home_page(fleet(), viewer(), VIEW))
    menus = [block["accessory"] for block in view["blocks"] if "accessory" in block]
    options = {option["text"]["text"]: option for option in menus[0]["options"]}
    assert options["Open channel"]["url"] == URL
    assert pressed_token({"selected_option": options["Open channel"]}) is None
    token = pressed_token({"selected_option": options["Pause"]})
    assert token is not None
    assert decode(token).verb is Verb.PAUSE


def crowded(words: str = "Watches one of many things", approvals: int = 200) -> Fleet:
    agent = fleet().agents[0]
    agents = tuple(
        agent.model_copy(update={"agent_id": f"a{number}", "name": f"Agent {number} {words}", "doing": words})
        for number in range(60)
    )
    asked = tuple(
        approval(id=f"approval_{number:016d}", agent_id=f"a{number % 60}", summary=f"{words} {number}")
        for number in range(approvals)
    )
    needs = NeedsMe(approvals=asked, incidents=(incident(title=words),), alerts=(alert(title=words),))
    return fleet(agents=agents, needs_me=needs, finished_today=tuple(run(RunState.DONE, id=f"r{n}") for n in range(99)))


CROWDS = [
    ("Watches one of many things", 200),
    (HOSTILE * 3, 30),
    ("😀" * 900, 30),
    ("x" * 5000, 30),
    ("سلام " * 300, 30),
]


@pytest.mark.parametrize(("words", "waiting"), CROWDS)
@pytest.mark.parametrize("show", HomeShow)
def test_sixty_agents_and_two_hundred_approvals_fit_page_by_page(words: str, waiting: int, show: HomeShow) -> None:
    crowd = crowded(words, waiting)
    everything = viewer(
        decides=frozenset(one.id for one in crowd.needs_me.approvals),
        channels={agent.agent_id: URL for agent in crowd.agents},
        may_switch_all=True,
        show=show,
        note=words,
    )
    home = home_page(crowd, everything, VIEW)
    pages = _every_page(home)
    for view in pages:
        blocks = view["blocks"]
        assert len(blocks) <= SLACK_HOME_BLOCKS
        assert text_chars(blocks) <= SLACK_MESSAGE_CHARS
        assert view_problems(blocks) == []
        View(**{key: value for key, value in view.items() if key != "blocks"}, blocks=blocks).validate_json()
    listed = [block for view in pages for block in view["blocks"] if block["type"] == "actions"]
    approving = {
        e["value"] for block in listed for e in block["elements"] if e.get("value", "").startswith("q1:approve")
    }
    assert len(approving) == {HomeShow.ALL: 6, HomeShow.NEEDS_ME: waiting}.get(show, 0)
    menus = [block for view in pages for block in view["blocks"] if "accessory" in block]
    assert len(menus) == {HomeShow.ALL: 60, HomeShow.WORKING: 60}.get(show, 0)


def _every_page(home: Home) -> list[Any]:
    pages, number = [], 1
    while True:
        view: Any = render_home(home, number)
        pages.append(view)
        following = [
            e for b in view["blocks"] if b["type"] == "actions" for e in b["elements"] if _turns_to(e, number + 1)
        ]
        if not following:
            return pages
        number += 1


def _turns_to(element: dict[str, Any], page: int) -> bool:
    return element.get("text", {}).get("text") == "Next page" and decode(element["value"]).revision == page


def test_a_page_that_is_not_there_is_the_last_one() -> None:
    home = home_page(fleet(), viewer(), VIEW)
    assert render_home(home, 99) == render_home(home, 1) == render_home(home, 0)


def test_hostile_words_stay_letters() -> None:
    crowd = crowded(HOSTILE, approvals=1)
    home = home_page(crowd, viewer(decides=frozenset({crowd.needs_me.approvals[0].id}), note=HOSTILE), VIEW)
    for page in (1, 2):
        view: Any = render_home(home, page)
        assert "mrkdwn" not in json.dumps(view)
        assert "<!channel>" not in json.dumps(view)
        for block in view["blocks"]:
            assert "\u202e" not in json.dumps(block, ensure_ascii=False)


def test_a_view_over_a_limit_is_noticed() -> None:
    option = {"text": {"text": "x"}, "value": "v"}
    row = {"type": "section", "text": {"text": "x"}, "accessory": {"options": [option] * 6}, "block_id": "1"}
    assert view_problems([row]) == ["overflow options: 6 of 5"]
    many = [{"type": "divider", "block_id": str(number)} for number in range(101)]
    assert view_problems(many) == ["101 of 100 blocks"]
    assert view_problems([many[0], many[0]]) == ["two blocks have one block_id"]


def test_every_press_on_a_home_has_a_token_that_reads_back() -> None:
    home = home_page(fleet(), viewer(may_switch_all=True), VIEW)
    offered = [one for section in home.sections for entry in section.entries for one in actions(entry)]
    pressed = [*home.actions, *(one for one in offered if isinstance(one, Button | FormButton | Option))]
    assert all(isinstance(one, Button | FormButton | Option | LinkButton) for one in offered)
    assert {decode(one.token).verb for one in pressed} >= {Verb.APPROVE, Verb.RUN_NOW, Verb.PAUSE_ALL, Verb.SHOW_HOME}
