"""The team as loaded: who the agents and people are, what each may use, when they run. Frozen; every room reads it."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, PlainSerializer

from agents.authority.rules import Policy
from agents.contracts import Contract
from agents.metrics.spec import MetricSpec
from agents.sources.spec import SourceSpec
from store.kernel.canonical import Json
from store.records import Misfire, Overlap, Record, Requirement, Retention, RunLimits, Who

Key = TypeVar("Key")
Value = TypeVar("Value")


def _nothing() -> Mapping[Any, Any]:
    return MappingProxyType({})


FrozenMap: TypeAlias = Annotated[Mapping[Key, Value], AfterValidator(MappingProxyType), PlainSerializer(dict)]

OPERATOR = "operator"
"""The role that may pause or resume every agent at once, beside the role that decides approvals."""

Surface: TypeAlias = Literal["console", "slack", "discord"]
AccountSurface: TypeAlias = Literal["console", "slack", "discord"]


TEAM_CHANNEL = "bridge"
"""What the team's own channel is called where nobody says otherwise."""
SLACK_CHANNEL_ID = r"[CG][A-Z0-9]{8,20}"
DISCORD_ID = r"\d{17,20}"
"""How any id of Discord's reads: of a server, a channel, a role, a user."""
CHANNEL_IDS: Mapping[str, str] = MappingProxyType({"slack": SLACK_CHANNEL_ID, "discord": DISCORD_ID})
"""How each chat platform's own channel ids read; no name of ours does."""


def names_existing(channel: str, surface: str | None = None) -> bool:
    """True when it is the id of a channel that exists, and not a name for one to be made.

    `surface` asks whether it is an id of that one's; None, of any.
    """
    return any(re.fullmatch(CHANNEL_IDS[each], channel) for each in CHANNEL_IDS if surface in (None, each))


class Lane(Record):
    """What an agent owns and may never touch, in words for people and prompts; its tools and the policy enforce."""

    owns: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


class RoutineMind(Record):
    """A Python file that defines `async def run(ctx)`.

    `file` is relative to the team's root, or the name of one that comes with Quarterdeck: `builtin:watch-machine`.
    """

    kind: Literal["routine"] = "routine"
    file: str


class ModelMind(Record):
    """A language model in a loop. `model` names one of the team's models; None means none is configured yet.

    `prompt` is the text of `prompt_file`, which is relative to the team's root.
    """

    kind: Literal["model"] = "model"
    model: str | None
    prompt_file: str
    prompt: str


class WatchSpec(Record):
    """A channel others write in, which `agent` reads. `channel` is the surface's own id of it.

    `on_arrival` starts a run once messages have settled for `settle_seconds`, at most so often an hour for the whole
    agent. `since_seconds` is how far back a first reading begins; None: at the moment the watch is first there.
    """

    id: str
    name: str
    agent: str
    surface: Literal["slack"]
    channel: str
    who: Who = Who.EVERYONE
    threads: bool = True
    since_seconds: int | None = None
    on_arrival: bool = False
    settle_seconds: int = 30
    at_most_per_hour: int = 12


class AgentSpec(Record):
    """One agent. `tools` is its scope: a call of any other tool is refused before policy is asked.

    `node` is its place in the organisation, as `company/marketing`; it inherits the topics of every node above.
    `settings` is what its routine or tools read: text, whole numbers, true/false, lists and mappings of these; a number
    with a point is a decimal string. A setting named `..._folder` or `..._file` is a path inside the team's root that
    existed when the team was loaded. `concurrency` runs of the agent may be running at once. `icon` is an emoji's short
    name. `channel` is a name, or the id of a channel that exists (`names_existing`); agents may share one. `sources`
    are those of the team it may see.
    """

    id: str
    name: str
    purpose: str
    icon: str | None = None
    channel: str
    mind: RoutineMind | ModelMind
    lane: Lane = Lane()
    node: str | None = None
    tools: tuple[str, ...]
    sources: tuple[str, ...] = ()
    settings: FrozenMap[str, Json] = Field(default_factory=_nothing)
    watches: FrozenMap[str, WatchSpec] = Field(default_factory=_nothing)
    limits: RunLimits
    concurrency: Literal[1] = 1


class TopicSpec(Record):
    """Knowledge with one writer. `readers` are agents that subscribe to it; every agent at or below `node` inherits it.

    `text` is what `file`, relative to the team's root, says: the workspace's own word, which agents build on; both None
    when there is no file. `about` says what belongs in it.
    """

    name: str
    writer: str
    about: str | None = None
    readers: tuple[str, ...] = ()
    node: str | None = None
    file: str | None = None
    text: str | None = None

    def is_inherited_at(self, node: str | None) -> bool:
        """True for an agent whose node is this topic's, or below it."""
        return self.node is not None and node is not None and f"{node}/".startswith(f"{self.node}/")


class Person(Record):
    """One human with all their accounts: surface → account id there. Votes count people, never accounts."""

    id: str
    name: str
    roles: frozenset[str] = frozenset()
    accounts: FrozenMap[str, str] = Field(default_factory=_nothing)


class ScheduleSpec(Record):
    """When an agent runs. Exactly one of `cron` (five fields, read in `timezone`) and `every_seconds` is set.

    `on_start` also runs it once each time the team starts. `lateness_seconds` is how late a start still is on time;
    `misfire_max` bounds run_all; `timeout_seconds` None means the agent's wall limit; `retries` are of the whole run.
    """

    id: str
    name: str
    agent: str
    cron: str | None = None
    every_seconds: int | None = None
    timezone: str
    on_start: bool = False
    misfire: Misfire = Misfire.RUN_LATEST
    misfire_max: int = 10
    lateness_seconds: int
    overlap: Overlap = Overlap.SKIP
    timeout_seconds: int | None = None
    retries: int = 0
    input: FrozenMap[str, Json] = Field(default_factory=_nothing)


class WebhookSpec(Record):
    """A signed request that starts a run of `agent`. `secret_env` names the environment variable with the secret."""

    id: str
    name: str
    agent: str
    secret_env: str


class ModelSpec(Record):
    """A model by the team's own name. `model_id` is litellm's; `key_env` names the variable with the provider's key.

    `key_env` None means the endpoint asks for no key; `api_base` None means the provider's own. `answers` says how it
    is asked for a typed answer; None leaves that to what is known of the model. Prices are micro-dollars for a million
    tokens; 0 is free, None is not known, and a model without a price is refused.
    """

    name: str
    model_id: str
    api_base: str | None = None
    key_env: str | None = None
    max_tokens: int
    answers: Literal["native", "tool", "prompt"] | None = None
    input_micros_per_million: int | None = None
    output_micros_per_million: int | None = None

    @property
    def is_priced(self) -> bool:
        """True when the worst case of a call can be computed."""
        return self.input_micros_per_million is not None and self.output_micros_per_million is not None


class SurfaceSpec(Record):
    """A place where cards appear. A channel there is named `channel_prefix` + the agent's channel.

    `roles` binds roles of the team to roles the surface has of its own, by their ids there: whoever acts from the
    surface has a bound role only while they hold the one it is bound to. It never gives anybody a role. `lanes` names,
    for agents by id, the role of the surface's own that lets people act on them from there. The rest is Discord's:
    `server` is the id of the one the team lives in, `category` the name, or the id, of what its channels stand under.
    """

    name: Surface
    channel_prefix: str = ""
    server: str | None = None
    category: str | None = None
    roles: FrozenMap[str, str] = Field(default_factory=_nothing)
    lanes: FrozenMap[str, str] = Field(default_factory=_nothing)


class Budgets(Record):
    """Caps that hold for every agent unless it sets its own: `run` is what one run may use."""

    run: RunLimits


class Team(Record):
    """A loaded and fully checked workspace: every name in it refers to something that exists.

    `channel` is the team's own channel (fleet and incidents). `approvals` is who decides when a rule does not say.
    `env` is what rules compare with the fact `env`. `data` is the folder of the sources' files, relative to the root.
    `contracts` go by NAME@VERSION, `templates` of digests by name; those in `broken_templates` cannot be used.
    `simulated` is the sentence every card carries when the team's data were made up; None: they are real. `digest` is
    the SHA-256 of what was loaded, prompts and routines included: equal for the one-file and the split form of the same
    team.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    timezone: str
    env: str | None = None
    simulated: str | None = None
    channel: str
    agents: FrozenMap[str, AgentSpec]
    people: FrozenMap[str, Person]
    policy: Policy
    approvals: Requirement
    schedules: tuple[ScheduleSpec, ...] = ()
    webhooks: tuple[WebhookSpec, ...] = ()
    topics: FrozenMap[str, TopicSpec] = Field(default_factory=_nothing)
    models: FrozenMap[str, ModelSpec] = Field(default_factory=_nothing)
    contracts: FrozenMap[str, Contract] = Field(default_factory=_nothing)
    templates: FrozenMap[str, str] = Field(default_factory=_nothing)
    broken_templates: frozenset[str] = frozenset()
    budgets: Budgets
    retention: Retention = Retention()
    surfaces: FrozenMap[Surface, SurfaceSpec]
    data: str = "data"
    sources: FrozenMap[str, SourceSpec] = Field(default_factory=_nothing)
    metrics: FrozenMap[str, MetricSpec] = Field(default_factory=_nothing)
    digest: str
    root: Path

    def person_for(self, surface: str, account: str) -> Person | None:
        """The person behind an account of a surface; None for a stranger. No account belongs to two people."""
        return next((person for person in self.people.values() if person.accounts.get(surface) == account), None)

    def in_role(self, person_id: str, role: str) -> bool:
        """True when a declared person has the role; a stranger has none."""
        person = self.people.get(person_id)
        return person is not None and role in person.roles

    def may_switch_all(self, person: Person) -> bool:
        """True for whoever may pause or resume every agent at once: operators, and the role that decides approvals."""
        return not person.roles.isdisjoint({OPERATOR, self.approvals.role})

    def bound_roles(self, surface: str) -> Mapping[str, str]:
        """Which roles need one of the surface's own for whoever acts from there: role → id there."""
        spec = self._surface(surface)
        return _nothing() if spec is None else spec.roles

    def lane_roles(self, surface: str) -> Mapping[str, str]:
        """Which agents answer from a surface only to holders of one of its own roles: agent → id there."""
        spec = self._surface(surface)
        return _nothing() if spec is None else spec.lanes

    def _surface(self, surface: str) -> SurfaceSpec | None:
        return next((one for name, one in self.surfaces.items() if name == surface), None)

    def people_in(self, role: str) -> tuple[Person, ...]:
        """Everybody with the role, by id."""
        return tuple(self.people[person_id] for person_id in sorted(self.people) if self.in_role(person_id, role))

    @property
    def watches(self) -> tuple[WatchSpec, ...]:
        """Every agent's watches, by id."""
        found = [watch for agent in self.agents.values() for watch in agent.watches.values()]
        return tuple(sorted(found, key=lambda watch: watch.id))

    def topics_inherited_by(self, agent_id: str) -> tuple[TopicSpec, ...]:
        """Topics of the nodes at and above the agent's own, the highest node first."""
        agent = self.agents.get(agent_id)
        node = agent.node if agent else None
        found = [topic for topic in self.topics.values() if topic.is_inherited_at(node)]
        return tuple(sorted(found, key=lambda topic: ((topic.node or "").count("/"), topic.name)))

    def topics_read_by(self, agent_id: str) -> tuple[TopicSpec, ...]:
        """What the agent inherits, then what it subscribes to or keeps itself, by name; each once."""
        inherited = self.topics_inherited_by(agent_id)
        own = [topic for topic in self.topics.values() if agent_id == topic.writer or agent_id in topic.readers]
        return (*inherited, *sorted((one for one in own if one not in inherited), key=lambda topic: topic.name))

    def schedules_of(self, agent_id: str) -> tuple[ScheduleSpec, ...]:
        """The agent's schedules, as declared."""
        return tuple(schedule for schedule in self.schedules if schedule.agent == agent_id)
