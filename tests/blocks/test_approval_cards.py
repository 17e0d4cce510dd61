"""What the card of an approval says before and after a decision."""

import pytest

from blocks.cards import approval_card
from blocks.elements import Button, FormButton, Payload, Quoted, Style, Text, Tone
from blocks.fit import fit
from blocks.limits import DISCORD, SLACK
from blocks.tokens import Verb
from store.records import Actor, ActorKind, ApprovalState, UndoState
from tests.blocks.reading import in_words, offered
from tests.blocks.samples import VIEW, approval, undo, vote


def test_an_open_approval_offers_approve_reject_and_edit() -> None:
    card = approval_card(approval(), (), VIEW)
    assert offered(card) == [Verb.APPROVE, Verb.REJECT, Verb.EDIT, Verb.ALLOW_LIKE]
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
    said = in_words(approval_card(approval(), (), VIEW))
    first_line = said.split("\n")[0]
    assert first_line == "◆ Approval needed · Moves 3 files older than 30 days to /srv/archive"
    for part in (
        "Machine Watch",
        "role ops",
        "18:30 CET",
        "Yes. Moves them back",
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
    said = in_words(approval_card(approval(arguments={"to": "p\u0430ypal.test"}), (), VIEW))
    assert "Look closely" in said
    assert "Look closely" not in in_words(
        approval_card(approval(arguments={"to": "\u043f\u0440\u0438\u0432\u0435\u0442"}), (), VIEW)
    )


def test_votes_so_far_are_shown_while_more_are_needed() -> None:
    said = in_words(approval_card(approval(), (vote("bo", reason="looks right"),), VIEW))
    assert "Bo Lindqvist approved on Slack" in said
    assert "looks right" in said


@pytest.mark.parametrize("state", [state for state in ApprovalState if not state.is_open])
def test_a_decided_approval_cannot_be_decided_again(state: ApprovalState) -> None:
    card = approval_card(approval(state), (), VIEW)
    assert not set(offered(card)) & {Verb.APPROVE, Verb.REJECT, Verb.EDIT}
    assert card.summary.startswith(card.state)


@pytest.mark.parametrize(
    ("state", "parts"),
    [
        (ApprovalState.APPROVED, ["Not executed yet", "Ana Duarte on Slack", "Execute before"]),
        (ApprovalState.REJECTED, ["The call was not made", "Keep October here."]),
        (ApprovalState.EXPIRED, ["Nobody decided in time. That is not a no; the call was not made.\n", "Expired at"]),
        (ApprovalState.SUPERSEDED, ["was edited", "approval_cccccccccccccccc"]),
        (ApprovalState.WITHDRAWN, ["run ended before a decision"]),
        (ApprovalState.EXECUTING, ["is being made now"]),
        (ApprovalState.EXECUTED, ["Moved 3 files, 4.1 MB.", "Executed at  Sat 21 Nov 2026, 14:29 CET"]),
        (ApprovalState.FAILED, ["failed", "No space left", "Exact call of"]),
        (ApprovalState.LAPSED, ["lapsed and the call was not made.\n"]),
        (ApprovalState.REFUSED, ["no longer allowed", "Those who approved no longer hold the role."]),
        (ApprovalState.UNKNOWN, ["may or may not have happened", "Exact call of", "Nothing repeats it"]),
    ],
)
def test_a_decided_approval_says_what_became_of_it(state: ApprovalState, parts: list[str]) -> None:
    said = in_words(approval_card(approval(state), (), VIEW))
    assert [part for part in parts if part not in said] == []


def test_only_an_executed_call_reads_as_executed() -> None:
    claiming = [
        state for state in ApprovalState if "The call was made." in in_words(approval_card(approval(state), (), VIEW))
    ]
    assert claiming == [ApprovalState.EXECUTED]


@pytest.mark.parametrize(
    ("changes", "is_offered"), [({}, True), ({"undo": None}, False), ({"irreversible": True}, False)]
)
def test_undo_is_offered_where_the_tool_has_one(changes: dict[str, object], is_offered: bool) -> None:
    card = approval_card(approval(ApprovalState.EXECUTED, **changes), (), VIEW)
    assert (offered(card) == [Verb.UNDO]) is is_offered


@pytest.mark.parametrize(
    ("state", "word", "tone", "says", "may_undo"),
    [
        (
            UndoState.WORKING,
            "Being taken back",
            Tone.NEUTRAL,
            "It is being taken back; Ana Duarte asked for it at",
            False,
        ),
        (UndoState.UNDONE, "Undone", Tone.NEUTRAL, "Undone by Ana Duarte at Sat 21 Nov 2026, 14:30 CET.", False),
        (UndoState.NOTHING, "Executed", Tone.GOOD, "so there is nothing to take back.", False),
        (UndoState.FAILED, "Not taken back", Tone.BAD, "somebody changed the file since. Undo may be pressed", True),
    ],
)
def test_the_card_says_how_taking_back_went(state: UndoState, word: str, tone: Tone, says: str, may_undo: bool) -> None:
    card = approval_card(approval(ApprovalState.EXECUTED), (), VIEW, undo=undo(state))
    assert (card.state, card.tone, offered(card) == [Verb.UNDO]) == (word, tone, may_undo)
    assert says in " ".join(in_words(card).split())
    assert card.summary.startswith(word)
    assert says in card.summary


@pytest.mark.parametrize("state", list(ApprovalState))
@pytest.mark.parametrize("length", [90, 102, 103, 150, 400])
def test_what_was_asked_is_said_whole_in_every_state_on_every_surface(state: ApprovalState, length: int) -> None:
    summary = f"Moves {'x' * (length - 7)}."
    card = approval_card(approval(state, summary=summary), (), VIEW)
    assert card.title.startswith("Moves xxx")
    for shown in (card, fit(card, SLACK), fit(card, DISCORD)):
        whole = [element.text for element in shown.elements if isinstance(element, Text) and element.text == summary]
        assert (f"{shown.title}." == summary) is not bool(whole)


def test_a_title_ends_with_a_whole_word() -> None:
    card = approval_card(approval(summary="Moves 40 files: " + ", ".join(["a-rather-long-name.pdf"] * 40)), (), VIEW)
    assert card.title == f"Moves 40 files: {', '.join(['a-rather-long-name.pdf'] * 3)}…"


@pytest.mark.parametrize("state", [state for state in ApprovalState if not state.is_open])
def test_a_decided_call_is_folded_away_unless_somebody_must_look_at_it(state: ApprovalState) -> None:
    card = approval_card(approval(state), (), VIEW)
    payload = next(element for element in card.elements if isinstance(element, Payload))
    assert payload.text == approval().payload
    assert payload.folded is (state not in (ApprovalState.FAILED, ApprovalState.UNKNOWN))


def test_a_folded_call_is_short_in_chat_and_its_hash_covers_all_of_it() -> None:
    record = approval(ApprovalState.EXECUTED, arguments={"files": [f"report-{number}.pdf" for number in range(90)]})
    card = approval_card(record, (), VIEW)
    for limits in (SLACK, DISCORD):
        payload = next(element for element in fit(card, limits).elements if isinstance(element, Payload))
        assert (len(payload.text) <= 400, payload.total_chars) == (True, len(record.payload))
        assert payload.note == f"SHA-256 {record.call_hash}"
    assert record.payload in in_words(card)


def test_a_decided_card_still_says_who_asked() -> None:
    assert "Asked by     Machine Watch" in in_words(approval_card(approval(ApprovalState.EXECUTED), (), VIEW))


def test_a_quorum_is_said_in_people() -> None:
    requirement = approval().requirement.model_copy(update={"quorum": 2})
    assert "2 people with role ops" in in_words(approval_card(approval(requirement=requirement), (), VIEW))


def test_who_asked_is_named_when_it_was_not_the_agent_itself() -> None:
    asker = Actor(kind=ActorKind.PERSON, id="bo")
    assert "Machine Watch, for Bo Lindqvist" in in_words(approval_card(approval(requested_by=asker), (), VIEW))
