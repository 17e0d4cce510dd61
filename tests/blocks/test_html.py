"""What only the console's HTML has."""

import pytest

from blocks.cards import alert_card, approval_card, fleet_card, run_card
from blocks.elements import Card, Form, FormButton, FormField, Text
from blocks.render import html
from store.records import ApprovalState
from tests.blocks.reading import Page, read_html
from tests.blocks.samples import VIEW, alert, all_cards, approval, fleet, run, steps


def _page(card: Card, csrf: str = "") -> Page:
    return read_html(html.render(card, csrf))


def test_a_card_is_an_article_that_can_be_found_and_replaced() -> None:
    article = _page(run_card(run(), steps(), VIEW, revision=6)).named("article")[0]
    assert article["data-key"] == "run:run_aaaaaaaaaaaaaaaa"
    assert article["data-revision"] == "6"
    assert article["class"] == "card card--neutral"


def test_every_press_posts_its_token_to_one_place() -> None:
    page = _page(approval_card(approval(), (), VIEW), csrf="secret")
    assert {form["action"] for form in page.named("form")} == {"/act"}
    assert {form["method"] for form in page.named("form")} == {"post"}
    hidden = [field["value"] for field in page.named("input") if field.get("name") == "csrf"]
    assert hidden == ["secret"] * len(page.named("form"))
    tokens = [field["value"] for field in [*page.named("button"), *page.named("input")] if field.get("name") == "token"]
    assert [token.split(":")[1] for token in tokens] == ["approve", "allow_like", "reject", "edit"]


def test_without_a_csrf_token_there_is_no_field_for_one() -> None:
    page = _page(approval_card(approval(), (), VIEW))
    assert "csrf" not in {field.get("name") for field in page.named("input")}


def test_what_cannot_be_undone_is_asked_before_it_is_sent() -> None:
    page = _page(approval_card(approval(irreversible=True), (), VIEW))
    assert "This cannot be undone." in page.text
    assert len(page.named("details")) == 3


def test_a_decided_call_can_be_opened_and_is_all_there() -> None:
    record = approval(ApprovalState.EXECUTED)
    page = _page(approval_card(record, (), VIEW))
    assert [block["class"] for block in page.named("details")] == ["fold", "confirm"]
    assert record.payload in page.text


def test_a_button_is_named_with_its_object() -> None:
    page = _page(run_card(run(), steps(), VIEW))
    assert "Stop: the run of Machine Watch" in [button.get("aria-label") for button in page.named("summary")]


def test_every_field_has_its_label() -> None:
    page = _page(approval_card(approval(), (), VIEW))
    fields = [
        field for tag in ("input", "select", "textarea") for field in page.named(tag) if field.get("type") != "hidden"
    ]
    labelled = {label["for"] for label in page.named("label")}
    assert fields
    assert {field["id"] for field in fields} <= labelled


@pytest.mark.parametrize("value", ["\n leading", "a\u200bb", "</textarea><b>", "\u202etxt", '"quoted"', "tab\tbed"])
def test_a_fields_value_comes_back_exactly(value: str) -> None:
    form = Form(title="t", submit="s", token="t", fields=(FormField(name="a", label="a", initial=value),))
    page = read_html(html.render_form(form, "secret"))
    assert [field["value"] for field in page.named("input") if field["name"] == "field.a"] == [value]


def test_figures_stand_to_the_right_and_names_to_the_left() -> None:
    page = _page(fleet_card(fleet(), VIEW))
    assert [cell.get("class", "") for cell in page.named("th")] == ["", "", "", "", "num"]


def test_a_moment_keeps_its_exact_time_for_the_page() -> None:
    page = _page(alert_card(alert(), VIEW))
    assert page.named("time")[0]["datetime"] == "2026-11-21T12:45:00+00:00"


def test_a_chart_is_a_picture_for_each_ground_with_its_finding_and_its_numbers() -> None:
    card = alert_card(alert(), VIEW, revision=2)
    page = _page(card)
    image = page.named("img")[0]
    assert image["src"] == html.chart_url(card) == "/charts/alert%3Aalert_dddddddddddddddd/2.svg"
    assert page.named("source")[0]["srcset"] == f"{image['src']}?theme=dark"
    assert "expected at most 85 %" in image["alt"]
    assert "92.4 %" in page.text


def test_a_state_is_a_word_and_a_shape_hidden_from_readers() -> None:
    page = _page(run_card(run(), steps(), VIEW))
    signs = [span for span in page.named("span") if span.get("class") == "badge__sign"]
    assert signs == [{"class": "badge__sign", "aria-hidden": "true"}]
    assert "Running" in page.text


def test_line_breaks_are_kept_and_nothing_else_is_markup() -> None:
    card = run_card(run(), (), VIEW).model_copy(update={"elements": (Text(text="one\n<b>two</b>"),)})
    page = _page(card)
    assert "one\n<b>two</b>" in page.text
    assert len(page.named("br")) == 1


def test_a_template_expression_in_a_text_is_not_evaluated() -> None:
    card = run_card(run(reason="{{ 7*7 }} {% raw %}"), (), VIEW)
    assert "{{ 7*7 }} {% raw %}" in _page(card).text


@pytest.mark.parametrize(("name", "card"), [pytest.param(name, card, id=name) for name, card in all_cards()])
def test_nothing_is_fetched_but_the_chart(name: str, card: Card) -> None:
    page = _page(card)
    fetched = [attributes[key] for _, attributes in page.elements for key in ("src", "srcset") if key in attributes]
    assert all(address.startswith("/charts/") for address in fetched)
    assert not any(name.startswith("on") or name == "style" for name in page.attributes)


def test_reject_asks_for_the_reason() -> None:
    card = approval_card(approval(), (), VIEW)
    reject = next(action for action in card.actions if isinstance(action, FormButton) and action.label == "Reject…")
    assert reject.form.fields[0].required
    reason = next(field for field in _page(card).named("textarea") if field["name"] == "field.reason")
    assert "required" in reason
