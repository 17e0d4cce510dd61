"""Handing work over through the gate: validated on both sides, traced to its sources, tainting only with words."""

import contextlib
from dataclasses import replace
from typing import Any

import pytest

from agents.authority.rules import Condition
from agents.contracts import PROBE, Contract
from agents.roster import AgentSpec
from store.actions.approvals import Verdict
from store.queries import handoffs, runs
from store.records import HandoffState, Run, RunState, TriggerKind
from tests.agents.rig import AGENT, START, Killed, Rig, person, rule
from tests.agents.test_contracts import BODY

CHIEF = "chief"
CONTRACT = Contract(name="finding", version=1, body=BODY, floor="0.6", failures_max=2)
SEND = (
    'await ctx.call("handoff.send", to="chief", contract="finding@1", confidence="0.9", '
    'payload={"kind": "anomaly", "title": "Users fell", "value": "71.4"})'
)


@pytest.fixture
def team(rig: Rig) -> Rig:
    worker = rig.team.agents[AGENT]
    chief = worker.model_copy(update={"id": CHIEF, "name": "Chief"})
    rig.change_team(agents={AGENT: worker, CHIEF: chief}, policy=rig.policy_for(CHIEF))
    return agreed(rig)


def agreed(rig: Rig, **terms: object) -> Rig:
    rig.change_team(contracts={"finding@1": CONTRACT.model_copy(update=terms)})
    return rig


def run_of(rig: Rig, body: str, key: str = "k") -> Run:
    rig.routine(body)
    return rig.run(key=key)


def listed(rig: Rig, arguments: str = "") -> tuple[Run, Any]:
    run = rig.run_as(CHIEF, f'return dict(await ctx.call("handoff.list", since="2026-01-01T00:00:00Z"{arguments}))')
    assert run.state is RunState.DONE, run.reason
    return run, run.result


def test_work_goes_from_agent_to_agent_and_its_figures_are_traced(team: Rig) -> None:
    run = run_of(
        team,
        """
        reading = {"metric": "users", "at": "2026-01-05T07:00:00Z", "value": "71.4", "unit": ""}
        await ctx.call("metrics.record", readings=[reading])
        await ctx.call("metrics.read", metrics=["users"], since="2026-01-05T00:00:00Z")
        return dict(await ctx.call("handoff.send", to="chief", contract="finding@1", confidence="0.9",
            provenance={"/value": "the sales export"},
            payload={"kind": "anomaly", "title": "Users fell", "value": "71.4", "count": 42}))
        """,
    )
    assert run.state is RunState.DONE, run.reason
    [sent] = handoffs.handoffs(team.store)
    assert (sent.sender, sent.receiver, sent.state, sent.run_id) == (AGENT, CHIEF, HandoffState.SENT, run.id)
    value, count = sent.origins
    assert (value.place, value.tool, value.is_known, value.stated) == (
        "/value",
        "metrics.read",
        True,
        "the sales export",
    )
    assert (count.place, count.is_known, count.stated) == ("/count", False, None)
    _, result = listed(team)
    assert result["handoffs"][0]["payload"] == sent.payload
    assert result["handoffs"][0]["from"] == AGENT
    assert result["late"] == []


def test_what_does_not_fit_is_refused_with_its_place_and_nothing_is_delivered(team: Rig) -> None:
    run = run_of(team, SEND.replace('"71.4"', '"many"'))
    assert run.state is RunState.NEEDS_ATTENTION
    assert "Nothing was handed over: /value: 'many'" in str(run.reason)
    assert [one.state for one in handoffs.handoffs(team.store)] == [HandoffState.REFUSED]
    assert listed(team)[1]["handoffs"] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (SEND.replace("finding@1", "finding@2"), "There is no contract 'finding@2'. The contracts are: finding@1."),
        (SEND.replace('"chief"', '"boss"'), "There is no agent 'boss'."),
        (SEND.replace('to="chief"', f'to="{AGENT}"'), "cannot hand work to itself"),
        (SEND.replace('confidence="0.9"', 'confidence="0.9", sender="chief"'), "Additional properties are not allowed"),
    ],
)
def test_a_wrong_contract_receiver_or_a_forged_sender_is_refused(team: Rig, wrong: str, said: str) -> None:
    assert said in str(run_of(team, wrong).reason)
    assert handoffs.handoffs(team.store) == []


def test_a_receiver_whose_contract_differs_is_told_so_and_cannot_accept(team: Rig) -> None:
    run_of(team, SEND)
    [sent] = handoffs.handoffs(team.store)
    strict = {**BODY, "required": ["kind", "since"]}
    agreed(team, body=strict)
    _, result = listed(team)
    assert result["handoffs"][0]["validity"].startswith("It does not fit finding@1 as it is here")
    assert result["handoffs"][0]["payload"] == {}
    team.change_team(contracts={})
    run = team.run_as(CHIEF, f'await ctx.call("handoff.accept", handoff="{sent.id}")')
    assert handoffs.handoff(team.store, sent.id).state is HandoffState.SENT
    assert run.state is not RunState.FAILED


def test_only_the_words_of_tainted_work_taint_whoever_reads_it(team: Rig) -> None:
    run_of(team, f'await ctx.call("see.stranger", n=1)\n{SEND.replace("Users fell", PROBE)}')
    [sent] = handoffs.handoffs(team.store)
    assert sent.tainted
    typed, result = listed(team, ", words=False")
    assert not typed.tainted
    assert result["handoffs"][0]["payload"] == {"kind": "anomaly", "value": "71.4"}
    assert result["handoffs"][0]["left_out"] == ["/title"]
    assert PROBE not in str(result)


def test_reading_the_words_of_tainted_work_taints(team: Rig) -> None:
    run_of(team, f'await ctx.call("see.stranger", n=1)\n{SEND}')
    run, result = listed(team)
    assert run.tainted
    assert result["handoffs"][0]["payload"]["title"] == "Users fell"


def test_reading_untainted_work_taints_nobody(team: Rig) -> None:
    run_of(team, SEND)
    run, result = listed(team)
    assert not run.tainted
    assert result["handoffs"][0]["payload"]["title"] == "Users fell"


def test_waking_work_starts_the_receiver_with_the_initiator_and_no_scope_of_the_sender(team: Rig) -> None:
    agreed(team, wakes=True)
    team.change_team(agents={**team.team.agents, CHIEF: narrow(team.team.agents[CHIEF])})
    team.routine(f'if ctx.input.get("handoff"):\n    await ctx.call("put", n=1)\nelse:\n    {SEND}')
    team.run(by=person("ana"))
    [woke] = runs.recent_runs(team.store, CHIEF)
    assert (woke.trigger.kind, woke.trigger.initiator.id) == (TriggerKind.HANDOFF, "ana")
    assert "put is not among the tools of Chief" in str(woke.reason)
    assert team.ledger.names() == []


def narrow(agent: AgentSpec) -> AgentSpec:
    return agent.model_copy(update={"tools": ("handoff.list", "handoff.accept")})


def test_a_crash_at_any_point_sends_and_wakes_once(team: Rig) -> None:
    agreed(team, wakes=True)
    team.routine(f'if ctx.input.get("handoff"):\n    return {{}}\n{SEND}')
    for point in range(1, 200):
        team.process.reached.clear()
        team.process.dies_at = point
        team.start(key=f"k{point}")
        drive_what_committed(team)
        if len(team.process.reached) < point:
            break
    sent = handoffs.handoffs(team.store, limit=500)
    assert len(sent) == len({one.run_id for one in sent}) == point
    woken = runs.recent_runs(team.store, CHIEF, 500)
    assert len(woken) == point
    assert {run.state for run in woken} == {RunState.DONE}


def drive_what_committed(rig: Rig) -> None:
    """As the engine would: a segment whose transaction never committed does not exist."""
    while rig.queue.segments:
        known = [one for one in rig.queue.segments if runs.find_run(rig.store, one.run_id) is not None]
        rig.queue.segments[:] = known
        if known:
            with contextlib.suppress(Killed):
                rig._execute(known[0])
                rig.queue.segments.remove(known[0])


def test_late_agents_are_named_with_their_last_time(team: Rig) -> None:
    run_of(team, SEND)
    team.later(hours=30)
    since = START.replace(day=6).isoformat()
    run = team.run_as(
        CHIEF, f'return dict(await ctx.call("handoff.list", since="{since}", expected=["{AGENT}", "{CHIEF}"]))'
    )
    late: Any = run.result
    assert late["late"] == [{"agent": AGENT, "last_at": "2026-01-05T08:00:00+00:00"}, {"agent": CHIEF, "last_at": ""}]


def test_a_sender_sees_what_became_of_its_work(team: Rig) -> None:
    run_of(team, SEND)
    [sent] = handoffs.handoffs(team.store)
    team.run_as(CHIEF, f'await ctx.call("handoff.return", handoff="{sent.id}", reason="Not my lane")')
    result: Any = run_of(team, 'return dict(await ctx.call("handoff.list", box="sent"))', key="k2").result
    assert [(one["state"], one["reason"]) for one in result["handoffs"]] == [("returned", "Not my lane")]


def test_a_persons_wish_is_governed_as_theirs_after_it_passed_through_other_hands(team: Rig) -> None:
    team.routine(SEND)
    team.run(by=person("ana"))
    [sent] = handoffs.handoffs(team.store)
    accept = f'await ctx.call("handoff.accept", handoff="{sent.id}")'
    is_ana = Condition(fact="initiator.id", operator="eq", operand="ana")
    no_wish = replace(rule("deny", "put"), when=(is_ana,))
    team.change_team(policy=replace(team.team.policy, rules=(*team.team.policy.rules, no_wish)))
    refused = team.run_as(CHIEF, f'{accept}\nawait ctx.call("put", n=1)')
    assert "deny-put" in str(team.steps(refused)[-1].rule_id)
    assert team.ledger.names() == []


def test_whoever_wished_it_does_not_approve_it_however_it_came(team: Rig) -> None:
    team.routine(SEND)
    team.run(by=person("ana"))
    [sent] = handoffs.handoffs(team.store)
    asks = (*team.team.policy.rules, rule("human", "push"))
    team.change_team(policy=replace(team.team.policy, rules=asks))
    team.run_as(CHIEF, f'await ctx.call("handoff.accept", handoff="{sent.id}")\nawait ctx.call("push", n=1)')
    assert team.asked().requested_by.id == "ana"
    assert team.decide("ana").verdict is Verdict.REFUSED
