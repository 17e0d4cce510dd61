"""What each kind of card says in each state."""

from datetime import timedelta

import pytest

from blocks.cards import CardView, alert_card, approval_card, digest_card, fleet_card, incident_card, run_card
from blocks.cards.view import duration
from blocks.elements import Button, Card, FormButton, Menu, Payload, Quoted, Style, Tone, pressables
from blocks.render import text
from blocks.tokens import Press, Verb, decode
from store.records import (
    Actor,
    ActorKind,
    AlertState,
    ApprovalState,
    Digest,
    IncidentState,
    NeedsMe,
    RunState,
    Section,
    StepState,
    Trigger,
    TriggerKind,
)
from tests.blocks import samples
from tests.blocks.samples import (
    ANA,
    NOW,
    VIEW,
    alert,
    approval,
    digest,
    fleet,
    incident,
    quiet_digest,
    run,
    step,
    steps,
    vote,
)


def _verbs(card: Card) -> list[Verb]:
    return [decode(pressable.token).verb for pressable in pressables(card)]


def _said(card: Card) -> str:
    return text.render(card)


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        (RunState.QUEUED, [Verb.STOP]),
        (RunState.RUNNING, [Verb.STOP]),
        (RunState.WAITING, [Verb.STOP]),
        (RunState.DONE, []),
        (RunState.NEEDS_ATTENTION, [Verb.RETRY]),
        (RunState.FAILED, [Verb.RETRY]),
        (RunState.CANCELLED, [Verb.RETRY]),
        (RunState.TIMED_OUT, [Verb.RETRY]),
    ],
)
def test_a_run_can_be_stopped_while_active_and_repeated_after_it_went_wrong(state: RunState, verbs: list[Verb]) -> None:
    assert _verbs(run_card(run(state), steps(), VIEW, revision=6)) == verbs


def test_stopping_asks_first_and_carries_the_revision_the_reader_saw() -> None:
    stop = run_card(run(), steps(), VIEW, revision=6).actions[0]
    assert isinstance(stop, Button)
    assert stop.confirm is not None
    assert decode(stop.token) == Press(Verb.STOP, "run_aaaaaaaaaaaaaaaa", 6)


def test_a_run_already_asked_to_stop_is_not_asked_again() -> None:
    card = run_card(run(stop_requested_by="ana"), steps(), VIEW)
    assert _verbs(card) == []
    assert "Ana Duarte asked it to stop" in _said(card)


def test_a_waiting_run_says_for_what_and_an_ended_one_why() -> None:
    assert "Waiting for\nA decision about moving 3 files." in _said(run_card(run(RunState.WAITING), (), VIEW))
    assert "Why it ended\nThe folder /var/reports" in _said(run_card(run(RunState.FAILED), (), VIEW))


def test_a_step_of_unknown_outcome_says_that_nothing_repeats_it() -> None:
    said = _said(run_card(run(), (step(0, StepState.UNKNOWN),), VIEW))
    assert "outcome unknown" in said
    assert "not repeated until a person has looked" in said


def test_a_long_run_shows_its_latest_steps_and_counts_the_earlier_ones() -> None:
    many = tuple(step(number, name=f"tool.{number}") for number in range(250))
    said = _said(run_card(run(step_count=250), many, VIEW))
    assert "250 of 250 steps finished" in said
    assert "… 150 earlier" in said
    assert "tool.249" in said
    assert "tool.149 " not in said


def test_a_run_says_who_started_it_and_what_it_cost() -> None:
    trigger = Trigger(kind=TriggerKind.COMMAND, key="k", initiator=ANA)
    said = _said(run_card(run(trigger=trigger, tainted=True, held_micros=50_000), (), VIEW))
    assert "Ana Duarte (command)" in said
    assert "$0.21 (cap $1.00, $0.05 held)" in said
    assert "has read untrusted text" in said


def test_an_open_approval_offers_approve_reject_and_edit() -> None:
    card = approval_card(approval(), (), VIEW)
    assert _verbs(card) == [Verb.APPROVE, Verb.REJECT, Verb.EDIT]
    approve, reject, edit = card.actions[:3]
    assert isinstance(approve, Button)
    assert (approve.style, approve.confirm) == (Style.PRIMARY, None)
    assert isinstance(reject, FormButton)
    assert [(field.name, field.required) for field in reject.form.fields] == [("reason", True)]
    assert isinstance(edit, FormButton)
    assert {field.name: field.initial for field in edit.form.fields}["older_than_days"] == "30"


def test_approving_what_cannot_be_undone_asks_once_more() -> None:
    approve = approval_card(approval(irreversible=True), (), VIEW).actions[0]
    assert isinstance(approve, Button)
    assert approve.confirm is not None
    assert "cannot be undone" in approve.confirm.title


def test_an_open_approval_says_everything_needed_to_decide() -> None:
    said = _said(approval_card(approval(), (), VIEW))
    first_line = said.split("\n")[0]
    assert first_line == "◆ Approval needed · Moves 3 files older than 30 days to /srv/archive."
    for part in (
        "Machine Watch",
        "role ops",
        "18:30 CET",
        "Yes: moves them back",
        "Every change of a file",
        "ask-for-writes",
    ):
        assert part in said


def test_what_would_run_is_shown_character_for_character_and_the_claim_apart() -> None:
    card = approval_card(approval(), (), VIEW)
    payload = next(element for element in card.elements if isinstance(element, Payload))
    assert payload.text == approval().payload
    assert payload.note == f"SHA-256 {approval().call_hash}"
    claim = next(element for element in card.elements if isinstance(element, Quoted))
    assert claim.source == "Claim by Machine Watch, not checked"


def test_letters_of_mixed_alphabets_are_pointed_out() -> None:
    said = _said(approval_card(approval(arguments={"to": "p\u0430ypal.test"}), (), VIEW))
    assert "Look closely" in said
    assert "Look closely" not in _said(
        approval_card(approval(arguments={"to": "\u043f\u0440\u0438\u0432\u0435\u0442"}), (), VIEW)
    )


def test_votes_so_far_are_shown_while_more_are_needed() -> None:
    said = _said(approval_card(approval(), (vote("bo", reason="looks right"),), VIEW))
    assert "Bo Lindqvist approved on Slack" in said
    assert "looks right" in said


@pytest.mark.parametrize("state", [state for state in ApprovalState if not state.is_open])
def test_a_decided_approval_cannot_be_decided_again(state: ApprovalState) -> None:
    card = approval_card(approval(state), (), VIEW)
    assert not set(_verbs(card)) & {Verb.APPROVE, Verb.REJECT, Verb.EDIT}
    assert card.summary.startswith(card.state)


@pytest.mark.parametrize(
    ("state", "parts"),
    [
        (ApprovalState.APPROVED, ["Not executed yet", "Ana Duarte on Slack", "Execute before"]),
        (ApprovalState.REJECTED, ["The call was not made", "Keep October here."]),
        (ApprovalState.EXPIRED, ["Nobody decided in time", "not a no"]),
        (ApprovalState.SUPERSEDED, ["was edited", "approval_cccccccccccccccc"]),
        (ApprovalState.WITHDRAWN, ["run ended before a decision"]),
        (ApprovalState.EXECUTING, ["is being made now"]),
        (ApprovalState.EXECUTED, ["Moved 3 files, 4.1 MB.", "Executed at  Sat 21 Nov 2026, 14:29 CET"]),
        (ApprovalState.FAILED, ["failed", "No space left", "Exact call of"]),
        (ApprovalState.LAPSED, ["lapsed", "was not made"]),
        (ApprovalState.REFUSED, ["no longer allowed", "The rule now denies"]),
        (ApprovalState.UNKNOWN, ["may or may not have happened", "Exact call of", "Nothing repeats it"]),
    ],
)
def test_a_decided_approval_says_what_became_of_it(state: ApprovalState, parts: list[str]) -> None:
    said = _said(approval_card(approval(state), (), VIEW))
    assert [part for part in parts if part not in said] == []


def test_only_an_executed_call_reads_as_executed() -> None:
    claiming = [
        state for state in ApprovalState if "The call was made." in _said(approval_card(approval(state), (), VIEW))
    ]
    assert claiming == [ApprovalState.EXECUTED]


@pytest.mark.parametrize(("changes", "offered"), [({}, True), ({"undo": None}, False), ({"irreversible": True}, False)])
def test_undo_is_offered_where_the_tool_has_one(changes: dict[str, object], offered: bool) -> None:
    card = approval_card(approval(ApprovalState.EXECUTED, **changes), (), VIEW)
    assert (_verbs(card) == [Verb.UNDO]) is offered


def test_a_quorum_is_said_in_people() -> None:
    requirement = approval().requirement.model_copy(update={"quorum": 2})
    assert "2 people with role ops" in _said(approval_card(approval(requirement=requirement), (), VIEW))


def test_who_asked_is_named_when_it_was_not_the_agent_itself() -> None:
    asker = Actor(kind=ActorKind.PERSON, id="bo")
    assert "Machine Watch, for Bo Lindqvist" in _said(approval_card(approval(requested_by=asker), (), VIEW))


@pytest.mark.parametrize(
    ("state", "verbs"),
    [(AlertState.OPEN, [Verb.ACKNOWLEDGE]), (AlertState.ACKNOWLEDGED, []), (AlertState.CLEARED, [])],
)
def test_an_alert_asks_until_somebody_has_it(state: AlertState, verbs: list[Verb]) -> None:
    assert _verbs(alert_card(alert(state), VIEW, revision=2)) == verbs


def test_an_alert_says_value_range_since_owner_and_next_step() -> None:
    said = _said(alert_card(alert(), VIEW))
    for part in ("92.4 % (expected at most 85 %)", "13:45 CET", "45 min", "nobody yet", "free 6 GB by hand"):
        assert part in said


def test_an_alert_without_numbers_has_no_chart() -> None:
    series = tuple(reading.model_copy(update={"value": "n/a"}) for reading in alert().series)
    assert "Readings" not in _said(alert_card(alert(series=series), VIEW))


def test_an_incident_is_one_card_however_often_it_strikes() -> None:
    card = incident_card(incident(), VIEW, revision=3)
    said = _said(card)
    assert "335 times" in said
    assert "… 333 more" in said
    assert said.index("13:00:00Z") < said.index("12:30:00Z")
    assert _verbs(card) == [Verb.CLOSE_INCIDENT]


def test_a_closed_incident_says_by_whom_or_that_it_passed() -> None:
    closed = incident(IncidentState.CLOSED)
    assert "by Ana Duarte" in _said(incident_card(closed, VIEW))
    assert "the cause has passed" in _said(incident_card(closed.model_copy(update={"closed_by": None}), VIEW))
    assert _verbs(incident_card(closed, VIEW)) == []


def test_the_fleet_puts_what_needs_me_first_with_age_and_expiry() -> None:
    card = fleet_card(fleet(), VIEW, revision=9)
    said = _said(card)
    assert card.state == "4 things need you"
    assert said.index("Needs you") < said.index("Agents") < said.index("Finished today")
    assert "waiting 12 min · expires in 4 h" in said
    assert "$0.00 of $2.00" in said
    assert "$0.31, no day cap" in said


def test_the_fleet_offers_what_can_be_done_with_each_agent() -> None:
    menu = fleet_card(fleet(), VIEW).actions[0]
    assert isinstance(menu, Menu)
    labels = [option.label for option in menu.options]
    assert labels == ["Run Machine Watch now", "Pause Machine Watch", "Resume Note Taker"]


def test_an_empty_fleet_says_what_to_do() -> None:
    card = fleet_card(fleet(needs_me=NeedsMe(), agents=(), finished_today=()), VIEW)
    assert card.state == "Nothing needs you"
    assert "Describe one in the workspace" in _said(card)


def test_every_link_of_the_fleet_leads_into_the_console() -> None:
    said = _said(fleet_card(fleet(), VIEW))
    assert f"{VIEW.console_url}/cards/incident:incident_eeeeeeeeeeeeeeee" in said
    assert "http" not in _said(fleet_card(fleet(), CardView()))


# The digest, point by point of what a digest must be.


def test_digest_first_says_what_needs_you_or_nothing() -> None:
    assert _lines(digest())[2] == "Needs you"
    assert _lines(digest())[3].startswith("• Disk used 92.4 %")
    nothing = digest(figures=(), cannot_see=("swap",))
    assert _lines(nothing)[2:4] == ["Needs you", "Nothing."]


def test_digest_puts_the_writers_own_needs_first_wherever_they_were_written() -> None:
    sections = (*digest().sections, Section(heading="Needs you", lines=("Decide about the old reports",)))
    assert _lines(digest(sections=sections))[3] == "• Decide about the old reports"


@pytest.mark.parametrize("lines", [1, 30])
def test_digest_is_read_in_a_minute(lines: int) -> None:
    sections = tuple(
        Section(heading=f"Part {number}", lines=("something happened",) * lines) for number in range(lines)
    )
    card = digest_card(digest(sections=sections), VIEW)
    assert len(_said(card)) <= 1500 + 300  # the address of the run and the padding of the table
    assert len(card.elements) <= 20


def test_digest_gives_every_figure_its_comparison() -> None:
    row = next(line for line in _lines(digest()) if line.startswith("Memory used"))
    assert row.split() == ["Memory", "used", "41.0", "%", "40.2", "%", "+0.8", "ok"]
    assert "nothing to compare with" in _said(digest_card(quiet_digest(), VIEW))


def test_digest_never_drops_what_it_could_not_see() -> None:
    many = tuple(Section(heading=f"Part {number}", lines=("x" * 100,) * 9) for number in range(30))
    said = _said(digest_card(digest(sections=many), VIEW))
    assert "Could not see\n• swap: the reading was refused" in said
    assert digest_card(digest(), VIEW).tone is Tone.WARNING
    assert "Could not see: swap" in digest_card(digest(), VIEW).summary


def test_digest_of_a_quiet_day_is_two_lines() -> None:
    words = [line for line in _lines(quiet_digest()) if line and not line.startswith(("window", "Open"))]
    assert words[1] == "A quiet day."
    assert words[2].startswith("4 figures as expected: Disk used 92.4 % (+11.1, usually 81.3 %); Memory used 41.0 %")
    assert len(words) == 3


def test_digest_is_not_quiet_when_something_is_missing() -> None:
    blind = quiet_digest().model_copy(update={"cannot_see": ("swap",)})
    assert "Could not see" in _said(digest_card(blind, VIEW))


def test_digest_states_window_zone_and_moment() -> None:
    assert "window Fri 20 Nov 2026, 14:30 CET to Sat 21 Nov 2026, 14:30 CET" in _said(digest_card(digest(), VIEW))
    assert "as of Sat 21 Nov 2026, 14:30 CET" in _said(digest_card(digest(), VIEW))


def _lines(record: Digest) -> list[str]:
    return _said(digest_card(record, VIEW)).split("\n")


# What all cards share.


def test_equal_records_give_equal_cards() -> None:
    assert list(samples.all_cards()) == list(samples.all_cards())


def test_a_simulated_card_says_so_on_every_kind() -> None:
    view = CardView(simulated=True)
    for card in (run_card(run(), (), view), digest_card(digest(), view), fleet_card(fleet(), view)):
        assert card.simulated
        assert "Simulated time" in _said(card)


def test_every_card_has_a_sentence_for_those_who_cannot_see_it() -> None:
    for name, card in samples.ordinary_cards():
        assert len(card.summary) > len(card.state), name


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "< 0.1 s"),
        (0, "< 0.1 s"),
        (0.04, "< 0.1 s"),
        (3.14, "3.1 s"),
        (9.99, "9.9 s"),
        (10, "10 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(NOW, NOW + timedelta(seconds=seconds)) == said


def test_times_are_the_teams_own() -> None:
    assert CardView(timezone="America/New_York").when(NOW) == "Sat 21 Nov 2026, 08:30 EST"
    assert VIEW.at_time(NOW, NOW) == "14:30"
    assert VIEW.at_time(NOW + timedelta(days=1), NOW) == "Sun 22 Nov 2026, 14:30 CET"


def test_people_are_named_as_a_sentence_names_them() -> None:
    assert VIEW.people(()) == "nobody"
    assert VIEW.people(("ana",)) == "Ana Duarte"
    assert VIEW.people(("ana", "bo", "cy")) == "Ana Duarte, Bo Lindqvist and cy"
