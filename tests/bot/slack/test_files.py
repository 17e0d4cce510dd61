"""A file given in a form is fetched from Slack alone, whole or not at all; nobody else is shown the bot's token."""

from typing import Any

import pytest

from blocks.elements import FieldKind, Form, FormField
from blocks.render.slack import render_form
from bot.surfaces.base import MAX_FILE_BYTES, InboundEvent, InboundFile, InboundKind
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.downloads import may_fetch
from bot.surfaces.slack.inbound import read_inbound
from store.kernel.errors import Retryable, UserMistake
from tests.emulator.fake_slack import TEAM, FakeSlack
from tests.emulator.surfaces import BOT_TOKEN

FORM = Form(
    title="Ask an agent",
    submit="Ask",
    token="q1:ask:watch:1",
    fields=(
        FormField(name="words", label="What is it to do?"),
        FormField(name="papers", label="Files", kind=FieldKind.FILE, required=False, max_files=3),
    ),
)


def submission(files: list[dict[str, Any]], view_id: str = "V1") -> dict[str, Any]:
    values = {
        "words": {"answer": {"type": "plain_text_input", "value": "Read this"}},
        "papers": {"answer": {"type": "file_input", "files": files}},
    }
    view = {"id": view_id, "callback_id": FORM.token, "private_metadata": "{}", "state": {"values": values}}
    return {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": "U0DANA"}, "view": view}


def event_of(files: list[dict[str, Any]]) -> InboundEvent:
    heard = read_inbound(submission(files))
    assert heard is not None
    return heard.event


def only_file(fake: FakeSlack, content: bytes = b"hello", **described: Any) -> InboundFile:
    [file] = event_of([fake.add_given(content, **described)]).files
    return file


def test_a_file_field_is_a_file_input_that_slack_sdk_accepts() -> None:
    from slack_sdk.models.views import View

    modal: Any = render_form(FORM)
    View(**modal).validate_json()
    field = modal["blocks"][-1]
    assert (field["element"], field["optional"]) == (
        {"type": "file_input", "action_id": "answer", "max_files": 3},
        True,
    )


def test_what_was_given_comes_beside_the_answers(fake: FakeSlack) -> None:
    given = fake.add_given(b"hello", name="<!channel>.txt")
    event = event_of([given])
    assert (event.kind, event.fields) == (InboundKind.SUBMIT, {"words": "Read this", "papers": ""})
    [file] = event.files
    assert (file.field, file.name, file.bytes, file.sha256) == ("papers", "<!channel>.txt", 5, None)
    assert event_of([given]).key == event.key
    assert event_of([]).key != event.key
    assert InboundEvent.model_validate(event.model_dump(mode="json")) == event


async def test_a_file_is_fetched_with_the_bots_token(slack: SlackSurface, fake: FakeSlack) -> None:
    assert await slack.read_file(only_file(fake, b"hello" * 1000)) == b"hello" * 1000
    assert fake.given_to == [f"Bearer {BOT_TOKEN}"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/files-pri/F1",
        "https://files.slack.com.evil.test/x",
        "https://files.slack.com@evil.test/x",
        "https://user@files.slack.com/x",
        "http://files.slack.com/x",
        "https://files.slack.com:8443/x",
        "//files.slack.com/x",
        "file:///etc/passwd",
        "",
    ],
)
async def test_nobody_but_slack_is_asked(slack: SlackSurface, fake: FakeSlack, url: str) -> None:
    assert not may_fetch(url, "https://slack.com/api/")
    with pytest.raises(UserMistake, match="not kept by Slack"):
        await slack.read_file(only_file(fake, url_private_download=url, url_private=url))
    assert fake.given_to == []


def test_slacks_own_host_may_be_asked() -> None:
    assert may_fetch("https://files.slack.com/files-pri/T1-F1/download/notes.txt", "https://slack.com/api/")


async def test_a_large_file_is_not_fetched_whatever_slack_says_of_its_size(
    slack: SlackSurface, fake: FakeSlack
) -> None:
    with pytest.raises(UserMistake, match="larger than 5 MB"):
        await slack.read_file(only_file(fake, size=MAX_FILE_BYTES + 1))
    assert fake.given_to == []
    with pytest.raises(UserMistake, match="larger than 5 MB"):
        await slack.read_file(only_file(fake, b"x" * (MAX_FILE_BYTES + 1), size=10))
    assert len(await slack.read_file(only_file(fake, b"x" * MAX_FILE_BYTES))) == MAX_FILE_BYTES


async def test_a_redirect_is_not_followed(slack: SlackSurface, fake: FakeSlack) -> None:
    file = only_file(fake)
    fake.given_answers.append({"status": 302, "headers": {"Location": f"{fake.url}/files-pri/{file.id}"}})
    with pytest.raises(UserMistake, match="HTTP 302"):
        await slack.read_file(file)
    assert len(fake.given_to) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(403, UserMistake), (404, UserMistake), (429, Retryable), (503, Retryable)]
)
async def test_what_slack_answers_instead_is_told_apart(
    slack: SlackSurface, fake: FakeSlack, status: int, kind: type[Exception]
) -> None:
    fake.given_answers.append({"status": status})
    with pytest.raises(kind):
        await slack.read_file(only_file(fake))
