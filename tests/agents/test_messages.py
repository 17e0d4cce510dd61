"""Replies to a run: a mind reads each once, in order, and reads the same again however often it dies."""

from collections.abc import Callable
from typing import Any

from agents.models.port import ModelReply, ModelRequest
from agents.models.script import Line
from agents.models.scripted import ScriptedModel
from store.actions.messages import add_message
from store.records import Author, Run, RunState
from tests.agents.rig import Killed, Rig
from tests.agents.test_crash_anywhere import empty_database, fresh_rig
from tests.agents.test_model import MODEL, REPORT, calls

__all__ = ["empty_database", "fresh_rig"]

READS_TWICE = """
before = [one.text for one in await ctx.messages()]
await ctx.call("see", n=1)
after = [one.text for one in await ctx.messages()]
return {"before": before, "after": after}
"""


def write(rig: Rig, run: Run, text: str, person: str | None = "ana") -> None:
    author = Author(surface="slack", account=f"U_{person}", person_id=person)
    add_message(rig.store, run.id, message_id=f"message_{text}", author=author, text=text)


def model_messages(rig: Rig, run: Run, turn: int) -> list[Any]:
    """What the turn's question added to the conversation."""
    [step] = [step for step in rig.steps(run) if step.key == f"{turn}.model.1"]
    return list(step.request["new_messages"])  # type: ignore[arg-type] # JSON


def test_a_routine_reads_what_came_since_it_last_looked(rig: Rig) -> None:
    rig.routine(READS_TWICE)
    run = rig.start()
    write(rig, run, "first")
    rig.ledger.after["see"] = lambda: write(rig, run, "second")
    rig.drive()
    assert rig.now(run).result == {"before": ["first"], "after": ["second"]}
    assert not rig.now(run).tainted


def test_it_is_told_who_wrote_and_a_strangers_words_taint_the_run(rig: Rig) -> None:
    rig.routine("return {'said': [[one.by, one.trusted, one.text] for one in await ctx.messages()]}")
    run = rig.start()
    write(rig, run, "look")
    write(rig, run, "obey", person=None)
    rig.drive()
    assert rig.now(run).result == {"said": [["Ana", True, "look"], ["U_None", False, "obey"]]}
    assert rig.now(run).tainted


def test_to_look_often_is_no_loop(rig: Rig) -> None:
    rig.routine("return {'said': [len(await ctx.messages()) for _ in range(10)]}")
    assert rig.run().result == {"said": [0] * 10}


def test_many_messages_come_in_portions_and_none_is_left_out(rig: Rig) -> None:
    rig.routine("return {'said': [len(await ctx.messages()) for _ in range(3)]}")
    run = rig.start()
    for number in range(45):
        write(rig, run, str(number))
    rig.drive()
    assert rig.now(run).result == {"said": [20, 20, 5]}


def test_a_routine_that_dies_anywhere_hears_the_same_and_nothing_twice(fresh_rig: Callable[[], Rig]) -> None:
    def begun() -> tuple[Rig, Run]:
        rig = fresh_rig()
        rig.routine(READS_TWICE)
        run = rig.start()
        write(rig, run, "first")
        rig.ledger.after["see"] = lambda: write(rig, run, "second")
        return rig, run

    rig, run = begun()
    rig.drive()
    for number, point in enumerate(rig.process.reached, start=1):
        rig, run = begun()
        rig.process.dies_at = number
        _drive_writing_at_death(rig, run)
        run = rig.now(run)
        assert run.state is RunState.DONE, point
        result: Any = run.result
        kept = [step.result for step in rig.steps(run) if step.name == "run.messages"]
        told: Any = kept
        assert [result["before"], result["after"]] == [[one["text"] for one in part["messages"]] for part in told]
        heard = [*result["before"], *result["after"]]
        assert heard[0] == "first", point
        assert len(heard) == len(set(heard)), f"{point}: nothing twice"
        assert "second" in heard, point


def _drive_writing_at_death(rig: Rig, run: Run) -> None:
    """As `drive_through_deaths`, and somebody writes while the process is dead."""
    deaths = 0
    while rig.queue.segments:
        segment = rig.queue.segments.pop(0)
        try:
            rig._execute(segment)
        except Killed:
            deaths += 1
            write(rig, run, f"while dead {deaths}")
            rig.queue.segments.append(segment)


def thinking(rig: Rig, *replies: dict[str, Any]) -> ScriptedModel:
    lines = [Line.model_validate({"match": {"turn": turn}, "reply": reply}) for turn, reply in enumerate(replies)]
    scripted = ScriptedModel({MODEL.name: MODEL}, tuple(lines))
    rig.think_with(scripted, MODEL)
    return scripted


def test_a_model_is_told_before_its_next_turn(rig: Rig) -> None:
    thinking(rig, calls(("see", {"n": 1})), REPORT)
    run = rig.start()
    rig.ledger.after["see"] = lambda: write(rig, run, "wait")
    rig.drive()
    assert rig.now(run).state is RunState.DONE
    assert "wait" not in str(model_messages(rig, run, 1))
    told = model_messages(rig, run, 2)[-1]
    assert told["role"] == "user"
    assert '"by": "Ana"' in told["content"]
    assert '"text": "wait"' in told["content"]


def test_a_strangers_words_are_marked_for_a_model(rig: Rig) -> None:
    thinking(rig, REPORT)
    run = rig.start()
    write(rig, run, "obey", person=None)
    rig.drive()
    assert '"untrusted_text": "obey"' in str(model_messages(rig, run, 1)[-1]["content"])
    assert rig.now(run).tainted


class Interrupted(ScriptedModel):
    """Somebody writes while the model answers."""

    while_answering: Callable[[], None] = staticmethod(lambda: None)

    async def complete(self, request: ModelRequest) -> ModelReply:
        reply = await super().complete(request)
        self.while_answering()
        return reply


def test_what_is_written_during_the_report_is_read_before_the_run_ends(rig: Rig) -> None:
    lines = [Line.model_validate({"match": {"turn": turn}, "reply": REPORT}) for turn in range(3)]
    model = Interrupted({MODEL.name: MODEL}, tuple(lines))
    rig.think_with(model, MODEL)
    run = rig.start()
    model.while_answering = lambda: write(rig, run, "one more thing")
    rig.drive()
    assert rig.now(run).state is RunState.DONE
    assert "one more thing" in str(model_messages(rig, run, 2))
    assert model.attempts == 2


def test_a_model_that_dies_anywhere_hears_the_same_and_nothing_twice(fresh_rig: Callable[[], Rig]) -> None:
    def begun() -> tuple[Rig, Run]:
        rig = fresh_rig()
        thinking(rig, calls(("see", {"n": 1})), REPORT, REPORT, REPORT)
        run = rig.start()
        rig.ledger.after["see"] = lambda: write(rig, run, "second")
        return rig, run

    rig, run = begun()
    rig.drive()
    for number, point in enumerate(rig.process.reached, start=1):
        rig, run = begun()
        rig.process.dies_at = number
        _drive_writing_at_death(rig, run)
        assert rig.now(run).state is RunState.DONE, point
        said = str([step.request for step in rig.steps(run) if step.name == MODEL.name])
        assert said.count('"text": "second"') == 1, point


def test_an_endless_message_is_cut(rig: Rig) -> None:
    rig.routine("return {'long': len((await ctx.messages())[0].text)}")
    run = rig.start()
    author = Author(surface="slack", account="U1", person_id="ana")
    add_message(rig.store, run.id, message_id="message_long", author=author, text="x" * 5_000)
    rig.drive()
    assert rig.now(run).result == {"long": 4_000}
