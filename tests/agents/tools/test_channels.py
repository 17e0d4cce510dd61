"""channel.read: typed, untrusted, in the agent's own lane, and each message in exactly one run that is done."""

from datetime import timedelta

import pytest

from agents.roster import WatchSpec
from agents.tools.spec import RESULT_MAX_BYTES
from store.actions.watching import History, install_watches, keep_messages, note_watch_problem
from store.kernel.canonical import canonical_bytes
from store.queries.watching import offers
from store.records import MessageField, OfferState, RunState, SeenMessage, StepState
from tests.agents.rig import AGENT, START, Rig
from tests.store.watched import a_message, a_reader, edited

CHANNEL = "C0ALERTS1"
READ = """
page = await ctx.call("channel.read", limit=2)
texts = [one["text"] for one in page["messages"]]
while page["more"]:
    page = await ctx.call("channel.read", limit=2)
    texts += [one["text"] for one in page["messages"]]
return {"texts": texts, "cannot_see": page["cannot_see"]}
"""


def watch(rig: Rig, *names: str) -> None:
    """The rig's agent watches one channel under each name."""
    specs = {
        name: WatchSpec(id=f"{AGENT}.{name}", name=name, agent=AGENT, surface="slack", channel=f"C0{name.upper()}1")
        for name in names
    }
    rig.change_agent(watches=specs)
    install_watches(rig.store, [a_reader(AGENT, one.channel, watch=one.name) for one in specs.values()])


def hear(rig: Rig, *seen: SeenMessage, history: History | None = None) -> None:
    keep_messages(rig.store, "slack", CHANNEL, seen, history)


def test_a_message_reaches_the_mind_typed_and_taints_the_run(rig: Rig) -> None:
    watch(rig, "alerts")
    fields = (MessageField(name="Severity", value="critical"),)
    hear(rig, a_message(1, "Disk is full", fields=fields, link="https://grafana.example/1", files=("graph.png",)))
    rig.routine("return {'read': await ctx.call('channel.read')}")
    run = rig.run()
    assert (run.state, run.tainted) == (RunState.DONE, True)
    assert run.result is not None
    assert run.result["read"] == {
        "watch": "alerts",
        "messages": [
            {
                "id": "1700000000.000001",
                "author": "Grafana",
                "author_kind": "app",
                "written_at": "2026-01-05T08:00:01+00:00",
                "text": "Disk is full",
                "fields": [{"name": "Severity", "value": "critical"}],
                "link": "https://grafana.example/1",
                "files": ["graph.png"],
                "thread": None,
                "edited": False,
                "deleted": False,
            }
        ],
        "more": False,
        "cannot_see": ["The channel's history has not been read yet."],
    }


def test_runs_read_on_where_the_last_one_that_was_done_stopped(rig: Rig) -> None:
    watch(rig, "alerts")
    hear(rig, *(a_message(number) for number in range(1, 6)))
    rig.routine(READ)
    assert rig.run("a").result == {
        "texts": [f"message {number}" for number in range(1, 6)],
        "cannot_see": ["The channel's history has not been read yet."],
    }
    hear(rig, edited(2, "corrected", at=9), a_message(6))
    result = rig.run("b").result
    assert result is not None
    assert result["texts"] == ["corrected", "message 6"]


def test_a_run_that_fails_leaves_what_it_read_to_the_next(rig: Rig) -> None:
    watch(rig, "alerts")
    hear(rig, a_message(1))
    rig.routine(f"{READ.replace('return', 'told =')}\nraise ValueError(told)")
    assert rig.run("a").state is RunState.FAILED
    rig.routine(READ)
    result = rig.run("b").result
    assert result is not None
    assert result["texts"] == ["message 1"]


def test_wherever_the_process_dies_each_message_is_read_once_and_in_order(rig: Rig) -> None:
    watch(rig, "alerts")
    rig.routine(READ)
    written, told, point = 0, list[str](), 1
    while True:
        hear(rig, *(a_message(number) for number in range(written, written + 3)))
        written += 3
        rig.process.reached.clear()
        rig.process.dies_at = point
        run = rig.start(f"k{point}")
        rig.drive_through_deaths()
        result = rig.now(run).result
        assert result is not None, rig.now(run)
        told += [str(one) for one in result["texts"]]  # type: ignore[union-attr] # the routine gives a list
        if len(rig.process.reached) < point:
            break
        point += 1
    assert point > 15
    assert told == [f"message {number}" for number in range(written)]
    assert {one.state for one in offers(rig.store, AGENT)} == {OfferState.READ}


def test_an_agent_without_a_watch_reads_nothing(rig: Rig) -> None:
    rig.routine("await ctx.call('channel.read')")
    run = rig.run()
    [step] = rig.steps(run)
    assert (step.state, step.rule_id) == (StepState.REFUSED, "lane.watches")


def test_only_the_agents_own_watches_can_be_named(rig: Rig) -> None:
    watch(rig, "alerts", "deploys")
    rig.routine("await ctx.call('channel.read', watch='payroll')")
    [refused] = rig.steps(rig.run("a"))
    assert (refused.state, refused.rule_id) == (StepState.REFUSED, "lane.watches")
    rig.routine("await ctx.call('channel.read')")
    [unclear] = rig.steps(rig.run("b"))
    assert unclear.error is not None
    assert "Say which: alerts, deploys" in unclear.error


def test_what_cannot_be_seen_is_said(rig: Rig) -> None:
    watch(rig, "alerts")
    rig.routine(READ)
    looked = History(asked_at=START, up_to=START, at_end=True)
    hear(rig, history=looked)
    seen = rig.run("a").result
    assert seen is not None
    assert seen["cannot_see"] == []
    note_watch_problem(rig.store, "slack", CHANNEL, "Quarterdeck is not in the channel.")
    rig.later(hours=1)
    seen = rig.run("b").result
    assert seen is not None
    assert seen["cannot_see"] == [
        "Quarterdeck is not in the channel. Its history was last read: 2026-01-05T08:00:00+00:00."
    ]


@pytest.mark.parametrize("limit", [1, 100])
def test_the_largest_messages_fit_a_result(rig: Rig, limit: int) -> None:
    watch(rig, "alerts")
    field = MessageField(name="\U0001f600" * 80, value="\U0001f600" * 500)
    large = {"fields": (field,) * 25, "link": "h" * 2000, "files": ("\U0001f600" * 200,) * 10}
    hear(rig, *(a_message(number, "\U0001f600" * 6000, **large) for number in range(5)))
    rig.routine(f"page = await ctx.call('channel.read', limit={limit})\nreturn {{'count': len(page['messages'])}}")
    run = rig.run()
    assert run.state is RunState.DONE
    [step] = rig.steps(run)
    assert len(canonical_bytes(step.result)) < RESULT_MAX_BYTES
    assert run.result == {"count": 1 if limit == 1 else 2}


def test_what_was_written_before_the_watch_began_is_not_read(rig: Rig) -> None:
    watch(rig, "alerts")
    hear(rig, a_message(1, written_at=START - timedelta(seconds=1)), a_message(2))
    rig.routine(READ)
    result = rig.run().result
    assert result is not None
    assert result["texts"] == ["message 2"]
