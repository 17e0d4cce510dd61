"""A whole session on a real store: a workspace, tools that keep a ledger, people who click, crashes on demand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent, indent

import pytest

from agents.authority.rules import Effect, Policy, Rule
from agents.authority.rules import Registry as PolicyRegistry
from agents.models.port import ModelPort
from agents.parts import SessionParts
from agents.readings.port import Readings
from agents.readings.replay import Recording, ReplayReadings
from agents.roster import AgentSpec, Budgets, ModelMind, ModelSpec, Person, RoutineMind, SurfaceSpec, Team
from agents.session import run_segment
from agents.sources.port import NoSources, Sources
from agents.standing import Memberships, NoMemberships
from agents.tools.builtin import builtin_tools
from agents.tools.registry import Registry, tool_facts
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.approvals import Decision, decide_approval
from store.actions.runs import request_run
from store.handle import Store
from store.kernel import crash
from store.kernel.canonical import JsonObject
from store.kernel.clock import ManualClock
from store.kernel.ports import Segment, Transaction
from store.queries import approvals, runs
from store.records import (
    SYSTEM,
    Access,
    Actor,
    ActorKind,
    Approval,
    Requirement,
    Run,
    RunLimits,
    Step,
    Trigger,
    TriggerKind,
)

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
AGENT = "worker"
LIMITS = RunLimits(max_steps=30, max_cost_micros=1_000_000, wall_seconds=600, retries=0)
REQUIRE = Requirement(role="approver", quorum=1, expires_seconds=3600)
PEOPLE = {
    "ana": Person(id="ana", name="Ana", roles=frozenset({"approver"}), accounts={}),
    "ben": Person(id="ben", name="Ben", roles=frozenset({"approver"}), accounts={}),
    "cat": Person(id="cat", name="Cat", accounts={}),
}
NUMBER: JsonObject = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "label": {"type": "string"}},
    "required": ["n"],
    "additionalProperties": False,
}
ANY_OBJECT: JsonObject = {"type": "object"}


_HEAD = """import asyncio
from agents.minds.routine import ToolFailed, ToolRefused

async def run(ctx):
"""


class Killed(BaseException):
    """The process died: nothing it does after this reaches the database, as after kill -9."""


class Process:
    """The process sessions run in. It can die at a chosen crash point, or wherever a test says so."""

    def __init__(self) -> None:
        self.alive = True
        self.dies_at: int | None = None
        self.reached: list[str] = []

    def die(self) -> None:
        """Stands for kill -9 at this point."""
        self.alive = False
        raise Killed

    def reach(self, name: str) -> None:
        """What every crash point does: the dead go no further, so no transaction of theirs commits."""
        if not self.alive:
            raise Killed
        self.reached.append(name)
        if len(self.reached) == self.dies_at:
            self.die()


@dataclass
class Queue:
    """Remembers what was enqueued, each segment once."""

    segments: list[Segment] = field(default_factory=list)

    def __call__(self, tx: Transaction, segment: Segment) -> None:
        if segment not in self.segments:
            self.segments.append(segment)


@dataclass
class Ledger:
    """The outside world: every execution, in order, and what it was given."""

    calls: list[tuple[str, JsonObject, str]] = field(default_factory=list)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)

    def names(self) -> list[str]:
        return [name for name, _, _ in self.calls]

    def numbers(self, name: str) -> list[object]:
        return [arguments["n"] for called, arguments, _ in self.calls if called == name]

    def keys(self, name: str) -> list[str]:
        return [key for called, _, key in self.calls if called == name]


def ledger_tool(ledger: Ledger, name: str, access: Access, *, lookup: bool = False, **options: object) -> Tool:
    """A tool that only writes the ledger: what happened outside is exactly what stands there."""

    async def run(call: ToolCall, _: Means) -> JsonObject:
        ledger.before.get(name, _nothing)()
        ledger.calls.append((name, dict(call.arguments), call.idempotency_key))
        ledger.after.get(name, _nothing)()
        return {"n": call.arguments["n"], "times": ledger.names().count(name)}

    async def look(call: ToolCall, _: Means) -> JsonObject | None:
        done = [arguments for called, arguments, key in ledger.calls if (called, key) == (name, call.idempotency_key)]
        return {"n": done[0]["n"], "times": len(done)} if done else None

    spec = ToolSpec(name=name, description=name, arguments=NUMBER, result=ANY_OBJECT, access=access, **options)  # type: ignore[arg-type] # flags of the spec, passed through
    return Tool(
        spec=spec,
        run=run,
        summarise=lambda arguments: f"{name} {arguments['n']}",
        lookup=look if lookup else None,
        undo=(lambda result: {"n": result["n"]}) if spec.undo_tool else None,
        undo_says=f"takes {name} back" if spec.undo_tool else None,
    )


def _nothing() -> None:
    return None


def ledger_tools(ledger: Ledger) -> tuple[Tool, ...]:
    return (
        ledger_tool(ledger, "see", Access.READ),
        ledger_tool(ledger, "see.stranger", Access.READ, taints=True),
        ledger_tool(ledger, "put", Access.WRITE, idempotent=True),
        ledger_tool(ledger, "push", Access.WRITE, lookup=True, undo_tool="pull"),
        ledger_tool(ledger, "pull", Access.WRITE, idempotent=True),
        ledger_tool(ledger, "poke", Access.WRITE),
        ledger_tool(ledger, "send", Access.EGRESS, irreversible=True),
    )


def rule(effect: Effect, *tools: str, rule_id: str | None = None, require: Requirement | None = None) -> Rule:
    return Rule(
        id=rule_id or f"{effect}-{'-'.join(tools)}",
        effect=effect,
        agents=frozenset({"*"}),
        tools=frozenset(tools),
        require=(require or REQUIRE) if effect == "human" else None,
    )


ALLOW_ALL = (rule("allow", "*"),)
ASK_FOR_PUSH = (*ALLOW_ALL, rule("human", "push", "send", "poke"))


class Rig:
    """One team of one agent on one store. `store` is the truth; `ledger` the world."""

    def __init__(self, store: Store, queue: Queue, root: Path) -> None:
        self.store = store
        self.queue = queue
        self.root = root
        self.ledger = Ledger()
        self.tools = Registry((*ledger_tools(self.ledger), *builtin_tools()))
        self.readings: Readings = ReplayReadings(Recording(machine=()))
        self.sources: Sources = NoSources()
        self.memberships: Memberships = NoMemberships()
        self.model: ModelPort | None = None
        self.retry_delays_seconds: tuple[float, ...] = (0.0, 0.0)
        self.team = self._team()
        self.process = Process()
        self._serial = 0

    @property
    def clock(self) -> ManualClock:
        assert isinstance(self.store.clock, ManualClock)
        return self.store.clock

    def _team(self) -> Team:
        agent = AgentSpec(
            id=AGENT,
            name="Worker",
            purpose="Works.",
            channel=AGENT,
            mind=RoutineMind(file="routine.py"),
            tools=self.tools.names,
            settings={},
            limits=LIMITS,
        )
        return Team(
            name="Test",
            timezone="UTC",
            channel="team",
            agents={AGENT: agent},
            people=PEOPLE,
            policy=self._policy(ALLOW_ALL),
            approvals=REQUIRE,
            models={},
            budgets=Budgets(run=LIMITS),
            surfaces={"console": SurfaceSpec(name="console")},
            digest="d0",
            root=self.root,
        )

    def policy_for(self, *agents: str) -> Policy:
        """Everything allowed to these agents and the rig's own."""
        policy = self._policy(ALLOW_ALL)
        return replace(policy, registry=replace(policy.registry, agents=frozenset({AGENT, *agents})))

    def _policy(self, rules: Iterable[Rule]) -> Policy:
        specs = [tool.spec for name in self.tools.names if (tool := self.tools.find(name)) is not None]
        roles = {"approver": frozenset(one.id for one in PEOPLE.values() if "approver" in one.roles)}
        facts = {spec.name: tool_facts(spec) for spec in specs}
        return Policy(rules=tuple(rules), registry=PolicyRegistry(agents=frozenset({AGENT}), tools=facts, roles=roles))

    def change_team(self, **changes: object) -> None:
        self.team = self.team.model_copy(update=changes)

    def change_agent(self, **changes: object) -> None:
        self.change_team(agents={AGENT: self.team.agents[AGENT].model_copy(update=changes)})

    def govern(self, *rules: Rule) -> None:
        self.change_team(policy=self._policy(rules))

    def routine(self, body: str) -> None:
        """Writes the body of `async def run(ctx)`; the workspace has changed then, as its digest says."""
        text = f"{_HEAD}{indent(dedent(body).strip(), '    ')}\n"
        (self.root / "routine.py").write_text(text)
        self._serial += 1
        self.change_team(digest=f"d{self._serial}-{self.root.name}")

    def think_with(self, model: ModelPort, spec: ModelSpec, prompt: str = "Do your work.") -> None:
        self.model = model
        self.change_agent(mind=ModelMind(model=spec.name, prompt_file="prompt.md", prompt=prompt))
        self.change_team(models={spec.name: spec})

    def parts(self) -> SessionParts:
        return SessionParts(
            store=self.store,
            team=self.team,
            tools=self.tools,
            readings=self.readings,
            sources=self.sources,
            model=self.model,
            memberships=self.memberships,
            retry_delays_seconds=self.retry_delays_seconds,
            watch_seconds=0.01,
        )

    def start(self, key: str = "k", by: Actor = SYSTEM, limits: RunLimits | None = None, **given: object) -> Run:
        kind = TriggerKind.MANUAL
        trigger = Trigger(kind=kind, key=key, initiator=by, input=given)
        agent = self.team.agents[AGENT]
        return request_run(
            self.store,
            agent_id=AGENT,
            trigger=trigger,
            limits=limits or agent.limits,
            workspace_digest=self.team.digest,
        )

    def run_as(self, agent_id: str, body: str) -> Run:
        """A run of another agent of the team, with the same routine file."""
        self.routine(body)
        trigger = Trigger(kind=TriggerKind.MANUAL, key="other", initiator=SYSTEM)
        run = request_run(
            self.store, agent_id=agent_id, trigger=trigger, limits=LIMITS, workspace_digest=self.team.digest
        )
        self.drive()
        return self.now(run)

    def drive(self) -> None:
        """Runs what is enqueued, as the engine would, until nothing is."""
        while self.queue.segments:
            self._execute(self.queue.segments.pop(0))

    def drive_through_deaths(self) -> None:
        """As `drive`; a segment whose process dies is executed again, as the engine would."""
        while self.queue.segments:
            segment = self.queue.segments.pop(0)
            try:
                self._execute(segment)
            except Killed:
                self.queue.segments.append(segment)

    def _execute(self, segment: Segment) -> None:
        self.process.alive = True
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(crash.POINTS, "reach", self.process.reach)
            run_segment(self.parts(), segment)

    def run(self, key: str = "k", **options: object) -> Run:
        """Starts a run and drives it as far as it goes without people."""
        started = self.start(key, **options)  # type: ignore[arg-type] # as start takes them
        self.drive()
        return self.now(started)

    def dies(self, run: Run) -> Run:
        """Executes the run's segment in a process that dies in it; the engine would execute it again."""
        segment = self.queue.segments.pop(0)
        with pytest.raises(Killed):
            self._execute(segment)
        self.ledger.before.clear()
        self.ledger.after.clear()
        self.queue.segments.append(segment)
        return self.now(run)

    def now(self, run: Run) -> Run:
        return runs.run(self.store, run.id)

    def steps(self, run: Run) -> list[Step]:
        return runs.steps(self.store, run.id)

    def asked(self) -> Approval:
        """The one open approval."""
        (only,) = approvals.open_approvals(self.store)
        return only

    def decide(
        self, person: str = "ana", *, approve: bool = True, reason: str | None = None, surface: str = "console"
    ) -> Decision:
        asked = self.asked()
        eligible = frozenset(one.id for one in self.team.people_in(asked.requirement.role))
        return decide_approval(
            self.store,
            asked.id,
            person_id=person,
            account=person,
            surface=surface,
            approve=approve,
            eligible=eligible,
            reason=reason,
        )

    def approval(self, approval: Approval) -> Approval:
        return approvals.approval(self.store, approval.id)

    def later(self, **span: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(**span))

    def replace_tool(self, name: str, **changes: object) -> None:
        tools = [tool for one in self.tools.names if (tool := self.tools.find(one)) is not None]
        self.tools = Registry(replace(tool, **changes) if tool.spec.name == name else tool for tool in tools)  # type: ignore[arg-type] # fields of Tool


def person(person_id: str) -> Actor:
    return Actor(kind=ActorKind.PERSON, id=person_id, surface="console")
