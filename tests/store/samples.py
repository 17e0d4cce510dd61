"""Records as actions want them, with only what a test cares about spelled out."""

from store.actions import Store
from store.actions.approvals import request_approval
from store.actions.runs import begin_segment, request_run
from store.kernel.canonical import JsonObject, call_hash
from store.records import (
    SYSTEM,
    Access,
    Actor,
    ActorKind,
    Approval,
    ApprovalRequest,
    Requirement,
    Run,
    RunLimits,
    StepIntent,
    StepKind,
    Trigger,
    TriggerKind,
)

LIMITS = RunLimits(max_steps=5, max_cost_micros=1_000, wall_seconds=60, max_day_cost_micros=1_500, retries=1)


def person(person_id: str) -> Actor:
    return Actor(kind=ActorKind.PERSON, id=person_id, surface="console")


def requested(
    store: Store, key: str = "k", by: Actor = SYSTEM, agent_id: str = "watch", limits: RunLimits = LIMITS
) -> Run:
    trigger = Trigger(kind=TriggerKind.MANUAL, key=key, initiator=by)
    return request_run(store, agent_id=agent_id, trigger=trigger, limits=limits, workspace_digest="w1")


def running(store: Store, key: str = "k", by: Actor = SYSTEM, limits: RunLimits = LIMITS) -> Run:
    run = begin_segment(store, requested(store, key, by, limits=limits).id, 0)
    assert run is not None
    return run


def intent(
    run: Run, place: int = 0, hold_micros: int = 0, *, irreversible: bool = False, arguments: JsonObject | None = None
) -> StepIntent:
    request: JsonObject = {"agent": run.agent_id, "tool": "files.move", "arguments": arguments or {"n": place}}
    return StepIntent(
        run_id=run.id,
        key=f"t{place}",
        position=place,
        segment=run.segment,
        kind=StepKind.TOOL,
        name="files.move",
        access=Access.WRITE,
        irreversible=irreversible,
        request=request,
        request_hash=call_hash(request),
        idempotency_key=f"{run.id}:t{place}",
        hold_micros=hold_micros,
        rule_id="R1",
    )


def asked(
    store: Store,
    run: Run,
    *,
    quorum: int = 1,
    expires_seconds: int = 600,
    within: int | None = None,
    hold_micros: int = 0,
    irreversible: bool = False,
) -> Approval:
    request = ApprovalRequest(
        intent=intent(run, hold_micros=hold_micros, irreversible=irreversible),
        agent_id=run.agent_id,
        tool="files.move",
        arguments={"n": 0},
        summary="Moves one file",
        undo=None,
        claim=None,
        rule_reason=None,
        requirement=Requirement(
            role="approver", quorum=quorum, expires_seconds=expires_seconds, execute_within_seconds=within
        ),
    )
    return request_approval(store, request)
