"""The previewer of Block Kit: it parses what Slack parses, shows all it is given, and refuses what it does not know."""

from typing import Any

import pytest
from pydantic import ValidationError

from docs.pictures.block_kit.blocks import Home, Message, Modal
from docs.pictures.gallery import AGENT
from docs.pictures.html.frames import home_html, message_html, modal_html
from docs.pictures.html.markup import Page
from docs.pictures.html.mrkdwn import mrkdwn
from tests.blocks.reading import Page as Reading
from tests.blocks.reading import read_html
from tests.blocks.samples import HOSTILE

WORDS = {"type": "plain_text", "text": "words"}
OPTION = {"text": WORDS, "value": "1"}
THUMB = {"text": WORDS, "value": "up"}
POINT = {"label": "13:00", "value": 4.8}
SERIES = {"series": [{"name": "n", "data": [POINT]}], "axis_config": {"categories": ["13:00"], "y_label": "%"}}
PICTURE = {"type": "image", "image_url": "https://a.test/i.png", "alt_text": "icon"}
THUMBS = {"type": "feedback_buttons", "positive_button": THUMB, "negative_button": THUMB}
OTHER_BLOCKS: tuple[dict[str, Any], ...] = (
    {"type": "section", "fields": [WORDS, WORDS], "accessory": {"type": "overflow", "options": [OPTION]}},
    {"type": "context", "elements": [WORDS, PICTURE]},
    {"type": "actions", "elements": [{"type": "static_select", "options": [OPTION], "initial_option": OPTION}]},
    {
        "type": "data_table",
        "caption": "cap",
        "rows": [[{"type": "raw_text", "text": "a"}], [{"type": "raw_number", "value": 2}]],
    },
    {"type": "data_visualization", "title": "line", "chart": {"type": "line", **SERIES}},
    {"type": "data_visualization", "title": "bar", "chart": {"type": "bar", **SERIES}},
    {"type": "data_visualization", "title": "area", "chart": {"type": "area", **SERIES}},
    {"type": "data_visualization", "title": "pie", "chart": {"type": "pie", "segments": [POINT]}},
    {"type": "context_actions", "elements": [THUMBS]},
    {"type": "card", "title": {"type": "mrkdwn", "text": "*t*"}, "actions": [{"type": "button", "text": WORDS}]},
)
BAD_BUTTON = {"type": "button", "text": WORDS, "style": "big"}
BAD_RUN = {"type": "rich_text_section", "elements": [{"type": "team", "text": "x"}]}


def _blocks(*blocks: dict[str, Any]) -> Reading:
    message = Message.model_validate({"text": "A sentence.", "blocks": blocks})
    return read_html(str(message_html(message, AGENT, Page())))


def _links(page: Reading) -> list[str]:
    return [attributes["href"] for attributes in page.named("a")]


def test_the_same_text_in_a_field_that_slack_parses_would_ping_and_deceive() -> None:
    page = _blocks({"type": "section", "text": {"type": "mrkdwn", "text": HOSTILE}})
    mentions = [attributes for attributes in page.named("span") if attributes.get("class") == "mention"]
    assert len(mentions) >= 4
    assert "https://evil.test" in _links(page)
    assert "bank.test" in page.text
    assert {"b", "i", "code", "blockquote"} <= page.tags
    assert "script" not in page.tags


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> now", '<span class="mention">@channel</span> now'),
        ("<@U1> &amp; <#C1>", '<span class="mention">@Ana</span> &amp; <span class="mention">#ops</span>'),
        ("<https://evil.test|bank.test>", '<a href="https://evil.test">bank.test</a>'),
        ("see https://a.test/b", 'see <a href="https://a.test/b">https://a.test/b</a>'),
        ("*bold* 2*3*4 _it_ a_b_c ~no~", "<b>bold</b> 2*3*4 <i>it</i> a_b_c <s>no</s>"),
        ("`a *b* <!here>` :tada: :nope:", "<code>a *b* &lt;!here&gt;</code> 🎉 :nope:"),
        ("&gt; said\nso", "<blockquote>said</blockquote>so"),
        ("<!date^1795271400^{time}|14:30 UTC>", "14:30 UTC"),
        ('<b onclick="x">', "&lt;b onclick=&#34;x&#34;&gt;"),
    ],
)
def test_mrkdwn_reads_as_slack_reads_it(text: str, shown: str) -> None:
    assert mrkdwn(text, Page(names={"U1": "Ana", "C1": "ops"})) == shown


def test_plain_text_is_never_parsed_and_keeps_its_shortcodes_when_asked_to() -> None:
    header = {"type": "plain_text", "text": "<!here> *no* :tada:"}
    assert "<!here> *no* 🎉" in _blocks({"type": "header", "text": header}).text
    assert "<!here> *no* :tada:" in _blocks({"type": "header", "text": {**header, "emoji": False}}).text


@pytest.mark.parametrize(
    "block",
    [
        {"type": "marquee"},
        {"type": "divider", "width": 3},
        {"type": "header", "text": {"type": "mrkdwn", "text": "no"}},
        {"type": "header", "text": {"type": "plain_text", "text": ""}},
        {"type": "section"},
        {
            "type": "actions",
            "elements": [{"type": "button", "text": {"type": "plain_text", "text": "a"}, "style": "big"}],
        },
        {"type": "rich_text", "elements": [BAD_RUN]},
        {"type": "task_card", "task_id": "1", "title": "t", "status": "pending"},
        {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "never uploaded"},
    ],
)
def test_what_is_not_understood_is_an_error_and_never_left_out(block: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, ValueError)):
        _blocks(block)


def test_blocks_that_other_cards_may_need_are_drawn_too() -> None:
    page = _blocks(*OTHER_BLOCKS)
    assert page.faults == []
    assert {"polyline", "polygon", "rect", "path", "img"} <= page.tags
    assert "1–1 of 1" in page.text
    assert "👍" in page.text


def test_a_thread_a_form_and_a_home_tab_have_their_frames() -> None:
    words = {"type": "plain_text", "text": "words"}
    blocks = [{"type": "input", "label": words, "element": {"type": "plain_text_input"}, "optional": True}]
    message = Message.model_validate({"text": "t", "blocks": [{"type": "header", "text": words}]})
    reply = message_html(message, AGENT, Page())
    assert "2 replies" in message_html(message, AGENT, Page(), replies=(reply, reply))
    modal = Modal.model_validate({"type": "modal", "title": words, "submit": words, "blocks": blocks})
    assert "(optional)" in modal_html(modal, Page())
    home = Home.model_validate({"type": "home", "blocks": [{"type": "header", "text": words}]})
    assert read_html(str(home_html(home, AGENT, Page()))).faults == []
