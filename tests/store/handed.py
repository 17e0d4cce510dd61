"""Work handed from the watch to the chief, for tests of what becomes of it."""

from datetime import UTC, datetime

from store.actions import Store
from store.actions.handoffs import send_handoff
from store.actions.runs import begin_segment
from store.kernel.ids import derive
from store.queries import handoffs, runs
from store.records import Breaker, Handoff, HandoffDraft, HandoffState, Mark, Origin, OutputKind, Run, RunState, Waking
from store.records.handoff import route_of
from store.rules.handoffs import Terms
from tests.store.samples import LIMITS, requested, running

CONTRACT, SENDER, RECEIVER = "finding@1", "watch", "chief"
ROUTE = route_of(CONTRACT, SENDER, RECEIVER)
ID = derive("handoff", "one")
TERMS = Terms(failures_max=3)
AGENTS = ("watch", "chief", "other", "scribe", "a", "b", "c", "d", "e", "f", "g", "h")
WAKING = Waking(limits=dict.fromkeys(AGENTS, LIMITS), workspace_digest="w1")
UNSOUND = "/value: it is not a number"


def sent(
    store: Store,
    run: Run,
    key: str = "one",
    *,
    to: str = RECEIVER,
    objection: str | None = None,
    sure: bool = True,
    terms: Terms = TERMS,
    waking: Waking | None = WAKING,
    origins: tuple[Origin, ...] = (),
) -> Handoff:
    draft = HandoffDraft(
        id=derive("handoff", key),
        run_id=run.id,
        contract=CONTRACT,
        receiver=to,
        payload={"value": "71.4"},
        confidence="0.9" if sure else "0.1",
        origins=origins,
        objection=objection,
        sure=sure,
    )
    return send_handoff(store, draft, terms, waking)


def started(store: Store, agent_id: str, key: str = "s") -> Run:
    """A run of an agent that nothing woke."""
    run = begin_segment(store, requested(store, key, agent_id=agent_id).id, 0)
    assert run is not None
    return run


def woken(store: Store, agent_id: str = RECEIVER) -> Run:
    """The agent's run that waits to begin, begun."""
    [queued] = runs.recent_runs(store, agent_id, 10, RunState.QUEUED)
    run = begin_segment(store, queued.id, 0)
    assert run is not None
    return run


def chief(store: Store) -> Run:
    """The chief's latest run."""
    return runs.recent_runs(store, RECEIVER)[0]


def taken(store: Store) -> None:
    """One handoff that has woken the chief, who runs."""
    sent(store, running(store))
    woken(store)


def held(store: Store) -> None:
    """An unsure handoff, tried twice: a person is asked."""
    run = running(store)
    for key in ("one", "two"):
        sent(store, run, key, sure=False)


def states(store: Store) -> list[HandoffState]:
    return [one.state for one in handoffs.handoffs(store)]


def breaker(store: Store, route: str = ROUTE) -> Breaker:
    return handoffs.breaker(store, route)


ORIGIN = Origin(place="/value", run_id="run_a", step="1", tool="metrics.read", path="/series/0/latest")
MARK = Mark(
    id="mark_a",
    output_kind=OutputKind.HANDOFF,
    output_id=ID,
    place="/value",
    figure="Users 71.4",
    by="ana",
    surface="console",
    reason="the tag was off",
    at=datetime(2026, 1, 5, 8, tzinfo=UTC),
)


def used(store: Store) -> None:
    """A handoff whose value is known to come from a step."""
    sent(store, running(store), origins=(ORIGIN,))
