"""The gate: its order, and that whatever becomes of a call is on record exactly once."""

import asyncio
from dataclasses import replace

import pytest

from agents.authority.rules import Condition, Rule
from agents.tools.spec import Means, ToolCall
from store.actions.runs import request_stop, time_out_run
from store.kernel.canonical import JsonObject
from store.kernel.errors import OutcomeUnknown, Retryable, UserMistake
from store.queries import audit, incidents, runs
from store.records import Run, RunState, Step, StepState
from tests.agents.rig import ALLOW_ALL, LIMITS, Rig, person, rule


def only(rig: Rig, run_id: str) -> Step:
    (step,) = runs.steps(rig.store, run_id)
    return step


def stop(rig: Rig, run: Run) -> None:
    request_stop(rig.store, run.id, person("ana"))


def refused(rig: Rig, call: str) -> Step:
    rig.routine(
        f"""
        try:
            {call}
        except ToolRefused as no:
            return {{"rule": no.rule}}
        """
    )
    run = rig.run()
    assert run.state is RunState.DONE
    step = only(rig, run.id)
    assert step.state is StepState.REFUSED
    assert run.result == {"rule": step.rule_id}
    assert rig.ledger.calls == []
    return step


def test_a_tool_nobody_knows_is_refused_and_recorded(rig: Rig) -> None:
    step = refused(rig, 'await ctx.call("no.such", n=1)')
    assert (step.rule_id, step.irreversible) == ("gate.registered", True)


def test_a_tool_outside_the_agents_scope_is_refused_before_policy_is_asked(rig: Rig) -> None:
    rig.change_agent(tools=("see",))
    assert refused(rig, 'await ctx.call("put", n=1)').rule_id == "gate.scope"


@pytest.mark.parametrize(
    "call",
    [
        'await ctx.call("put")',
        'await ctx.call("put", n="1")',
        'await ctx.call("put", n=1, extra=2)',
        'await ctx.call("put", n=1.5)',
        'await ctx.call("put", n=1, label=float("nan"))',
        'await ctx.call("put", n=1, label="x" * 70_000)',
    ],
)
def test_arguments_that_do_not_fit_are_refused(rig: Rig, call: str) -> None:
    assert refused(rig, call).rule_id == "gate.arguments"


def test_no_matching_rule_is_a_refusal(rig: Rig) -> None:
    rig.govern()
    assert refused(rig, 'await ctx.call("put", n=1)').rule_id == "default"


def test_what_a_tool_itself_objects_to_is_refused_before_anybody_is_asked(rig: Rig) -> None:
    def check(_: ToolCall) -> None:
        raise UserMistake("not on Mondays")

    rig.replace_tool("push", check=check)
    rig.govern(rule("human", "push"))
    step = refused(rig, 'await ctx.call("push", n=1)')
    assert (step.rule_id, step.error) == ("gate.arguments", "not on Mondays")


def test_a_write_has_its_intent_on_record_before_it_happens(rig: Rig) -> None:
    rig.routine('await ctx.call("poke", n=1)')
    run = rig.start()
    found: list[Step] = []
    rig.ledger.before["poke"] = lambda: found.append(only(rig, run.id))
    rig.drive()
    assert found[0].state is StepState.STARTED
    assert found[0].rule_id == "allow-*"
    kinds = [event.kind for event in audit.events_for(rig.store, "run", run.id)]
    assert kinds.index("step.started") < kinds.index("step.done") < kinds.index("run.done")


def test_a_read_is_recorded_once_after_it(rig: Rig) -> None:
    rig.routine('await ctx.call("see", n=1)')
    run = rig.run()
    kinds = [event.kind for event in audit.events_for(rig.store, "run", run.id)]
    assert "step.read" in kinds
    assert "step.started" not in kinds


def test_reading_a_stranger_taints_the_run_for_good(rig: Rig) -> None:
    rig.routine('await ctx.call("see", n=1)\nawait ctx.call("see.stranger", n=2)\nawait ctx.call("see", n=3)')
    assert rig.run("first").tainted
    rig.routine('await ctx.call("see", n=1)')
    assert not rig.run("second").tainted


def test_a_call_that_may_be_repeated_is_retried_with_one_key_and_then_fails_as_data(rig: Rig) -> None:
    def busy() -> None:
        raise Retryable("busy")

    rig.ledger.before["put"] = busy
    attempts: list[str] = []

    async def run_tool(call: ToolCall, _: Means) -> JsonObject:
        attempts.append(call.idempotency_key)
        raise Retryable("busy")

    rig.replace_tool("put", run=run_tool)
    rig.routine(
        """
        try:
            await ctx.call("put", n=1)
        except ToolFailed as error:
            return {"unknown": error.unknown, "why": error.message}
        """
    )
    run = rig.run()
    assert run.result == {"unknown": False, "why": "busy"}
    assert len(attempts) == 3
    assert len(set(attempts)) == 1


def test_a_call_that_may_not_be_repeated_is_tried_once(rig: Rig) -> None:
    attempts: list[str] = []

    async def run_tool(call: ToolCall, _: Means) -> JsonObject:
        attempts.append(call.idempotency_key)
        raise Retryable("busy")

    rig.replace_tool("poke", run=run_tool)
    rig.routine('await ctx.call("poke", n=1)')
    assert rig.run().state is RunState.FAILED
    assert len(attempts) == 1


def test_a_tool_that_asks_for_a_long_pause_fails_instead_of_blocking(rig: Rig) -> None:
    async def run_tool(call: ToolCall, _: Means) -> JsonObject:
        raise Retryable("come back tomorrow", delay_seconds=86_400)

    rig.replace_tool("see", run=run_tool)
    rig.routine('await ctx.call("see", n=1)')
    assert rig.run().reason == "come back tomorrow"


@pytest.mark.parametrize(("tool", "unknown"), [("put", False), ("see", False), ("poke", True), ("send", True)])
def test_a_call_without_an_answer_is_unknown_only_where_repeating_could_harm(
    rig: Rig, tool: str, unknown: bool
) -> None:
    async def hangs(call: ToolCall, _: Means) -> JsonObject:
        await asyncio.Event().wait()
        return {}

    found = rig.tools.find(tool)
    assert found is not None
    rig.replace_tool(tool, run=hangs, spec=replace(found.spec, timeout_seconds=0))
    rig.routine(
        f"""
        try:
            await ctx.call("{tool}", n=1)
        except ToolFailed as error:
            return {{"unknown": error.unknown}}
        """
    )
    run = rig.run()
    assert run.result == {"unknown": unknown}
    assert only(rig, run.id).state is (StepState.UNKNOWN if unknown else StepState.FAILED)
    assert len(incidents.open_incidents(rig.store)) == int(unknown)


def test_an_unknown_outcome_is_looked_up_first(rig: Rig) -> None:
    def lost() -> None:
        raise OutcomeUnknown("the line broke")

    rig.ledger.after["push"] = lost
    rig.routine('return dict(await ctx.call("push", n=4))')
    run = rig.run()
    assert run.result == {"n": 4, "times": 1}
    assert only(rig, run.id).state is StepState.DONE


@pytest.mark.parametrize("result", [{"x": float("nan")}, {"x": "y" * 300_000}, {"x": {1, 2}}, ["no", "object"]])
def test_a_result_that_cannot_be_kept_is_no_result(rig: Rig, result: object) -> None:
    async def odd(call: ToolCall, _: Means) -> JsonObject:
        return result  # type: ignore[return-value] # that it is wrong is the point

    rig.replace_tool("see", run=odd)
    rig.routine('await ctx.call("see", n=1)')
    run = rig.run()
    assert run.state is RunState.FAILED
    assert only(rig, run.id).state is StepState.FAILED


@pytest.mark.parametrize(("tool", "state"), [("see", StepState.FAILED), ("poke", StepState.UNKNOWN)])
def test_a_broken_tool_is_on_record_and_fails_the_run(rig: Rig, tool: str, state: StepState) -> None:
    def broken() -> None:
        raise KeyError("oh")

    rig.ledger.after[tool] = broken
    rig.routine(f'await ctx.call("{tool}", n=1)')
    run = rig.run()
    assert run.state is RunState.FAILED
    step = only(rig, run.id)
    assert (step.state, step.error) == (state, "The tool broke (KeyError).")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("tool", "executions_after_effect", "state"),
    [
        ("see", 2, StepState.DONE),
        ("put", 2, StepState.DONE),
        ("push", 1, StepState.DONE),
        ("poke", 1, StepState.UNKNOWN),
        ("send", 1, StepState.UNKNOWN),
    ],
)
def test_a_crash_in_a_call_is_answered_as_the_tool_promises(
    rig: Rig, tool: str, executions_after_effect: int, state: StepState, moment: str
) -> None:
    """Reads and idempotent tools again, others after a look; an irreversible or blind one never."""
    rig.routine(
        f"""
        try:
            await ctx.call("{tool}", n=1)
        except ToolFailed as error:
            return {{"unknown": error.unknown}}
        """
    )
    run = rig.start()
    getattr(rig.ledger, moment)[tool] = rig.process.die
    rig.dies(run)
    rig.drive()
    assert rig.now(run).state is RunState.DONE
    assert only(rig, run.id).state is state
    happened = moment == "after"
    repeated = state is StepState.DONE
    expected = executions_after_effect if happened else int(repeated)
    assert len(rig.ledger.calls) == expected
    unknown = [one for one in incidents.open_incidents(rig.store) if one.kind == "unknown"]
    assert len(unknown) == int(state is StepState.UNKNOWN)


def test_a_routine_that_gives_up_on_a_call_leaves_it_to_finish(rig: Rig) -> None:
    async def slow(call: ToolCall, _: Means) -> JsonObject:
        await asyncio.sleep(0.02)
        return {"n": 1}

    rig.replace_tool("poke", run=slow)
    rig.routine(
        """
        try:
            async with asyncio.timeout(0):
                await ctx.call("poke", n=1)
        except TimeoutError:
            return {"gave_up": True}
        """
    )
    run = rig.run()
    assert run.result == {"gave_up": True}
    assert only(rig, run.id).state is StepState.DONE


def test_the_step_limit_ends_the_run_with_a_reason(rig: Rig) -> None:
    rig.routine('for n in range(9):\n    await ctx.call("put", n=n)')
    run = rig.run(limits=LIMITS.model_copy(update={"max_steps": 4}))
    assert run.state is RunState.NEEDS_ATTENTION
    assert run.reason == "The run's limit of 4 steps is reached."
    assert rig.ledger.numbers("put") == [0, 1, 2, 3]


def test_a_stop_ends_the_run_before_its_next_call(rig: Rig) -> None:
    rig.routine('await ctx.call("put", n=1)\nawait ctx.call("put", n=2)')
    run = rig.start()
    rig.ledger.after["put"] = lambda: stop(rig, run)
    rig.drive()
    ended = rig.now(run)
    assert (ended.state, ended.reason) == (RunState.CANCELLED, "stopped by ana")
    assert rig.ledger.numbers("put") == [1]


def test_a_deadline_ends_the_run_before_its_next_call(rig: Rig) -> None:
    rig.routine('await ctx.call("put", n=1)\nawait ctx.call("put", n=2)')
    rig.ledger.after["put"] = lambda: rig.later(hours=1)
    run = rig.run()
    assert (run.state, run.reason) == (RunState.TIMED_OUT, "no end within 600 s")
    assert rig.ledger.numbers("put") == [1]


def test_a_mind_that_only_waits_is_ended_by_a_stop(rig: Rig) -> None:
    rig.routine('await ctx.call("put", n=1)\nawait asyncio.Event().wait()')
    run = rig.start()
    rig.ledger.after["put"] = lambda: stop(rig, run)
    rig.drive()
    assert rig.now(run).state is RunState.CANCELLED


def test_a_run_that_somebody_else_ended_stays_as_they_ended_it(rig: Rig) -> None:
    rig.routine('await ctx.call("put", n=1)\nawait ctx.call("put", n=2)')
    run = rig.start()

    def overtaken() -> None:
        rig.later(hours=1)
        time_out_run(rig.store, run.id)

    rig.ledger.after["put"] = overtaken
    rig.drive()
    assert rig.now(run).state is RunState.TIMED_OUT
    assert only(rig, run.id).state is StepState.DONE, "what happened, happened"


def test_going_in_circles_ends_the_run(rig: Rig) -> None:
    async def same(call: ToolCall, _: Means) -> JsonObject:
        return {"n": 1}

    rig.replace_tool("see", run=same)
    rig.routine('while True:\n    await ctx.call("see", n=1)')
    run = rig.run()
    assert (run.state, run.reason) == (RunState.NEEDS_ATTENTION, "The same call gave the same result 3 times.")
    assert run.owner == "ana"


def test_polling_with_new_results_goes_on(rig: Rig) -> None:
    rig.routine('for _ in range(9):\n    await ctx.call("see", n=1)')
    assert rig.run().state is RunState.DONE


def test_the_policy_sees_only_facts_of_the_runtime(rig: Rig) -> None:
    tainted = Rule(
        id="R",
        effect="deny",
        agents=frozenset({"*"}),
        tools=frozenset({"put"}),
        when=(Condition("tainted", "eq", operand=True),),
    )
    rig.govern(*ALLOW_ALL, tainted)
    rig.routine(
        """
        await ctx.call("put", n=1)
        await ctx.call("see.stranger", n=1)
        try:
            await ctx.call("put", n=2)
        except ToolRefused as no:
            return {"rule": no.rule}
        """
    )
    assert rig.run().result == {"rule": "R"}
    assert rig.ledger.numbers("put") == [1]


def test_at_the_step_limit_not_even_a_read_is_made(rig: Rig) -> None:
    rig.routine('for n in range(9):\n    await ctx.call("see", n=n)')
    run = rig.run(limits=LIMITS.model_copy(update={"max_steps": 4}))
    assert run.state is RunState.NEEDS_ATTENTION
    assert rig.ledger.numbers("see") == [0, 1, 2, 3]


def test_a_session_is_not_done_on_the_word_of_a_tool_alone(rig: Rig) -> None:
    async def says_so(call: ToolCall, _: Means) -> JsonObject:
        return {"digest": "digest_nowhere", "name": "digest"}

    rig.replace_tool("digest.publish", run=says_so)
    rig.routine('await ctx.call("digest.publish", headline="Quiet")')
    run = rig.run()
    assert run.state is RunState.NEEDS_ATTENTION
    assert "not on record" in (run.reason or "")


@pytest.mark.parametrize("kind", ["fails", "odd", "irreversible"])
def test_a_look_that_tells_nothing_certain_repeats_nothing(rig: Rig, kind: str) -> None:
    async def look(call: ToolCall, _: Means) -> JsonObject | None:
        if kind == "fails":
            raise UserMistake("the place is closed")
        return {"x": "y" * 300_000} if kind == "odd" else None

    rig.replace_tool("send" if kind == "irreversible" else "push", lookup=look)
    tool = "send" if kind == "irreversible" else "push"
    rig.routine(f'await ctx.call("{tool}", n=1)')
    run = rig.start()
    rig.ledger.after[tool] = rig.process.die
    rig.dies(run)
    rig.drive()
    assert only(rig, run.id).state is StepState.UNKNOWN
    assert rig.ledger.names() == [tool]


def test_an_irreversible_call_that_is_found_is_done(rig: Rig) -> None:
    found: list[str] = []

    async def look(call: ToolCall, _: Means) -> JsonObject | None:
        found.append(call.idempotency_key)
        return {"receipt": 1}

    rig.replace_tool("send", lookup=look)
    rig.routine('return dict(await ctx.call("send", n=1))')
    run = rig.start()
    rig.ledger.after["send"] = rig.process.die
    rig.dies(run)
    rig.drive()
    assert rig.now(run).result == {"receipt": 1}
    assert found == rig.ledger.keys("send")
