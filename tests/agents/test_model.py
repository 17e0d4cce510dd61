"""A model as a mind: each wire attempt one step, calls through the gate, an end that the runtime accepts."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from agents.minds.asking import CALL_TIMEOUT_SECONDS
from agents.models.faults import FaultKind
from agents.models.port import ModelReply, ModelRequest, ToolCall
from agents.models.script import Line
from agents.models.scripted import ScriptedModel
from store.actions.runs import request_stop
from store.kernel.errors import UserMistake
from store.queries import findings, incidents
from store.records import Run, RunState, StepKind, StepState
from tests.agents.models.asking import model
from tests.agents.rig import ASK_FOR_PUSH, LIMITS, Rig, person, rule

MODEL = model()
REPORT = {"answer": {"summary": "Done.", "cannot_see": []}}


class Spy(ScriptedModel):
    """A scripted model that remembers what it was asked; its replies come in order."""

    def __init__(self, *replies: dict[str, Any]) -> None:
        lines = tuple(Line.model_validate({"reply": reply, "times": 1}) for reply in replies)
        super().__init__({MODEL.name: MODEL}, lines)
        self.requests: list[ModelRequest] = []
        self.before: dict[int, Callable[[], None]] = {}

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.requests.append(request)
        self.before.get(len(self.requests), lambda: None)()
        return await super().complete(request)


def calls(*called: tuple[str, Any]) -> dict[str, Any]:
    """A reply with tool calls; arguments given as text are sent as they stand."""
    written = [
        {"name": name, "arguments_json": given} if isinstance(given, str) else {"name": name, "arguments": given}
        for name, given in called
    ]
    return {"tool_calls": written}


def thinks(rig: Rig, *replies: dict[str, Any]) -> Spy:
    spy = Spy(*replies)
    rig.think_with(spy, MODEL)
    return spy


def fault(kind: FaultKind, status: int | None = None) -> dict[str, Any]:
    return {"error": {"kind": kind.value, "status": status}}


def last_told(spy: Spy) -> dict[str, Any]:
    """The last tool result as the model saw it."""
    content = [message.content for message in spy.requests[-1].messages if message.role == "tool"][-1]
    told: dict[str, Any] = json.loads(content or "")
    return told


def model_steps(rig: Rig, run: Run) -> list[tuple[str, StepState]]:
    return [(step.key, step.state) for step in rig.steps(run) if step.kind is StepKind.MODEL]


def test_a_model_reads_acts_and_reports(rig: Rig) -> None:
    spy = thinks(rig, calls(("see", {"n": 1}), ("put", {"n": 2})), REPORT)
    run = rig.run()
    assert (run.state, run.result) == (RunState.DONE, {"summary": "Done.", "cannot_see": []})
    assert rig.ledger.names() == ["see", "put"]
    assert [(step.key, step.name) for step in rig.steps(run)] == [
        ("1.model.1", "main"),
        ("1.1", "see"),
        ("1.2", "put"),
        ("2.model.1", "main"),
    ]
    assert last_told(spy) == {"result": {"n": 2, "times": 1}}
    assert run.spent_micros == sum(step.spent_micros for step in rig.steps(run)) > 0
    assert run.held_micros == 0


def test_the_model_is_told_who_it_is_and_only_its_own_tools(rig: Rig) -> None:
    spy = thinks(rig, REPORT)
    rig.change_agent(tools=("see",), purpose="Watches the sea.")
    rig.run()
    system, user = spy.requests[0].messages
    assert "Watches the sea." in (system.content or "")
    assert "Do your work." in (system.content or "")
    assert '"trigger"' in (user.content or "")
    assert [tool.name for tool in spy.requests[0].tools] == ["see"]
    assert spy.requests[0].timeout_seconds == CALL_TIMEOUT_SECONDS


def test_every_attempt_on_the_wire_is_a_step_with_its_own_hold(rig: Rig) -> None:
    spy = thinks(rig, fault(FaultKind.RATE_LIMITED, 429), fault(FaultKind.TIMEOUT), REPORT)
    run = rig.run()
    assert run.state is RunState.DONE
    assert model_steps(rig, run) == [
        ("1.model.1", StepState.FAILED),
        ("1.model.2", StepState.FAILED),
        ("1.model.3", StepState.DONE),
    ]
    refused, lost, answered = rig.steps(run)
    assert refused.spent_micros == 0, "an attempt the provider turned away costs nothing"
    assert lost.spent_micros > answered.spent_micros > 0, "one that may have been billed costs its worst case"
    assert len({request.idempotency_key for request in spy.requests}) == 3


def test_a_model_that_stays_away_fails_the_run_with_one_incident(rig: Rig) -> None:
    thinks(rig, *[fault(FaultKind.OVERLOADED, 503)] * 6)
    run = rig.run(limits=LIMITS.model_copy(update={"retries": 1}))
    assert (run.state, run.attempt) == (RunState.FAILED, 2)
    assert "overloaded" in (run.reason or "")
    assert len(incidents.open_incidents(rig.store)) == 1


def test_a_retried_run_asks_again_but_not_what_was_answered(rig: Rig) -> None:
    spy = thinks(rig, calls(("put", {"n": 1})), *[fault(FaultKind.OVERLOADED, 503)] * 3, REPORT)
    run = rig.run(limits=LIMITS.model_copy(update={"retries": 1}))
    assert run.state is RunState.DONE
    assert rig.ledger.numbers("put") == [1]
    assert len(spy.requests) == 5


def test_a_rejected_key_is_said_plainly_and_not_tried_again(rig: Rig) -> None:
    spy = thinks(rig, fault(FaultKind.UNAUTHORIZED, 401))
    run = rig.run(limits=LIMITS.model_copy(update={"retries": 3}))
    assert (run.state, run.attempt) == (RunState.FAILED, 1)
    assert "does not accept the key" in (run.reason or "")
    assert len(spy.requests) == 1


def test_a_crash_in_a_model_call_repeats_only_that_call(rig: Rig) -> None:
    spy = thinks(rig, calls(("put", {"n": 1})), REPORT)
    run = rig.start()
    spy.before[2] = rig.process.die
    rig.dies(run)
    rig.drive()
    run = rig.now(run)
    assert run.state is RunState.DONE
    assert len(spy.requests) == 3
    assert rig.ledger.numbers("put") == [1]
    assert run.held_micros == 0
    assert run.spent_micros > sum(step.spent_micros for step in rig.steps(run)) - 1


@pytest.mark.parametrize("when", [1, 2, 3])
def test_a_model_waits_for_people_and_goes_on_where_it_was(rig: Rig, when: int) -> None:
    rig.govern(*ASK_FOR_PUSH)
    spy = thinks(rig, calls(("put", {"n": 1}), ("push", {"n": 2}), ("put", {"n": 3})), REPORT)
    run = rig.run()
    assert run.state is RunState.WAITING
    asked_so_far = len(spy.requests)
    rig.decide(approve=when != 2, reason="no")
    rig.drive()
    assert rig.now(run).state is RunState.DONE
    assert len(spy.requests) == asked_so_far + 1
    assert rig.ledger.names() == (["put", "push", "put"] if when != 2 else ["put", "put"])


def test_a_rejection_reaches_the_model_as_data(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    spy = thinks(rig, calls(("push", {"n": 2})), REPORT)
    rig.run()
    rig.decide(approve=False, reason="too early")
    rig.drive()
    told = last_told(spy)
    assert told["rule"] == "approval.rejected"
    assert "too early" in told["refused"]


@pytest.mark.parametrize(
    ("call", "rule_id"),
    [
        (("no.such", {"n": 1}), "gate.registered"),
        (("put", "{not json"), "gate.arguments"),
        (("put", "[1]"), "gate.arguments"),
        (("put", {"n": "one"}), "gate.arguments"),
        (("put", '{"n": 1.0}'), "gate.arguments"),
        (("put", '{"n": 1, "label": "\\ud800"}'), "gate.arguments"),
        (("put", "\0 {"), "gate.arguments"),
        (("no\0such\n" * 50, {"n": 1}), "gate.registered"),
        (("no.such", {"n": "\ud800"}), "gate.registered"),
    ],
)
def test_calls_that_cannot_be_made_go_back_to_the_model(rig: Rig, call: tuple[str, Any], rule_id: str) -> None:
    spy = thinks(rig, calls(call), REPORT)
    run = rig.run()
    assert run.state is RunState.DONE
    assert last_told(spy)["rule"] == rule_id
    assert rig.ledger.calls == []


def test_three_refusals_in_a_row_end_the_run(rig: Rig) -> None:
    rig.govern(rule("deny", "put"))
    spy = thinks(rig, *[calls(("put", {"n": n})) for n in range(5)])
    run = rig.run()
    assert (run.state, run.reason) == (RunState.NEEDS_ATTENTION, "3 calls in a row were refused.")
    assert len(spy.requests) == 3


def test_what_strangers_wrote_is_marked_and_taints(rig: Rig) -> None:
    spy = thinks(rig, calls(("see.stranger", {"n": 1})), REPORT)
    assert rig.run().tainted
    assert list(last_told(spy)) == ["untrusted_result"]


def test_one_repair_turn_for_an_answer_of_the_wrong_type(rig: Rig) -> None:
    spy = thinks(rig, {"answer": {"summary": 5}}, REPORT)
    assert rig.run().state is RunState.DONE
    assert "not accepted" in (spy.requests[1].messages[-1].content or "")


def test_a_second_wrong_answer_needs_a_person(rig: Rig) -> None:
    thinks(rig, {"text": "I am done"}, {"text": "really"}, REPORT)
    run = rig.run()
    assert run.state is RunState.NEEDS_ATTENTION
    assert "could not be closed" in (run.reason or "")


def test_a_failed_tool_must_be_owned_up_to(rig: Rig) -> None:
    def broken() -> None:
        raise UserMistake("no such thing")

    rig.ledger.before["see"] = broken
    honest = {"answer": {"summary": "Did little.", "cannot_see": ["see failed"]}}
    spy = thinks(rig, calls(("see", {"n": 1})), REPORT, honest)
    run = rig.run()
    assert run.state is RunState.DONE
    assert "see failed, and cannot_see does not say so" in (spy.requests[2].messages[-1].content or "")


def test_a_number_nobody_gave_is_not_reported(rig: Rig) -> None:
    invented = {"answer": {"summary": "I saw 77 ships.", "cannot_see": []}}
    thinks(rig, calls(("see", {"n": 12})), invented, {"answer": {"summary": "I saw 12 ships.", "cannot_see": []}})
    run = rig.run()
    assert (run.result or {})["summary"] == "I saw 12 ships."


def test_a_digest_with_an_invented_number_is_not_published(rig: Rig) -> None:
    spy = thinks(
        rig,
        calls(("see", {"n": 12}), ("digest.publish", {"headline": "77 ships"})),
        calls(("digest.publish", {"headline": "12 ships"})),
        REPORT,
    )
    run = rig.run()
    assert run.state is RunState.DONE
    (published,) = findings.digests_of_run(rig.store, run.id, run.agent_id, run.created_at)
    assert (published.headline, published.written_by) == ("12 ships", "model main")
    assert len(spy.requests) == 3


def test_a_model_may_not_make_figures_up_either(rig: Rig) -> None:
    figure = {"label": "Ships", "value": "77"}
    spy = thinks(
        rig,
        calls(("digest.publish", {"headline": "Ships", "figures": [figure]})),
        {"answer": {"summary": "No figures.", "cannot_see": ["digest.publish refused my figure"]}},
    )
    assert rig.run().state is RunState.DONE
    assert "77" in last_told(spy)["failed"]


def test_the_budget_refuses_before_anything_is_sent(rig: Rig) -> None:
    spy = thinks(rig, REPORT)
    run = rig.run(limits=LIMITS.model_copy(update={"max_cost_micros": 10}))
    assert run.state is RunState.NEEDS_ATTENTION
    assert "budget" in (run.reason or "")
    assert spy.requests == []
    assert run.spent_micros == 0


def test_a_model_without_a_price_is_refused_before_anything_is_sent(rig: Rig) -> None:
    unpriced = model(input_micros_per_million=None)
    spy = Spy(REPORT)
    spy._models = {unpriced.name: unpriced}
    rig.think_with(spy, unpriced)
    run = rig.run()
    assert run.state is RunState.NEEDS_ATTENTION
    assert spy.requests == []


def test_a_model_that_never_ends_is_ended(rig: Rig) -> None:
    thinks(rig, *[calls(("see", {"n": n})) for n in range(20)])
    run = rig.run(limits=LIMITS.model_copy(update={"max_steps": 7}))
    assert (run.state, run.reason) == (RunState.NEEDS_ATTENTION, "The run's limit of 7 steps is reached.")


def test_without_a_model_the_card_says_so_and_how_to_add_one(rig: Rig) -> None:
    thinks(rig)
    rig.model = None
    run = rig.run()
    assert run.state is RunState.DONE
    (digest,) = findings.digests_of_run(rig.store, run.id, run.agent_id, run.created_at)
    assert "No model is configured" in digest.headline
    assert any("team.yaml" in line for section in digest.sections for line in section.lines)
    assert digest.cannot_see


def test_a_prompt_that_changed_while_the_run_waited_changes_nothing(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    spy = thinks(rig, calls(("push", {"n": 2})), REPORT)
    run = rig.run()
    rig.think_with(spy, MODEL, prompt="Do something else.")
    rig.decide()
    rig.drive()
    assert rig.now(run).state is RunState.DONE
    assert "Do your work." in (spy.requests[-1].messages[0].content or "")


def test_a_model_step_keeps_what_was_new_and_never_the_whole_talk_again(rig: Rig) -> None:
    thinks(rig, calls(("see", {"n": 1})), REPORT)
    run = rig.run()
    first, second = [step.request for step in rig.steps(run) if step.kind is StepKind.MODEL]
    assert [message["role"] for message in first["new_messages"]] == ["system", "user"]  # type: ignore[union-attr,index,call-overload] # JSON
    assert [message["role"] for message in second["new_messages"]] == ["assistant", "tool"]  # type: ignore[union-attr,index,call-overload] # JSON


def test_a_stop_ends_a_model_call_in_flight_and_counts_it_as_spent(rig: Rig) -> None:
    spy = thinks(rig, REPORT)
    run = rig.start()

    async def hangs(request: ModelRequest) -> ModelReply:
        request_stop(rig.store, run.id, person("ana"))
        await asyncio.Event().wait()
        raise AssertionError

    spy.complete = hangs  # type: ignore[method-assign] # the fault to be injected
    rig.drive()
    ended = rig.now(run)
    assert ended.state is RunState.CANCELLED
    (step,) = rig.steps(run)
    assert step.state is StepState.FAILED
    assert ended.spent_micros == step.spent_micros > 0


def test_text_that_no_database_can_hold_is_written_out(rig: Rig) -> None:
    spy = thinks(rig, REPORT, REPORT)
    odd = ToolCall(id="call_1", name="put", arguments_json="\ud800 \0")
    replies = [
        ModelReply(
            text="\udfff", tool_calls=(odd,), finish_reason="tool_calls", usage=None, provider_model="m", cost_micros=1
        )
    ]
    original = spy.complete

    async def complete(request: ModelRequest) -> ModelReply:
        return replies.pop() if replies else await original(request)

    spy.complete = complete  # type: ignore[method-assign] # the fault to be injected
    run = rig.run()
    assert run.state is RunState.DONE
    first, call, _ = rig.steps(run)
    assert first.result["text"] == "\\udfff"  # type: ignore[index,call-overload] # JSON
    assert call.request["raw"] == "\\ud800 \\0"
