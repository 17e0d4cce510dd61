"""Home pages, verdicts and the week they add up to, on both databases."""

from datetime import timedelta

from store.actions import Store
from store.actions.agents import switch_agents
from store.actions.approvals import decide_approval
from store.actions.feedback import give_feedback
from store.actions.homes import close_home, home_published, open_home, turn_home
from store.actions.runs import finish_run
from store.kernel.clock import ManualClock
from store.queries import homes, schedules
from store.queries.feedback import feedback_since
from store.queries.week import Span, week
from store.records import AgentState, Feedback, FeedbackVerdict, HomeShow, RunState
from tests.store.samples import asked, person, requested, running


def test_a_page_is_opened_turned_published_and_closed(store: Store, clock: ManualClock) -> None:
    opened = open_home(store, surface="slack", account="U1", person_id="ana", view_hash=None)
    assert home_published(store, opened, digest="d1", view_hash="h1")
    clock.move_to(clock.now() + timedelta(seconds=1))
    same = open_home(store, surface="slack", account="U1", person_id="ana", view_hash="h1")
    assert (same.shown_digest, same.view_hash) == ("d1", "h1")
    turned = turn_home(store, surface="slack", account="U1", person_id="ana", show=HomeShow.WORKING, page=3)
    assert (turned.show, turned.page, turned.shown_digest) == (HomeShow.WORKING, 3, None)
    clock.move_to(clock.now() + timedelta(seconds=1))
    turn_home(store, surface="slack", account="U1", person_id="ana")
    assert not home_published(store, turned, digest="late", view_hash="h2")
    found = homes.home(store, "slack", "U1")
    assert found is not None
    assert (found.show, found.page, found.shown_digest, found.view_hash) == (HomeShow.WORKING, 3, None, "h2")
    close_home(store, found)
    assert [one.person_id for one in homes.homes_opened_since(store, clock.now())] == [None]


def test_those_that_wait_for_their_page_come_first(store: Store, clock: ManualClock) -> None:
    for account in ("U1", "U2", "U3"):
        opened = open_home(store, surface="slack", account=account, person_id=None, view_hash=None)
        if account != "U2":
            home_published(store, opened, digest="d", view_hash="h")
    since = clock.now() - timedelta(hours=1)
    assert [one.account for one in homes.homes_opened_since(store, since)] == ["U2", "U1", "U3"]


def test_all_agents_are_switched_and_only_those_that_change_are_counted(store: Store) -> None:
    assert switch_agents(store, ("a", "b"), person("ana"), state=AgentState.PAUSED) == 2
    assert switch_agents(store, ("a", "b", "c"), person("ana"), state=AgentState.PAUSED) == 1
    assert [schedules.agent_paused(store, one) for one in ("a", "b", "c", "d")] == [True, True, True, False]
    assert switch_agents(store, ("a", "d"), person("ana"), state=AgentState.ACTIVE) == 1


def test_a_week_adds_up(store: Store, clock: ManualClock) -> None:
    start = clock.now()
    span = Span(start, start + timedelta(days=7))
    finish_run(store, running(store, "done").id, state=RunState.DONE)
    requested(store, "queued")
    waiting = asked(store, running(store, "asks", by=person("ben")))
    clock.move_to(start + timedelta(minutes=3))
    decide_approval(
        store, waiting.id, person_id="ana", account="U1", surface="slack", approve=True, eligible=frozenset({"ana"})
    )
    given = Feedback(
        card_key="digest:d1",
        person_id="ana",
        agent_id="watch",
        record_id="d1",
        verdict=FeedbackVerdict.NOT_USEFUL,
        words="Too long",
        surface="slack",
        at=clock.now(),
    )
    give_feedback(store, given)
    roles = {"ana": frozenset({"approver"}), "ben": frozenset({"approver"}), "eve": frozenset[str]()}
    found = week(store, span, ("watch", "idle"), roles)
    assert [(one.agent_id, one.total) for one in found.agents] == [("watch", 3), ("idle", 0)]
    assert (found.approvals.asked, found.approvals.approved, found.approvals.median_seconds) == (1, 1, 180)
    assert [(one.person_id, one.approvals) for one in found.asked] == [("ana", 1), ("ben", 0), ("eve", 0)]
    assert (found.feedback, found.missed) == ((given,), 0)
    assert feedback_since(store, start, agent_id="watch") == [given]
    assert week(store, Span(span.end, span.end + timedelta(days=7)), ("watch",), roles).approvals.asked == 0
