"""Handoffs: sent once, to whom the sender's run says, guarded by a breaker, never round in circles."""

from datetime import timedelta

import pytest

from store.actions import Store
from store.actions.agents import switch_agent
from store.actions.handoffs import accept_handoff, held_route, release_route, return_handoff
from store.actions.runs import finish_run
from store.kernel.clock import ManualClock
from store.kernel.errors import NotFound, Refused, UserMistake
from store.queries import handoffs, incidents, runs
from store.queries.audit import events_for
from store.records import AgentState, Handoff, HandoffState, IncidentState, Rung, RunState, TriggerKind
from store.rules.handoffs import HOPS_MAX, Terms
from tests.store import handed
from tests.store.handed import ID, ROUTE, UNSOUND, sent, started, woken
from tests.store.samples import person, running

ANA = person("ana")


def test_work_is_sent_once_and_wakes_its_receiver_once(store: Store) -> None:
    run = running(store, by=ANA)
    first = sent(store, run)
    assert sent(store, run) == first
    assert (first.sender, first.receiver, first.state) == ("watch", "chief", HandoffState.SENT)
    assert (first.hops, first.path, first.root_run) == (1, ("watch",), run.id)
    [woke] = runs.recent_runs(store, "chief")
    assert (woke.trigger.kind, woke.trigger.input, woke.trigger.initiator) == (
        TriggerKind.HANDOFF,
        {"handoff": ID},
        ANA,
    )
    assert not woke.tainted
    assert [event.kind for event in events_for(store, "handoff", ID)] == ["handoff.sent"]


def test_work_without_waking_waits_for_the_receivers_own_schedule(store: Store) -> None:
    sent(store, running(store), waking=None)
    assert runs.recent_runs(store, "chief") == []
    assert [one.id for one in handoffs.handoffs(store, receiver="chief")] == [ID]


def test_a_paused_receiver_is_not_started_and_finds_the_work_later(store: Store) -> None:
    switch_agent(store, "chief", ANA, state=AgentState.PAUSED)
    sent(store, running(store))
    assert runs.recent_runs(store, "chief") == []
    assert handed.states(store) == [HandoffState.SENT]


def test_who_sent_it_is_the_runs_agent_and_nothing_else(store: Store) -> None:
    assert sent(store, started(store, "other")).sender == "other"
    with pytest.raises(Refused) as refused:
        sent(store, started(store, "chief"), "two", to="chief")
    assert refused.value.rule == "handoff.self"


def test_only_its_receiver_takes_work_or_sends_it_back(store: Store) -> None:
    handed.taken(store)
    stranger = started(store, "other")
    with pytest.raises(NotFound):
        accept_handoff(store, ID, stranger.id)
    with pytest.raises(NotFound):
        return_handoff(store, ID, stranger.id, "not mine", handed.TERMS)
    mine = handed.chief(store)
    accepted = accept_handoff(store, ID, mine.id)
    assert accept_handoff(store, ID, mine.id) == accepted
    returned = return_handoff(store, ID, mine.id, "not my lane", handed.TERMS)
    assert return_handoff(store, ID, mine.id, "again", handed.TERMS) == returned
    assert handed.breaker(store).returns == 1
    with pytest.raises(UserMistake, match="returned and cannot be accepted"):
        accept_handoff(store, ID, mine.id)


def test_the_breaker_climbs_from_retry_to_another_path_to_a_person(store: Store) -> None:
    run, terms = running(store), Terms(failures_max=3, otherwise="other")
    fates = [sent(store, run, str(number), sure=False, terms=terms) for number in range(4)]
    assert [one.state for one in fates] == [
        HandoffState.REFUSED,
        HandoffState.SENT,
        HandoffState.HELD,
        HandoffState.HELD,
    ]
    assert (fates[1].receiver, fates[1].diverted_from) == ("other", "chief")
    assert [run.agent_id for run in runs.recent_runs(store, "other")] == ["other"]
    assert handed.breaker(store).rung is Rung.PERSON
    [asked] = incidents.open_incidents(store)
    assert (held_route(asked.cause), asked.count) == (ROUTE, 2)


def test_unsound_work_takes_no_other_path(store: Store) -> None:
    run, terms = running(store), Terms(failures_max=2, otherwise="other")
    fates = [sent(store, run, str(number), objection=UNSOUND, terms=terms).state for number in range(4)]
    assert fates == [HandoffState.REFUSED, HandoffState.REFUSED, HandoffState.HELD, HandoffState.HELD]
    assert runs.recent_runs(store, "other") == []


def test_sound_and_sure_work_closes_the_breaker_and_its_card(store: Store) -> None:
    handed.held(store)
    [asked] = incidents.open_incidents(store)
    run = started(store, "watch", "later")
    assert sent(store, run, "three").state is HandoffState.SENT
    assert not handed.breaker(store).is_open
    assert incidents.incident(store, asked.id).state is IncidentState.CLOSED


def test_a_person_closes_the_breaker_and_what_fits_goes_on_its_way(store: Store) -> None:
    handed.held(store)
    sent(store, started(store, "watch", "later"), "bad", objection=UNSOUND)
    assert release_route(store, ROUTE, ANA, handed.WAKING) == 1
    assert release_route(store, ROUTE, ANA, handed.WAKING) == 0
    assert sorted(handed.states(store)) == [HandoffState.DROPPED, HandoffState.REFUSED, HandoffState.SENT]
    assert len(runs.recent_runs(store, "chief")) == 1
    assert incidents.open_incidents(store) == []


def returned(store: Store, key: str, terms: Terms) -> Handoff:
    """One piece of sound work, sent back by whoever got it; held work reaches nobody."""
    one = sent(store, started(store, "watch", key), key, terms=terms)
    if one.state is HandoffState.SENT:
        mine = woken(store, one.receiver)
        return_handoff(store, one.id, mine.id, "not mine", terms)
        finish_run(store, mine.id, state=RunState.DONE)
    return one


def test_work_that_keeps_coming_back_is_tried_again_then_goes_another_way_then_to_a_person(store: Store) -> None:
    terms = Terms(failures_max=2, otherwise="other")
    went = [returned(store, str(number), terms) for number in range(5)]
    assert [(one.receiver, one.state) for one in went] == [
        ("chief", HandoffState.SENT),
        ("chief", HandoffState.SENT),
        ("chief", HandoffState.SENT),
        ("other", HandoffState.SENT),
        ("chief", HandoffState.HELD),
    ]
    [asked] = incidents.open_incidents(store)
    assert "not mine" in asked.detail
    assert release_route(store, ROUTE, ANA, handed.WAKING) == 1
    accept_handoff(store, went[4].id, woken(store).id)
    assert handed.breaker(store).returns == 0


def test_work_never_comes_back_to_where_it_has_been(store: Store) -> None:
    handed.taken(store)
    with pytest.raises(Refused, match="watch → chief → watch") as refused:
        sent(store, handed.chief(store), "back", to="watch")
    assert refused.value.rule == "handoff.cycle"
    assert len(handed.states(store)) == 1


def test_work_accepted_by_a_scheduled_run_does_not_go_round_either(store: Store) -> None:
    sent(store, running(store), waking=None)
    own = started(store, "chief")
    accept_handoff(store, ID, own.id)
    with pytest.raises(Refused, match="return it instead"):
        sent(store, own, "back", to="watch")
    assert sent(store, own, "on", to="other").hops == 2


def test_hops_are_counted_from_where_the_work_began(store: Store) -> None:
    run, root = started(store, "a", "root"), None
    for hop, receiver in enumerate(handed.AGENTS[5:], start=1):
        if hop > HOPS_MAX:
            with pytest.raises(Refused, match="passed on 6 times"):
                sent(store, run, f"hop{hop}", to=receiver)
            return
        one = sent(store, run, f"hop{hop}", to=receiver)
        root = root or one.root_run
        assert (one.hops, one.root_run) == (hop, root)
        run = woken(store, receiver)
    raise AssertionError("more agents than hops are needed")


def test_a_persons_wish_stays_theirs_through_a_scheduled_run(store: Store) -> None:
    sent(store, running(store, by=ANA), waking=None)
    own = started(store, "chief")
    accept_handoff(store, ID, own.id)
    assert sent(store, own, "on", to="other").initiator == ANA


def test_who_is_late_is_known_with_their_last_time(store: Store, clock: ManualClock) -> None:
    sent(store, running(store), waking=None)
    clock.move_to(clock.now() + timedelta(days=1))
    since = clock.now() - timedelta(hours=4)
    sent(store, started(store, "other"), "two", waking=None)
    clock.move_to(clock.now() + timedelta(hours=1))
    late = handoffs.absent(
        store, ["watch", "other", "scribe"], receiver="chief", contract="finding@1", since=since, until=clock.now()
    )
    assert [(one.agent_id, one.last_at) for one in late] == [
        ("watch", since - timedelta(hours=20)),
        ("scribe", None),
    ]
    assert [one.id for one in handoffs.unaccepted(store, since)] == [ID]
