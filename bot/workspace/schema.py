"""The shape of team.yaml: every key there is, what it may hold, and what it is when left out."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from agents.roster import TEAM_CHANNEL
from agents.sources.formats import FORMATS
from agents.sources.spec import SQL_FORMAT
from bot.workspace.entry import Entry, once
from bot.workspace.names import (
    AgentName,
    ModelName,
    PromptFile,
    RoleName,
    RoutineFile,
    SourceName,
    ToolName,
    TopicFile,
)
from bot.workspace.policy_schema import PolicyEntry, RequireEntry
from bot.workspace.values import (
    Account,
    Address,
    Channel,
    ChannelId,
    ChannelPrefix,
    Country,
    DiscordAccount,
    DiscordCategory,
    DiscordRole,
    DiscordServer,
    Emoji,
    EnvName,
    FileGlob,
    Flag,
    Free,
    MadeUp,
    MetricName,
    Micros,
    ModelId,
    Name,
    NodePath,
    PerHour,
    Seconds,
    SlackAccount,
    Text,
    Timezone,
    Unit,
    one_of,
    whole,
    wrong,
)
from store.records import Misfire, Overlap, Retention, Who

Days: TypeAlias = Annotated[int, BeforeValidator(whole(1, 36_500))]


class LaneEntry(Entry):
    """What an agent owns and may never touch, in words."""

    owns: tuple[Text, ...] = ()
    never: tuple[Text, ...] = ()


class LimitsEntry(Entry):
    """What one run may use; what is left out comes from `budgets.run`."""

    steps: Annotated[int, BeforeValidator(whole(1, 1_000))] | None = None
    cost_usd: Micros | None = None
    cost_usd_per_day: Micros | None = None
    wall: Seconds | None = None


class ScheduleEntry(Entry):
    """When an agent runs by itself."""

    cron: Text | None = None
    every: Seconds | None = None
    timezone: Timezone | None = None
    on_start: Flag = False
    misfire: Annotated[Misfire, BeforeValidator(one_of(Misfire))] = Misfire.RUN_LATEST
    misfire_max: Annotated[int, BeforeValidator(whole(1, 100))] = 10
    lateness: Seconds | None = None
    overlap: Annotated[Overlap, BeforeValidator(one_of(Overlap))] = Overlap.SKIP
    timeout: Seconds | None = None
    retries: Annotated[int, BeforeValidator(whole(0, 10))] = 0
    input: dict[str, Free] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        if (self.cron is None) == (self.every is None):
            raise wrong(
                "found both cron and every" if self.cron else "found neither cron nor every", "one of cron, every"
            )
        return self


class WebhookEntry(Entry):
    """A signed request that starts a run."""

    secret_env: EnvName


class WatchEntry(Entry):
    """A channel others write in, which an agent reads."""

    surface: Annotated[Literal["slack"], BeforeValidator(one_of(("slack",)))] = "slack"
    channel: ChannelId
    who: Annotated[Who, BeforeValidator(one_of(Who))] = Who.EVERYONE
    threads: Flag = True
    since: Seconds | None = None
    on_arrival: Flag = False
    settle: Seconds | None = None
    at_most: PerHour | None = None

    @model_validator(mode="after")
    def _pace_of_something(self) -> Self:
        idle = [key for key in ("settle", "at_most") if getattr(self, key) is not None]
        if idle and not self.on_arrival:
            raise wrong(f"found {idle[0]} without on_arrival: true", "settle and at_most beside on_arrival: true")
        return self


class SourceEntry(Entry):
    """A table of rows: an export, a log, or a SELECT over others."""

    reads: Annotated[str, BeforeValidator(one_of((*sorted(FORMATS), SQL_FORMAT)))]
    file: FileGlob | None = None
    sql: Text | None = None
    time: Text | None = None
    timezone: Timezone | None = None
    fresh_within: Seconds | None = None
    simulated: Flag = False

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.reads == SQL_FORMAT and (self.sql is None or self.file is not None):
            raise wrong("found no sql" if self.sql is None else "found file beside sql", "sql beside reads: sql")
        if self.reads != SQL_FORMAT and (self.file is None or self.sql is not None):
            raise wrong("found no file" if self.file is None else "found sql beside file", "file, like ga4/daily*.csv")
        if self.time is not None and self.reads not in ("csv", SQL_FORMAT):
            raise wrong(f"found time beside reads: {self.reads}", "time beside reads: csv or sql; others know theirs")
        return self


class MetricEntry(Entry):
    """A figure an agent watches."""

    name: Text | None = None
    agent: AgentName
    source: SourceName
    value: Text
    where: Text | None = None
    per: Annotated[Literal["day", "hour"], BeforeValidator(one_of(("day", "hour")))]
    unit: Unit = ""
    watch: Annotated[Literal["both", "up", "down"], BeforeValidator(one_of(("both", "up", "down")))] = "both"
    country: Country | None = None
    next_step: Text


class AgentEntry(Entry):
    """One agent."""

    name: Text | None = None
    purpose: Text
    icon: Emoji | None = None
    channel: Channel | None = None
    routine: RoutineFile | None = None
    prompt: PromptFile | None = None
    model: ModelName | None = None
    lane: LaneEntry = LaneEntry()
    node: NodePath | None = None
    tools: Annotated[tuple[ToolName, ...], AfterValidator(once)]
    sources: Annotated[tuple[SourceName, ...], AfterValidator(once)] = ()
    settings: dict[str, Free] = Field(default_factory=dict)
    limits: LimitsEntry = LimitsEntry()
    schedules: dict[Name, ScheduleEntry] = Field(default_factory=dict)
    webhooks: dict[Name, WebhookEntry] = Field(default_factory=dict)
    watches: dict[Name, WatchEntry] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_mind(self) -> Self:
        if (self.routine is None) == (self.prompt is None):
            raise wrong(
                "found both routine and prompt" if self.routine else "found neither routine nor prompt",
                "one of routine, prompt",
            )
        if self.routine is not None and self.model is not None:
            raise wrong("found a model beside a routine", "a model beside a prompt")
        return self


class TopicEntry(Entry):
    """Knowledge with one writer."""

    writer: AgentName
    about: Text | None = None
    readers: Annotated[tuple[AgentName, ...], AfterValidator(once)] = ()
    node: NodePath | None = None
    file: TopicFile | None = None


class AccountsEntry(Entry):
    """One person's accounts."""

    console: Account | None = None
    slack: SlackAccount | None = None
    discord: DiscordAccount | None = None


class PersonEntry(Entry):
    """One person."""

    name: Text | None = None
    roles: Annotated[tuple[Name, ...], AfterValidator(once)] = ()
    accounts: AccountsEntry = AccountsEntry()


class ModelEntry(Entry):
    """One language model."""

    id: ModelId
    api_base: Address | None = None
    key_env: EnvName | None = None
    max_tokens: Annotated[int, BeforeValidator(whole(1, 200_000))] = 2_000
    free: Flag = False
    answers: Literal["native", "tool", "prompt"] | None = None
    input_usd_per_million: Micros | None = None
    output_usd_per_million: Micros | None = None

    @model_validator(mode="after")
    def _priced(self) -> Self:
        prices = (self.input_usd_per_million, self.output_usd_per_million)
        if self.free and prices != (None, None):
            raise wrong("found free beside a price", "free: true, or both prices")
        if not self.free and None in prices:
            raise wrong("found no full price", "free: true, or both input_usd_per_million and output_usd_per_million")
        return self


class BudgetsEntry(Entry):
    """Caps for every agent."""

    run: LimitsEntry = LimitsEntry()


class RetentionEntry(Entry):
    """How long what is kept is kept."""

    content_days: Days = Retention().content_days
    records_days: Days = Retention().records_days
    approvals_days: Days = Retention().approvals_days

    @model_validator(mode="after")
    def _longer_and_longer(self) -> Self:
        if not self.content_days <= self.records_days <= self.approvals_days:
            raise wrong(
                f"found {self.content_days}, {self.records_days} and {self.approvals_days} days",
                "content_days up to records_days, records_days up to approvals_days",
            )
        return self


class SurfaceEntry(Entry):
    """A place where cards appear."""

    channel_prefix: ChannelPrefix | None = None


class DiscordEntry(SurfaceEntry):
    """A server of Discord's, where in it the team's channels stand, and which roles of it say who may what."""

    server: DiscordServer
    category: DiscordCategory | None = None
    roles: dict[RoleName, DiscordRole] = Field(default_factory=dict)
    lanes: dict[AgentName, DiscordRole] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _of_some(self) -> Self:
        given = (*self.roles.items(), *self.lanes.items())
        everyone = next((name for name, told in given if told == self.server), None)
        if everyone is not None:
            raise wrong(f"the role of {everyone} is @everyone, whose ID is the server's", "a role people are given")
        return self


class SurfacesEntry(Entry):
    """Where cards appear; the console always does."""

    console: SurfaceEntry = SurfaceEntry()
    slack: SurfaceEntry | None = None
    discord: DiscordEntry | None = None


class TeamEntry(Entry):
    """The whole file. Sections are read one by one, so that a mistake in one hides none in another."""

    name: Text
    timezone: Timezone
    env: Text | None = None
    simulated: MadeUp | None = None
    channel: Channel = TEAM_CHANNEL
    agents: dict[Name, object]
    people: dict[Name, object]
    policy: object = None
    approvals: object = None
    models: dict[Name, object] = Field(default_factory=dict)
    topics: dict[Name, object] = Field(default_factory=dict)
    budgets: object = None
    retention: object = None
    surfaces: object = None
    data: Text = "data"
    sources: dict[Name, object] = Field(default_factory=dict)
    metrics: dict[MetricName, object] = Field(default_factory=dict)


SECTIONS: dict[str, type[Entry]] = {
    "agents": AgentEntry,
    "people": PersonEntry,
    "policy": PolicyEntry,
    "approvals": RequireEntry,
    "models": ModelEntry,
    "topics": TopicEntry,
    "budgets": BudgetsEntry,
    "retention": RetentionEntry,
    "surfaces": SurfacesEntry,
    "sources": SourceEntry,
    "metrics": MetricEntry,
}
"""The sections of the file and what each holds; in agents, people, models, sources, topics and metrics it is what
each name holds."""
