"""What only Slack's messages and modals have."""

from typing import Any

import pytest

from blocks.cards import alert_card, approval_card, run_card
from blocks.elements import Card, Context, Element, FieldKind, Form, FormButton, FormField, Menu, Option, Payload, Tone
from blocks.fit import fit_form
from blocks.limits import DIGEST, DISCORD, READABLE, SLACK, SLACK_CONTEXT_CHARS, SLACK_MODAL_METADATA_CHARS
from blocks.render import slack
from blocks.render.slack_check import problems
from blocks.tokens import Verb, encode
from store.records import StepState
from tests.blocks.samples import VIEW, alert, all_cards, approval, run, step, steps


def _message(card: Card, **options: Any) -> Any:
    return slack.render(card, **options)


def _block(message: Any, kind: str) -> Any:
    return next(block for block in message["blocks"] if block["type"] == kind)


def _with(*elements: Element) -> Card:
    return Card(
        key="notice:a", revision=1, kind="notice", tone=Tone.GOOD, state="s", title="t", summary="s", elements=elements
    )


def _edit_form(card: Card) -> FormButton:
    return next(action for action in card.actions if isinstance(action, FormButton) and action.label == "Edit…")


def test_a_message_is_known_again_by_its_key_and_revision() -> None:
    message = _message(run_card(run(), steps(), VIEW, revision=6))
    assert message["metadata"] == {
        "event_type": slack.METADATA_EVENT_TYPE,
        "event_payload": {"key": "run:run_aaaaaaaaaaaaaaaa", "revision": 6, "kind": "run"},
    }


def test_block_ids_differ_within_a_message_and_between_revisions() -> None:
    first, second = (_message(run_card(run(), steps(), VIEW, revision=number)) for number in (6, 7))
    ids = [block["block_id"] for message in (first, second) for block in message["blocks"]]
    assert len(set(ids)) == len(ids)


def test_the_fallback_is_the_whole_card_as_a_sentence() -> None:
    message = _message(approval_card(approval(), (), VIEW))
    assert message["text"] == (
        "Approval needed by Sat 21 Nov 2026, 18:30 CET. Machine Watch asks: "
        "Moves 3 files older than 30 days to /srv/archive."
    )


def test_steps_are_a_plan_or_without_agent_features_a_list() -> None:
    card = run_card(run(), steps(), VIEW, revision=6)
    plan = next(block for block in _message(card)["blocks"] if block["type"] == "plan")
    assert [task["status"] for task in plan["tasks"]] == ["complete", "complete", "in_progress"]
    plain = _message(card, agent_features=False)["blocks"]
    assert "plan" not in {block["type"] for block in plain}
    assert "machine.disk" in str(plain)


def test_a_chart_is_an_uploaded_file_or_is_said_in_words_and_figures() -> None:
    card = alert_card(alert(), VIEW)
    drawn = _message(card, files={"alert_dddddddddddddddd.png": "F0CHART5501"})["blocks"]
    image = next(block for block in drawn if block["type"] == "image")
    assert image["slack_file"] == {"id": "F0CHART5501"}
    assert "title" not in image
    assert "expected at most 85 %" in image["alt_text"]
    spoken = _message(card)["blocks"]
    assert "image" not in {block["type"] for block in spoken}
    assert "The chart is not shown here." in str(spoken)
    assert "92.4 %" in str(spoken)


def test_a_press_and_a_pick_give_back_their_token_and_a_link_none() -> None:
    token = encode(Verb.STOP, "run_a", 6)
    assert slack.pressed_token({"type": "button", "value": token}) == token
    assert slack.pressed_token({"type": "static_select", "selected_option": {"value": token}}) == token
    assert slack.pressed_token({"type": "button", "url": "https://console.test"}) is None


def test_a_menu_is_a_select_with_a_token_for_each_option() -> None:
    options = tuple(Option(label=f"Run {n}", token=encode(Verb.RUN_NOW, f"agent-{n}", 1)) for n in range(25))
    card = _with().model_copy(update={"actions": (Menu(label="Act", options=options),)})
    select = _message(card)["blocks"][-1]["elements"][0]
    assert select["type"] == "static_select"
    assert [option["value"] for option in select["options"]] == [option.token for option in options]


def test_a_plan_says_beside_its_signs_only_what_they_do_not() -> None:
    rows = (step(0), step(1, StepState.FAILED), step(2, StepState.STARTED))
    tasks = _block(_message(run_card(run(), rows, VIEW)), "plan")["tasks"]
    said = [task["output"]["elements"][0]["elements"][0]["text"] if "output" in task else None for task in tasks]
    assert said == ["3.1 s", "failed, 3.1 s: The disk did not answer.", None]


def test_small_print_is_one_line_with_dots_and_a_long_one_several_within_their_limit() -> None:
    [line] = _block(_message(_with(Context(parts=("one", "two")))), "context")["elements"]
    assert line["text"] == "one · two"
    lines = _block(_message(_with(Context(parts=("x" * 390,) * 9))), "context")["elements"]
    assert len(lines) > 1
    assert all(len(line["text"]) <= SLACK_CONTEXT_CHARS for line in lines)
    assert sum(line["text"].count("x") for line in lines) == 390 * 9


def test_beside_three_buttons_a_link_stands_behind_dots_and_following_it_presses_nothing() -> None:
    approve, reject, edit, _, link = _message(approval_card(approval(), (), VIEW))["blocks"][-1]["elements"]
    assert [element["text"]["text"] for element in (approve, reject, edit)] == ["Approve", "Reject…", "Edit…"]
    assert link["type"] == "overflow"
    [option] = link["options"]
    assert option["url"] == f"{VIEW.console_url}/approvals/approval_bbbbbbbbbbbbbbbb"
    assert slack.pressed_token({"type": "overflow", "selected_option": option}) is None


def test_a_form_becomes_a_modal_that_slack_sdk_accepts_and_its_answers_come_back() -> None:
    from slack_sdk.models.views import View

    form = _edit_form(approval_card(approval(), (), VIEW)).form
    modal: Any = slack.render_form(form, "kept")
    View(**modal).validate_json()
    assert modal["callback_id"] == form.token
    assert modal["private_metadata"] == "kept"
    inputs = [block for block in modal["blocks"] if block["type"] == "input"]
    assert [block["block_id"] for block in inputs] == ["files", "older_than_days", "target"]
    assert [block["element"].get("initial_value") for block in inputs][1:] == ["30", "/srv/archive"]


def test_the_answers_of_every_kind_of_field_are_read() -> None:
    view: Any = {
        "state": {
            "values": {
                "a": {"answer": {"type": "plain_text_input", "value": "one"}},
                "b": {"answer": {"type": "static_select", "selected_option": {"value": "true"}}},
                "c": {"answer": {"type": "plain_text_input", "value": None}},
            }
        }
    }
    assert slack.form_answers(view) == {"a": "one", "b": "true", "c": ""}
    assert slack.form_answers({}) == {}


def test_too_much_private_metadata_is_a_bug_not_a_cut() -> None:
    form = _edit_form(approval_card(approval(), (), VIEW)).form
    with pytest.raises(ValueError, match="private_metadata"):
        slack.render_form(form, "x" * (SLACK_MODAL_METADATA_CHARS + 1))


def test_an_exact_payload_is_not_touched_by_defusing() -> None:
    payload = Payload(label="Exact call", text='{"to":"@everyone <!channel> a&b"}')
    card = approval_card(approval(), (), VIEW).model_copy(update={"elements": (payload,)})
    assert payload.text in [part["text"] for part in _message(card)["blocks"][1]["elements"][1]["elements"]]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            lambda message: message["blocks"].extend([{"type": "divider", "block_id": str(n)} for n in range(50)]),
            "blocks",
        ),
        (lambda message: message["blocks"][0]["text"].update(text="x" * 151), "header: 151 of 150"),
        (lambda message: message["blocks"].append(dict(message["blocks"][0])), "one block_id"),
        (lambda message: message.update(text=""), "fallback"),
        (lambda message: message["blocks"][1]["elements"][0]["elements"][0].update(text="x" * 3001), "rich_text part"),
        (lambda message: message["blocks"][-1]["elements"][0]["text"].update(text="x" * 76), "button: 76 of 75"),
        (lambda message: message["blocks"][-1]["elements"][0].update(action_id="link:1"), "one action_id"),
        (
            lambda message: message["blocks"][-1]["elements"][0]["confirm"]["text"].update(text="x" * 301),
            "confirm text",
        ),
        (lambda message: message["blocks"][-2].update(elements=[]), "context: 0 of 10"),
        (lambda message: message["blocks"][-2]["elements"][0].update(text="x" * 2001), "context text: 2001 of 2000"),
        (lambda message: message["blocks"][2]["tasks"].extend([{}] * 50), "plan tasks"),
    ],
)
def test_a_message_over_a_limit_is_noticed(fault: Any, said: str) -> None:
    message = _message(run_card(run(), steps(), VIEW, revision=6))
    assert problems(message) == []
    fault(message)
    assert any(said in problem for problem in problems(message))


def test_two_tables_or_a_huge_one_are_noticed() -> None:
    digest = _message(next(card for name, card in all_cards() if name == "digest"))
    table = next(block for block in digest["blocks"] if block["type"] == "table")
    digest["blocks"].append({**table, "block_id": "again", "rows": table["rows"] * 60})
    found = problems(digest)
    assert "more than one table" in found
    assert any("table rows" in problem for problem in found)


def test_where_no_files_can_be_given_a_file_field_asks_where_they_are() -> None:
    papers = FormField(name="papers", label="Files", kind=FieldKind.FILE, max_files=3)
    form = Form(title="Ask", submit="Ask", token="q1:ask:a:1", fields=(papers,))
    for limits in (SLACK, DISCORD):
        assert fit_form(form, limits).fields == (papers,)
    for limits in (READABLE, DIGEST):
        [field] = fit_form(form, limits).fields
        assert (field.kind, field.required) == (FieldKind.TEXT, False)
        assert "Say where they are" in str(field.hint)


def test_a_chart_slack_draws_says_which_readings_it_shows_and_ends_with_the_newest() -> None:
    blocks = _message(alert_card(alert(), VIEW), native_charts=True)["blocks"]
    [chart] = [block for block in blocks if block["type"] == "data_visualization"]
    assert "The chart shows every 2nd of 25 readings." in str(blocks)
    observed, expected = chart["chart"]["series"]
    assert (len(observed["data"]), observed["data"][-1]["value"]) == (13, 92.4)
    assert {point["value"] for point in expected["data"]} == {85.0}
