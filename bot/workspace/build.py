"""Builds the team from a file in which nothing is wrong, filling in what was left out."""

from pathlib import Path

from agents.metrics.spec import MetricSpec
from agents.roster import (
    AgentSpec,
    Budgets,
    Lane,
    ModelMind,
    ModelSpec,
    Person,
    RoutineMind,
    ScheduleSpec,
    Surface,
    SurfaceSpec,
    Team,
    TopicSpec,
    WatchSpec,
    WebhookSpec,
)
from agents.sources.spec import SourceSpec
from blocks.text import clip
from bot.workspace.digest import workspace_digest
from bot.workspace.drafts import Draft
from bot.workspace.policy import policy_of, requirement
from bot.workspace.schema import (
    AgentEntry,
    DiscordEntry,
    LimitsEntry,
    MetricEntry,
    ModelEntry,
    PersonEntry,
    ScheduleEntry,
    SourceEntry,
    SurfacesEntry,
    TeamEntry,
    TopicEntry,
    WatchEntry,
)
from bot.workspace.topicchecks import topic_file
from store.records import Retention, RunLimits

DEFAULT_LIMITS = RunLimits(max_steps=60, max_cost_micros=500_000, wall_seconds=600, max_day_cost_micros=5_000_000)
LATENESS_MAX_SECONDS = 3600
LATENESS_CRON_SECONDS = 300
DEFAULT_SETTLE_SECONDS = 30
DEFAULT_AT_MOST_PER_HOUR = 12
CATEGORY_CHARS = 100
"""Of a category's name: https://docs.discord.com/developers/resources/channel, checked 2026-11-21."""


def build_team(draft: Draft) -> Team:
    """The team; the draft must be without errors (ValueError otherwise, which is a bug)."""
    head, budgets, surfaces = draft.team, draft.budgets, draft.surfaces
    if head is None or budgets is None or surfaces is None:
        raise ValueError("a team is built only from a draft without errors")
    run = _limits(budgets.run, DEFAULT_LIMITS)
    team = Team(
        name=head.name,
        timezone=head.timezone,
        env=head.env,
        simulated=head.simulated,
        channel=head.channel,
        agents={name: _agent(name, entry, run, draft.names.root) for name, entry in draft.agents.items()},
        people={name: _person(name, entry) for name, entry in draft.people.items()},
        policy=policy_of(draft),
        approvals=requirement(draft.approvals),
        schedules=tuple(_schedules(draft, head)),
        webhooks=tuple(_webhooks(draft)),
        models={name: _model(name, entry) for name, entry in draft.models.items()},
        contracts=draft.contracts,
        templates=draft.templates.sound,
        broken_templates=draft.templates.broken,
        topics={name: _topic(name, entry, draft.names.root) for name, entry in draft.topics.items()},
        budgets=Budgets(run=run),
        retention=Retention(**dict(draft.retention or ())),
        surfaces=_surfaces(surfaces, head.name),
        data=head.data,
        sources={name: _source(name, entry, head.timezone) for name, entry in draft.sources.items()},
        metrics={name: _metric(name, entry) for name, entry in draft.metrics.items()},
        digest="",
        root=draft.names.root.resolve(),
    )
    return team.model_copy(update={"digest": workspace_digest(team)})


def _agent(name: str, entry: AgentEntry, run: RunLimits, root: Path) -> AgentSpec:
    return AgentSpec(
        id=name,
        name=entry.name or _title(name),
        purpose=entry.purpose,
        icon=entry.icon,
        channel=entry.channel or name,
        mind=_mind(entry, root),
        lane=Lane(owns=entry.lane.owns, never=entry.lane.never),
        node=entry.node,
        tools=entry.tools,
        sources=entry.sources,
        settings=entry.settings,
        watches={watch: _watch(name, watch, given) for watch, given in entry.watches.items()},
        limits=_limits(entry.limits, run),
    )


def _watch(agent: str, name: str, entry: WatchEntry) -> WatchSpec:
    return WatchSpec(
        id=f"{agent}.{name}",
        name=name,
        agent=agent,
        surface=entry.surface,
        channel=entry.channel,
        who=entry.who,
        threads=entry.threads,
        since_seconds=entry.since,
        on_arrival=entry.on_arrival,
        settle_seconds=entry.settle or DEFAULT_SETTLE_SECONDS,
        at_most_per_hour=entry.at_most or DEFAULT_AT_MOST_PER_HOUR,
    )


def _topic(name: str, entry: TopicEntry, root: Path) -> TopicSpec:
    file = topic_file(name, entry, root)
    return TopicSpec(
        name=name,
        writer=entry.writer,
        about=entry.about,
        readers=entry.readers,
        node=entry.node,
        file=file,
        text=(root / file).read_text("utf-8").strip() if file else None,
    )


def _title(name: str) -> str:
    return " ".join(word.capitalize() for word in name.split("-"))


def _mind(entry: AgentEntry, root: Path) -> RoutineMind | ModelMind:
    if entry.routine is not None:
        return RoutineMind(file=entry.routine)
    if entry.prompt is None:
        raise ValueError("an agent has a routine or a prompt")
    return ModelMind(model=entry.model, prompt_file=entry.prompt, prompt=(root / entry.prompt).read_text("utf-8"))


def _limits(entry: LimitsEntry, default: RunLimits) -> RunLimits:
    per_day = default.max_day_cost_micros if entry.cost_usd_per_day is None else entry.cost_usd_per_day
    return RunLimits(
        max_steps=entry.steps or default.max_steps,
        max_cost_micros=default.max_cost_micros if entry.cost_usd is None else entry.cost_usd,
        wall_seconds=entry.wall or default.wall_seconds,
        max_day_cost_micros=per_day,
    )


def _person(name: str, entry: PersonEntry) -> Person:
    accounts = {"console": name} | entry.accounts.model_dump(exclude_none=True)
    return Person(id=name, name=entry.name or _title(name), roles=frozenset(entry.roles), accounts=accounts)


def _schedules(draft: Draft, head: TeamEntry) -> list[ScheduleSpec]:
    pairs = [(agent, name, entry) for agent, one in draft.agents.items() for name, entry in one.schedules.items()]
    return [_schedule(agent, name, entry, head.timezone) for agent, name, entry in pairs]


def _schedule(agent: str, name: str, entry: ScheduleEntry, timezone: str) -> ScheduleSpec:
    return ScheduleSpec(
        id=f"{agent}.{name}",
        name=name,
        agent=agent,
        cron=entry.cron,
        every_seconds=entry.every,
        timezone=entry.timezone or timezone,
        on_start=entry.on_start,
        misfire=entry.misfire,
        misfire_max=entry.misfire_max,
        lateness_seconds=entry.lateness or _lateness(entry),
        overlap=entry.overlap,
        timeout_seconds=entry.timeout,
        retries=entry.retries,
        input=entry.input,
    )


def _lateness(entry: ScheduleEntry) -> int:
    """Half the interval, so that a late run is never mistaken for the next one; five minutes for a cron."""
    if entry.every is None:
        return LATENESS_CRON_SECONDS
    return min(max(entry.every // 2, 1), LATENESS_MAX_SECONDS)


def _webhooks(draft: Draft) -> list[WebhookSpec]:
    return [
        WebhookSpec(id=f"{agent}.{name}", name=name, agent=agent, secret_env=entry.secret_env)
        for agent, one in draft.agents.items()
        for name, entry in one.webhooks.items()
    ]


def _model(name: str, entry: ModelEntry) -> ModelSpec:
    return ModelSpec(
        name=name,
        model_id=entry.id,
        api_base=entry.api_base,
        key_env=entry.key_env,
        max_tokens=entry.max_tokens,
        answers=entry.answers,
        input_micros_per_million=0 if entry.free else entry.input_usd_per_million,
        output_micros_per_million=0 if entry.free else entry.output_usd_per_million,
    )


def _source(name: str, entry: SourceEntry, timezone: str) -> SourceSpec:
    return SourceSpec(
        id=name,
        reads=entry.reads,
        file=entry.file,
        sql=entry.sql,
        time=entry.time,
        timezone=entry.timezone or timezone,
        fresh_within_seconds=entry.fresh_within,
        simulated=entry.simulated,
    )


def _metric(name: str, entry: MetricEntry) -> MetricSpec:
    given = entry.model_dump(exclude={"name"})
    return MetricSpec(id=name, name=entry.name or name.replace("_", " ").capitalize(), **given)


def _surfaces(entry: SurfacesEntry, team: str) -> dict[Surface, SurfaceSpec]:
    surfaces: dict[Surface, SurfaceSpec] = {
        "console": SurfaceSpec(name="console", channel_prefix=entry.console.channel_prefix or "")
    }
    if entry.slack is not None:
        surfaces["slack"] = SurfaceSpec(name="slack", channel_prefix=entry.slack.channel_prefix or "")
    if entry.discord is not None:
        surfaces["discord"] = _discord(entry.discord, team)
    return surfaces


def _discord(entry: DiscordEntry, team: str) -> SurfaceSpec:
    return SurfaceSpec(
        name="discord",
        channel_prefix=entry.channel_prefix or "",
        server=entry.server,
        category=entry.category or clip(team, CATEGORY_CHARS),
        roles=entry.roles,
        lanes=entry.lanes,
    )
