"""The scripted model: which line answers, and that it is as strict as a real one."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.models.faults import FaultKind, ModelUnavailable
from agents.models.port import Message, ToolCall, Usage
from agents.models.script import Match
from agents.models.scripted import ScriptedModel
from store.kernel.errors import UserMistake
from tests.agents.models.asking import DIGEST, ask, model

MODELS = {"main": model()}

SCRIPT = """
- match: {agent: note-taker, turn: 0}
  reply:
    tool_calls: [{name: changes.read, arguments: {days: 1}}]
- match: {agent: note-taker, has_tool_result: true, contains: "3 commits"}
  reply:
    answer: {headline: Three commits, changes: 3}
  usage: {prompt_tokens: 90, completion_tokens: 12}
- match: {contains: overloaded}
  times: 2
  reply:
    error: {kind: overloaded, status: 503, retry_after_seconds: 1.5}
- match: {contains: overloaded}
  reply: {text: Here again.}
"""


def conversation(result: str) -> tuple[Message, ...]:
    call = ToolCall(id="call_0_0", name="changes.read", arguments_json="{}")
    return (
        *ask().messages,
        Message(role="assistant", tool_calls=(call,)),
        Message(role="tool", content=result, tool_call_id="call_0_0"),
    )


@pytest.fixture
def scripted(tmp_path: Path) -> ScriptedModel:
    file = tmp_path / "script.yaml"
    file.write_text(SCRIPT)
    return ScriptedModel.from_file(MODELS, file)


async def test_a_conversation_follows_the_script(scripted: ScriptedModel) -> None:
    first = await scripted.complete(ask())
    assert first.tool_calls == (ToolCall(id="call_0_0", name="changes.read", arguments_json='{"days": 1}'),)
    second = await scripted.complete(ask(messages=conversation("3 commits"), answer_schema=DIGEST))
    assert second.answer == {"headline": "Three commits", "changes": 3}
    assert second.usage == Usage(prompt_tokens=90, completion_tokens=12)
    assert second.cost_micros == 90 + 12 * 3


async def test_a_line_may_run_out(scripted: ScriptedModel) -> None:
    request = ask("overloaded", agent="other")
    for _ in range(2):
        with pytest.raises(ModelUnavailable) as caught:
            await scripted.complete(request)
        assert (caught.value.fault.kind, caught.value.delay_seconds) == (FaultKind.OVERLOADED, 1.5)
    assert (await scripted.complete(request)).text == "Here again."


async def test_a_request_nothing_matches_is_loud(scripted: ScriptedModel) -> None:
    with pytest.raises(UserMistake, match="no reply for agent 'note-taker', turn 1, after a tool message"):
        await scripted.complete(ask(messages=conversation("nothing")))
    assert scripted.attempts == 0


async def test_the_same_requests_give_the_same_replies(tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_text(json.dumps([{"reply": {"text": "Always this."}}]))
    replies = [await ScriptedModel.from_file(MODELS, file).complete(ask()) for _ in range(2)]
    assert replies[0] == replies[1]


@pytest.mark.parametrize("max_tokens", [1, 3, 5])
async def test_an_answer_over_max_tokens_is_cut_off(tmp_path: Path, max_tokens: int) -> None:
    file = tmp_path / "script.yaml"
    file.write_text("- reply: {answer: {headline: A headline that is too long, changes: 1}}")
    reply = await ScriptedModel.from_file(MODELS, file).complete(ask(answer_schema=DIGEST, max_tokens=max_tokens))
    assert reply.finish_reason == "length"
    assert reply.violation is not None
    assert reply.violation.cut_off
    assert reply.usage is not None
    assert reply.usage.completion_tokens == max_tokens


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({}, True),
        ({"agent": "note-taker"}, True),
        ({"agent": "machine-watch"}, False),
        ({"turn": 0}, True),
        ({"turn": 1}, False),
        ({"contains": "What changed"}, True),
        ({"contains": "Be brief"}, True),
        ({"contains": "what changed"}, False),
        ({"has_tool_result": False}, True),
        ({"has_tool_result": True}, False),
        ({"agent": "note-taker", "turn": 0, "contains": "nope"}, False),
    ],
)
def test_every_stated_field_must_agree(match: dict[str, Any], fits: bool) -> None:
    assert Match.model_validate(match).fits(ask()) is fits


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- reply: {txt: hi}", "0.reply.txt"),
        ("- reply: {text: hi, answer: {}}", "one of text, answer, tool_calls or error"),
        ("- reply: {}", "one of text, answer, tool_calls or error"),
        ("- {reply: {text: hi}, times: 0}", "0.times"),
        ("- reply: {tool_calls: [{name: a}]}", "either arguments or arguments_json"),
        ("- reply: {error: {kind: tired}}", "0.reply.error.kind"),
        ("reply: {text: hi}", "file"),
        ("- [", "not YAML"),
    ],
)
def test_a_script_that_is_none_says_where(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "script.yaml"
    file.write_text(text)
    with pytest.raises(UserMistake, match=r"model script .*script\.yaml") as caught:
        ScriptedModel.from_file(MODELS, file)
    assert complaint in str(caught.value)


def test_a_script_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="cannot be read: No such file"):
        ScriptedModel.from_file(MODELS, tmp_path / "missing.yaml")
