"""What only Discord's messages and modals have."""

from dataclasses import replace
from typing import Any

import pytest

from blocks.cards import alert_card, approval_card, fleet_card, notice_card, run_card
from blocks.elements import (
    Button,
    Card,
    Column,
    Confirm,
    Feedback,
    FormButton,
    Item,
    Items,
    LinkButton,
    Menu,
    Option,
    Payload,
    Table,
    Text,
    Tone,
)
from blocks.render import discord
from blocks.render.discord_check import component_count, problems
from blocks.render.discord_confirm import asking_first, render_question
from blocks.render.discord_links import is_for_everybody, link_text
from blocks.tokens import Verb, encode
from store.records import RunState, StepState
from tests.blocks.samples import VIEW, alert, approval, fleet, run, steps
from tests.blocks.schemas import discord_schema

PUBLIC = replace(VIEW, console_url="https://console.test")
"""A view whose links everybody can open."""


def _container(message: Any) -> list[Any]:
    return list(message["components"][0]["components"])


def _rows(card: Card) -> list[Any]:
    return [part for part in _container(discord.render(card)) if part["type"] == 1]


def _modal(label: str) -> Any:
    card = approval_card(approval(), (), VIEW)
    form = next(action.form for action in card.actions if isinstance(action, FormButton) and action.label == label)
    return discord.render_form(form)


def test_a_message_is_components_only_and_pings_nobody() -> None:
    message: Any = discord.render(run_card(run(), steps(), VIEW, revision=6))
    assert message["flags"] == 1 << 15
    assert message["allowed_mentions"] == {"parse": []}
    assert set(message) == {"flags", "components", "allowed_mentions"}


def test_a_button_is_its_token() -> None:
    [row] = _rows(run_card(run(), steps(), PUBLIC, revision=6))
    stop, open_run = row["components"]
    assert stop["custom_id"] == asking_first(encode(Verb.STOP, "run_aaaaaaaaaaaaaaaa", 6))
    assert (open_run["style"], "custom_id" in open_run) == (5, False)


def test_an_address_that_only_one_machine_can_open_is_no_button() -> None:
    message = discord.render(run_card(run(), steps(), VIEW, revision=6))
    *_, row, links = _container(message)
    assert [button["label"] for button in row["components"]] == ["Stop"]
    assert links["content"] == f"-# [Open run]({VIEW.console_url}/runs/run_aaaaaaaaaaaaaaaa)"


@pytest.mark.parametrize(
    ("url", "everybody"),
    [
        ("https://console.test/a", True),
        ("http://10.0.0.7:8420", True),
        ("http://localhost:8420/x", False),
        ("http://a.localhost/", False),
        ("http://127.0.0.1:8420", False),
        ("http://[::1]:8420/", False),
        ("http://0.0.0.0/", False),
    ],
)
def test_who_can_open_an_address(url: str, everybody: bool) -> None:
    assert is_for_everybody(url) is everybody


def test_a_bracket_in_an_address_ends_no_link() -> None:
    assert link_text("a]b", "https://a.test/x)[y](z") == r"[a\]b](https://a.test/x%29[y]%28z)"


def test_a_menu_has_a_row_of_its_own_and_gives_back_what_was_picked() -> None:
    rows = _rows(fleet_card(fleet(), PUBLIC, revision=9))
    assert [[part["type"] for part in row["components"]] for row in rows] == [[2], [3]]
    select = rows[1]["components"][0]
    assert select["custom_id"].startswith(discord.MENU_PREFIX)
    token = select["options"][0]["value"]
    assert discord.pressed_token({"custom_id": select["custom_id"], "values": [token]}) == token
    assert discord.pressed_token({"custom_id": token}) == token


def test_a_chart_is_an_attachment_or_is_said_in_words_and_figures() -> None:
    card = alert_card(alert(), VIEW)
    gallery = next(
        part for part in _container(discord.render(card, files=["alert_dddddddddddddddd.png"])) if part["type"] == 12
    )
    assert gallery["items"][0]["media"]["url"] == "attachment://alert_dddddddddddddddd.png"
    spoken = _container(discord.render(card))
    assert 12 not in {part["type"] for part in spoken}
    assert "The chart is not shown here." in str(spoken)


@pytest.mark.parametrize("label", ["Reject…", "Edit…"])
def test_a_form_becomes_a_modal_that_discords_description_accepts(label: str) -> None:
    modal = _modal(label)
    request = {"type": 9, "data": modal}
    assert [error.message for error in discord_schema("ModalInteractionCallbackRequest").iter_errors(request)] == []


def test_a_modal_holds_the_introduction_the_fields_and_their_values() -> None:
    intro, *labels = _modal("Edit…")["components"]
    assert intro["type"] == 10
    assert [label["component"]["custom_id"] for label in labels] == ["files", "older_than_days", "target"]
    assert labels[2]["component"]["value"] == "/srv/archive"


def test_answers_come_back_by_name() -> None:
    data: Any = {
        "components": [
            {"type": 10},
            {"type": 18, "component": {"type": 4, "custom_id": "a", "value": "one"}},
            {"type": 18, "component": {"type": 3, "custom_id": "b", "values": ["true"]}},
            {"type": 18, "component": {"type": 4, "custom_id": "c", "value": ""}},
        ]
    }
    assert discord.form_answers(data) == {"a": "one", "b": "true", "c": ""}
    assert discord.form_answers({}) == {}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda parts: parts.extend([{"type": 14}] * 40), "components"),
        (lambda parts: parts.extend([{"type": 10, "content": "x" * 2001}] * 2), "characters"),
        (lambda parts: parts[-1]["components"].append(dict(parts[-1]["components"][0])), "one custom_id"),
        (lambda parts: parts[-1]["components"][0].update(label="x" * 81), "label has 81 of 80"),
        (lambda parts: parts[-1]["components"][0].update(url="https://a.test"), "either an address"),
        (lambda parts: parts[-1].update(components=[]), "0 of 5 buttons"),
        (lambda parts: parts[-1]["components"][0].update(custom_id="x" * 101), "custom_id has 101 of 100"),
        (lambda parts: parts[-1]["components"].append({"type": 3, "options": []}), "menu shares its row"),
    ],
)
def test_a_message_over_a_limit_is_noticed(fault: Any, said: str) -> None:
    message: Any = discord.render(run_card(run(), steps(), PUBLIC, revision=6))
    assert problems(message) == []
    fault(message["components"][0]["components"])
    assert any(said in problem for problem in problems(message))


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ({"options": []}, "0 of 25 options"),
        ({"options": [{"label": "a", "value": "1"}] * 2}, "one value"),
        ({"options": [{"label": "", "value": "1"}]}, "label has 0 of 100"),
        ({"options": [{"label": "a", "value": "1"}], "placeholder": "x" * 151}, "placeholder"),
    ],
)
def test_a_menu_over_a_limit_is_noticed(select: dict[str, Any], said: str) -> None:
    message = {"components": [{"type": 1, "components": [{"type": 3, "custom_id": "a", **select}]}]}
    assert any(said in problem for problem in problems(message))


def test_a_card_that_is_one_list_has_the_message_to_itself() -> None:
    words = "what it is for, in a few words that all count"
    rows = tuple(Item(text=f"command {number}", detail=words) for number in range(24))
    listed = notice_card("What you can say", "", Tone.NEUTRAL).model_copy(update={"elements": (Items(rows=rows),)})
    shown = str(discord.render(listed))
    assert [row.text for row in rows if f"{row.text} –" not in shown] == []
    beside = listed.model_copy(update={"elements": (Items(rows=rows), Text(text="and words"))})
    assert "12 more" in str(discord.render(beside))


_SECTION: dict[str, Any] = {
    "type": 9,
    "components": [{"type": 10, "content": "a"}],
    "accessory": {"type": 2, "style": 5, "label": "Open", "url": "https://a.test"},
}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"type": 10, "content": " \n"}, "a text is blank"),
        ({"type": 10, "content": "x" * 4001}, "a text has 4001 of 4000"),
        ({"type": 10, "content": "x", "style": 1}, "unknown style"),
        ({"type": 10, "content": "x", "id": 2**31}, "number is none that Discord takes"),
        ({"type": 10, "content": "x", "id": -1}, "number is none that Discord takes"),
        ({**_SECTION, "id": 7, "components": [{"type": 10, "content": "a", "id": 7}]}, "have one number"),
        ({"type": 99}, "type 99 is not one that we send"),
        ({**_SECTION, "components": []}, "one to three texts"),
        ({**_SECTION, "components": _SECTION["components"] * 4}, "one to three texts"),
        ({**_SECTION, "accessory": {"type": 14}}, "no button"),
        ({**_SECTION, "accessory": {**_SECTION["accessory"], "url": f"https://a.test/{'x' * 500}"}}, "address has 515"),
        ({"type": 12, "items": []}, "0 of 10 pictures"),
        ({"type": 12, "items": [{"media": {"url": "https://a.test"}, "description": "d"}]}, "not one that is attached"),
        ({"type": 12, "items": [{"media": {"url": "attachment://a"}, "description": ""}]}, "description has 0 of 1024"),
        ({"type": 13, "file": {"url": "https://a.test/a.csv"}}, "not one that is attached"),
        ({"type": 1, "components": [{"type": 10, "content": "x"}]}, "neither a button nor a menu"),
        ({"type": 17, "accent_color": 1, "components": []}, "holds what it cannot"),
        ({"type": 4, "custom_id": "a", "style": 1}, "a part of a form stands in a message"),
    ],
)
def test_a_part_that_discord_would_not_take_is_noticed(part: dict[str, Any], said: str) -> None:
    message: Any = discord.render(run_card(run(), steps(), PUBLIC, revision=6))
    message["components"][0]["components"].append(part)
    assert any(said in problem for problem in problems(message)), problems(message)


def test_a_message_that_says_it_in_words_too_or_without_its_flag_is_noticed() -> None:
    message: Any = discord.render(run_card(run(), steps(), PUBLIC, revision=6))
    assert problems({**message, "content": "words"}) == ["content beside components"]
    assert problems({**message, "flags": 0}) == ["components without the flag that allows them"]


def test_the_first_list_has_its_addresses_on_buttons_and_every_other_behind_its_words() -> None:
    parts = _container(discord.render(fleet_card(fleet(), PUBLIC, revision=9)))
    sections = [part for part in parts if part["type"] == 9]
    assert [section["accessory"]["url"].rsplit("/", 1)[0] for section in sections] == [
        f"https://console.test/{kind}" for kind in ("approvals", "runs", "cards", "cards")
    ]
    assert "[Machine Watch](https://console.test/runs/run_hhhhhhhhhhhhhhhh)" in str(parts)
    assert [part for part in _container(discord.render(fleet_card(fleet(), VIEW))) if part["type"] == 9] == []


def test_a_moment_is_counted_from_now_by_discord_unless_it_is_of_another_world() -> None:
    card = approval_card(approval(), (), VIEW)
    ends = f"<t:{int(approval().expires_at.timestamp())}:R>"
    assert ends in str(discord.render(card))
    assert "<t:" not in str(discord.render(card.model_copy(update={"simulated": True})))


def test_verdicts_stand_beside_the_buttons_or_in_a_row_of_their_own() -> None:
    good, bad = Option(label="Useful", token="q1:useful:a:1"), Option(label="Not useful", token="q1:not_useful:a:1")
    asks = Feedback(label="Useful?", good=good, bad=bad)
    buttons = tuple(Button(label=str(number), token=f"t{number}") for number in range(4))
    shown = {
        number: [[part.get("emoji", {}).get("name", part["label"]) for part in row["components"]] for row in rows]
        for number in (0, 3, 4)
        if (rows := _rows(notice_card("a", "", Tone.NEUTRAL).model_copy(update={"actions": (*buttons[:number], asks)})))
    }
    assert shown == {
        0: [["👍", "👎"]],
        3: [["0", "1", "2", "👍", "👎"]],
        4: [["0", "1", "2", "3"], ["👍", "👎"]],
    }


def test_the_fullest_card_is_still_one_message() -> None:
    """As many parts, files, verdicts and roles as there can be, in every mixture of actions."""
    texts = [Payload(label="Exact", text=letter * 5000, note="hash") for letter in "abc"]
    table = Table(columns=(Column(name="a"), Column(name="b")), rows=(("1", "2"),) * 300, total_rows=300)
    elements = (*([Text(text="x")] * 60), *texts, table)
    verdicts = [
        Feedback(label="?", good=Option(label="g", token=f"g{n}"), bad=Option(label="b", token=f"b{n}"))
        for n in range(5)
    ]
    menus = [Menu(label="m", options=(Option(label="o", token=f"o{n}"),)) for n in range(5)]
    links = [LinkButton(label="l", url=f"http://127.0.0.1/{'x' * 400}")] * 5
    update = {"elements": elements, "simulated": True, "made_up": "m" * 80, "state": "s" * 90, "title": "t" * 900}
    counts = []
    for mixed in (verdicts, menus, links, [*verdicts[:4], menus[0]], [*menus[:3], *verdicts[:2]]):
        card = run_card(run(), steps(), PUBLIC).model_copy(update={**update, "actions": tuple(mixed)})
        names = [file.name for file in discord.files_of(card)]
        message: Any = discord.render(card, files=names, roles=["9" * 20] * 5)
        assert len(names) == str(message).count("attachment://") == 3
        counts.append(component_count(message["components"]))
    assert max(counts) == 39


@pytest.mark.parametrize("blank", ["", " ", "\r\n", "\n \n"])
def test_what_is_blank_is_said_to_be_nothing(blank: str) -> None:
    row = Item(text=blank, url="https://a.test")
    table = Table(columns=(Column(name=blank),) * 3, rows=((blank,) * 3,))
    elements = (Text(text=blank, heading=blank), Items(heading=blank, rows=(row,)), Payload(label=blank, text=blank))
    button = Button(label=blank, token="t", confirm=Confirm(title=blank, text=blank, verb=blank))
    card = notice_card(blank, blank, Tone.NEUTRAL).model_copy(
        update={"elements": (*elements, table), "actions": (button,)}
    )
    assert problems(discord.render(card)) == []
    assert "****" not in str(discord.render(card))
    question: Any = render_question(button)
    assert problems({"flags": 1 << 15, "components": question}) == []


def test_a_role_that_stands_for_two_is_called_once() -> None:
    message: Any = discord.render(notice_card("a", "", Tone.NEUTRAL), roles=["7", "8", "7"])
    assert message["allowed_mentions"] == {"parse": [], "roles": ["7", "8"]}
    assert str(message).count("<@&7>") == 1
    assert list(discord_schema("MessageCreateRequest").iter_errors(message)) == []


@pytest.mark.parametrize("roles", [["1"] * 5 + ["x"], ["@everyone"], [str(number) for number in range(6)]])
def test_what_is_no_role_is_not_called(roles: list[str]) -> None:
    with pytest.raises(ValueError, match="roles can be called"):
        discord.render(notice_card("a", "", Tone.NEUTRAL), roles=roles)


def test_progress_is_a_bar_until_all_is_done() -> None:
    assert "**2 of 3 steps finished** ▰▰▱" in str(discord.render(run_card(run(), steps(), VIEW, revision=6)))
    done = run_card(run(RunState.DONE), steps(StepState.DONE), VIEW, revision=6)
    assert "▰" not in str(discord.render(done))
