"""Routines: they run from the first line each time, and nothing that was done is done again."""

import gc
from collections.abc import MutableSequence

from structlog.typing import EventDict

from store.kernel.errors import Retryable, UserMistake
from store.records import RunState, StepState
from tests.agents.rig import ASK_FOR_PUSH, LIMITS, Rig, person, rule


def test_a_routine_calls_tools_and_its_result_is_kept(rig: Rig) -> None:
    rig.routine(
        """
        seen = await ctx.call("see", n=1)
        await ctx.call("put", n=seen["n"] + 1)
        return {"seen": seen["n"]}
        """
    )
    run = rig.run()
    assert (run.state, run.result) == (RunState.DONE, {"seen": 1})
    assert rig.ledger.names() == ["see", "put"]
    assert [(step.key, step.name, step.state) for step in rig.steps(run)] == [
        ("1", "see", StepState.DONE),
        ("2", "put", StepState.DONE),
    ]


def test_a_routine_continues_in_the_middle_after_days(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(
        """
        total = 0
        for n in range(3):
            total += (await ctx.call("see", n=n))["n"]
        began = ctx.now()
        pushed = await ctx.call("push", n=total, claim="because")
        return {"pushed": pushed["n"], "same_moment": began == ctx.now(), "began": began.isoformat()}
        """
    )
    run = rig.run()
    assert run.state is RunState.WAITING
    asked = rig.asked()
    assert (asked.summary, asked.claim, asked.undo) == ("push 3", "because", "takes push back")
    rig.later(minutes=50)
    rig.decide()
    rig.drive()
    run = rig.now(run)
    assert run.state is RunState.DONE
    assert run.result == {"pushed": 3, "same_moment": True, "began": "2026-01-05T08:00:00+00:00"}
    assert rig.ledger.names() == ["see", "see", "see", "push"]


def test_keys_are_places_whatever_the_order_in_which_branches_run(rig: Rig) -> None:
    rig.routine(
        """
        async def branch(first, naps):
            for _ in range(naps):
                await asyncio.sleep(0)
            await ctx.call("see", n=first)
            await ctx.call("put", n=first + 1)

        naps = (5, 0) if ctx.input["slow_first"] else (0, 5)
        await asyncio.gather(branch(10, naps[0]), branch(20, naps[1]))
        async with asyncio.TaskGroup() as group:
            group.create_task(branch(30, naps[0]))
            group.create_task(branch(40, naps[1]))
        await ctx.call("see", n=50)
        """
    )
    places = []
    for slow_first in (True, False):
        run = rig.run(key=str(slow_first), slow_first=slow_first)
        assert run.state is RunState.DONE
        places.append({step.key: (step.name, step.request["arguments"]) for step in rig.steps(run)})
    assert places[0] == places[1]
    assert sorted(places[0]) == ["1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "4.1", "4.2", "5"]


def test_a_crash_repeats_at_most_the_call_in_flight(rig: Rig) -> None:
    rig.routine(
        """
        for n in range(4):
            await ctx.call("put", n=n)
        return {"ok": True}
        """
    )
    run = rig.start()
    rig.ledger.after["put"] = lambda: rig.process.die() if rig.ledger.numbers("put") == [0, 1, 2] else None
    run = rig.dies(run)
    assert run.state is RunState.RUNNING
    rig.drive()
    assert rig.now(run).state is RunState.DONE
    assert rig.ledger.numbers("put") == [0, 1, 2, 2, 3]
    assert len(set(rig.ledger.keys("put"))) == 4, "a repetition carries the idempotency key of the first attempt"
    assert [step.attempts for step in rig.steps(run)] == [1, 1, 2, 1]


def test_a_routine_that_changed_while_it_waited_is_stopped_and_repeats_nothing(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine('await ctx.call("put", n=1)\nawait ctx.call("push", n=2)')
    run = rig.run()
    rig.routine('await ctx.call("put", n=7)\nawait ctx.call("push", n=2)')
    rig.decide()
    rig.drive()
    run = rig.now(run)
    assert run.state is RunState.NEEDS_ATTENTION
    assert "step 1 was recorded as put" in (run.reason or "")
    assert rig.ledger.numbers("put") == [1]
    assert rig.ledger.numbers("push") == []


def test_a_routine_that_leaves_out_a_recorded_step_is_not_taken_for_the_same(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine('await ctx.call("put", n=1)\nawait ctx.call("push", n=2)')
    run = rig.run()
    rig.routine('await ctx.call("put", n=1)')
    rig.decide()
    rig.drive()
    assert rig.now(run).state is RunState.NEEDS_ATTENTION
    assert rig.ledger.numbers("push") == []


def test_a_wait_cannot_be_swallowed_by_a_routine(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(
        """
        try:
            await ctx.call("push", n=1)
        except Exception:
            await ctx.call("put", n=1)
        """
    )
    assert rig.run().state is RunState.WAITING
    assert rig.ledger.calls == []


def test_a_wait_holds_even_where_gather_returns_exceptions(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(
        """
        outcomes = await asyncio.gather(ctx.call("push", n=1), ctx.call("push", n=2), return_exceptions=True)
        return {"went_on": True}
        """
    )
    run = rig.run()
    assert run.state is RunState.WAITING
    rig.decide()
    rig.drive()
    assert rig.now(run).state is RunState.WAITING, "the second question comes after the first"
    rig.decide()
    rig.drive()
    assert rig.now(run).result == {"went_on": True}
    assert sorted(map(str, rig.ledger.numbers("push"))) == ["1", "2"]


def test_an_uncaught_refusal_needs_a_person_and_names_whom(rig: Rig) -> None:
    rig.govern(rule("deny", "put"))
    rig.routine('await ctx.call("put", n=1)')
    run = rig.run(by=person("ben"))
    assert (run.state, run.owner) == (RunState.NEEDS_ATTENTION, "ben")
    assert rig.ledger.calls == []


def test_a_caught_refusal_is_data(rig: Rig) -> None:
    rig.govern(rule("deny", "put"), rule("allow", "see"))
    rig.routine(
        """
        try:
            await ctx.call("put", n=1)
        except ToolRefused as no:
            return {"rule": no.rule, "why": no.message}
        """
    )
    run = rig.run()
    assert run.state is RunState.DONE
    assert run.result == {"rule": "deny-put", "why": "worker may not call put."}


def test_an_exception_is_retried_as_often_as_the_run_may_be_and_then_fails_visibly(rig: Rig) -> None:
    rig.routine('await ctx.call("put", n=1)\nraise RuntimeError("broken")')
    run = rig.run(limits=LIMITS.model_copy(update={"retries": 2}))
    assert run.state is RunState.FAILED
    assert run.attempt == 3
    assert run.reason == "RuntimeError: broken"
    assert rig.ledger.numbers("put") == [1], "finished steps stay done in every attempt"


def test_a_retry_tries_the_call_that_failed_again(rig: Rig) -> None:
    rig.routine('await ctx.call("put", n=1)\nawait ctx.call("see", n=2)\nreturn {"ok": True}')
    failures = iter([True, True, True, False])

    def sometimes() -> None:
        if next(failures):
            raise Retryable("the world is busy")

    rig.ledger.before["see"] = sometimes
    run = rig.run(limits=LIMITS.model_copy(update={"retries": 1}))
    assert run.state is RunState.DONE
    assert run.attempt == 2
    assert rig.ledger.numbers("put") == [1]


def test_a_mistake_in_the_workspace_is_not_retried(rig: Rig) -> None:
    rig.change_team(digest="none")
    run = rig.run(limits=LIMITS.model_copy(update={"retries": 3}))
    assert (run.state, run.attempt) == (RunState.FAILED, 1)
    assert "routine.py does not exist" in (run.reason or "")


def test_an_agent_that_left_the_team_fails_plainly(rig: Rig) -> None:
    run = rig.start()
    rig.change_team(agents={})
    rig.drive()
    assert rig.now(run).state is RunState.FAILED


def test_a_segment_with_nothing_left_to_do_does_nothing(rig: Rig) -> None:
    rig.routine('await ctx.call("put", n=1)')
    run = rig.start()
    segment = rig.queue.segments[0]
    rig.drive()
    rig.queue.segments.append(segment)
    rig.drive()
    assert rig.ledger.numbers("put") == [1]
    assert rig.now(run).state is RunState.DONE


def test_a_failure_that_was_handled_stays_as_it_was_after_a_crash(rig: Rig) -> None:
    rig.routine(
        """
        try:
            await ctx.call("see", n=1)
        except ToolFailed:
            pass
        await ctx.call("put", n=2)
        return {"ok": True}
        """
    )
    looks: list[int] = []

    def fails() -> None:
        looks.append(1)
        raise UserMistake("not there")

    run = rig.start()
    rig.ledger.before["see"] = fails
    rig.replace_tool("put", check=lambda _: rig.process.die())  # before anything of the call is on record
    rig.dies(run)
    rig.replace_tool("put", check=None)
    rig.drive()
    assert rig.now(run).result == {"ok": True}
    assert len(looks) == 1


def test_an_approved_call_that_failed_is_not_tried_again_by_a_retry(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine('await ctx.call("push", n=1)')
    tries: list[int] = []

    def fails() -> None:
        tries.append(1)
        raise UserMistake("no such place")

    rig.ledger.before["push"] = fails
    run = rig.run(limits=LIMITS.model_copy(update={"retries": 2}))
    rig.decide()
    rig.drive()
    assert (rig.now(run).state, rig.now(run).attempt) == (RunState.FAILED, 3)
    assert len(tries) == 1, "an approval is used once, whatever came of it"


def test_after_a_wait_began_nothing_more_is_called(rig: Rig) -> None:
    rig.govern(*ASK_FOR_PUSH)
    rig.routine(
        """
        await asyncio.gather(ctx.call("push", n=1), return_exceptions=True)
        await ctx.call("see", n=2)
        """
    )
    assert rig.run().state is RunState.WAITING
    assert rig.ledger.calls == []


def test_a_branch_left_behind_calls_nothing_once_the_routine_is_over(rig: Rig) -> None:
    rig.routine(
        """
        async def goes_on():
            for n in range(20):
                await ctx.call("put", n=n)

        left_behind = asyncio.create_task(goes_on())
        await ctx.call("see", n=1)
        raise RuntimeError("over")
        """
    )
    run = rig.run()
    assert (run.state, run.reason) == (RunState.FAILED, "RuntimeError: over")
    assert len(rig.ledger.numbers("put")) <= 2
    assert all(step.state is StepState.DONE for step in rig.steps(run))


def test_an_error_in_a_branch_nobody_waited_for_is_logged(rig: Rig, logged: MutableSequence[EventDict]) -> None:
    rig.routine(
        """
        async def breaks():
            raise ValueError("nobody looks")

        asyncio.create_task(breaks())
        await ctx.call("see", n=1)
        """
    )
    assert rig.run().state is RunState.DONE
    gc.collect()
    (entry,) = [one for one in logged if one["event"] == "session.stray_error"]
    assert "nobody looks" in str(entry["exc_info"])
