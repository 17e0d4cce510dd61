"""The only wiring: every part is made here and handed what it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from agents.models.environment import PASSED_THROUGH
from agents.models.gateway_client import GatewayModel
from agents.models.port import ModelPort
from agents.parts import SessionParts
from agents.readings.port import Readings
from agents.session import run_segment
from agents.sources.client import SourceReader
from agents.sources.port import NoSources, Sources
from agents.standing import Memberships, NoMemberships
from bot.delivery.channel_notices import channel_notice
from bot.delivery.present import Presenter, team_facts
from bot.delivery.uploads import StoredUploads
from bot.discord_access import discord_settings
from bot.foundation import Foundation
from bot.homes.pages import HomePages
from bot.homes.watch import HomeWatch
from bot.inbound.commands import OFFERED, command
from bot.inbound.desk import Desk
from bot.inbound.files import FOLDER, Files, Shelf
from bot.inbound.intake import Intake
from bot.inbound.messages import concerns_us, hear, hear_visitor, open_shortcut
from bot.inbound.presses import press, stop_shown
from bot.inbound.questions import StoredQuestions
from bot.inbound.suggestions import suggestions
from bot.reload.bench import Bench
from bot.settings import provider_environment
from bot.slack_access import accounts_on, slack_settings
from bot.starts import start_by_webhook
from bot.surfaces.base import InboundEvent, InboundKind, Surface
from bot.surfaces.console import ConsoleSettings, ConsoleSurface, StoreData, read_secrets
from bot.watching.arrivals import keep_told
from bot.watching.watchbook import Watchbook
from store.handle import Store
from store.kernel.ports import Segment
from store.turns import SoleTurn


@dataclass(frozen=True)
class Crew:
    """The parts that both a live and a simulated team have."""

    store: Store
    desk: Desk
    presenter: Presenter
    intake: Intake
    homes: HomeWatch
    files: Files
    sources: Sources
    handler: Callable[[Segment], None]


def make_crew(
    foundation: Foundation,
    store: Store,
    readings: Readings,
    model: ModelPort | None,
    console_url: str | None,
    *,
    bench: Bench | None = None,
) -> Crew:
    """Everything between the engine and the surfaces. `bench` None: the workspace does not change while it runs."""
    team = foundation.team
    presenter = Presenter(store, team, console_url)
    sources = make_sources(foundation)
    desk = Desk(store, team, foundation.tools, presenter, bench, sources)
    files = Files(Shelf(foundation.folder / FOLDER))
    parts = SessionParts(
        store=store,
        team=team,
        tools=foundation.tools,
        readings=readings,
        sources=sources,
        model=model,
        given=files.shelf,
        memberships=make_memberships(foundation),
    )
    homes = HomeWatch(store, team, HomePages(store, team, presenter))
    return Crew(
        store=store,
        desk=desk,
        presenter=presenter,
        intake=_intake(desk, homes, files),
        homes=homes,
        files=files,
        sources=sources,
        handler=lambda segment: run_segment(parts, segment),
    )


def make_memberships(foundation: Foundation) -> Memberships:
    """What knows who holds which role on a surface to which the team's roles are bound."""
    settings = discord_settings(foundation.settings, foundation.team)
    if settings is None or not foundation.team.bound_roles("discord"):
        return NoMemberships()
    from bot.surfaces.discord.members import Members

    return Members(settings)


def make_sources(foundation: Foundation) -> Sources:
    """What reads the team's exports and logs; its process is not started yet."""
    sources = foundation.team.sources
    return SourceReader(foundation.data, sources) if sources else NoSources()


def make_model(foundation: Foundation) -> GatewayModel | None:
    """The gateway to the team's models, not started yet; None when the team names no model."""
    models = foundation.team.models
    if not models:
        return None
    names = {spec.key_env for spec in models.values() if spec.key_env}
    environment = provider_environment((*PASSED_THROUGH, *sorted(names)), foundation.workspace)
    rungs = {name: spec.answers for name, spec in models.items() if spec.answers is not None}
    return GatewayModel(models, environment, rungs)


def make_console(foundation: Foundation, store: Store, presenter: Presenter, port: int) -> ConsoleSurface:
    """The console on this machine's loopback, with one login token for each person."""
    settings = ConsoleSettings(
        port=port,
        host=foundation.settings.console_host,
        people={person.id: person.name for person in foundation.team.people.values()},
        public_url=foundation.settings.console_url,
        hooks=_hook_secrets(foundation),
    )
    data = StoreData(store, team_facts(foundation.team))
    secrets = read_secrets(foundation.folder, settings)
    return ConsoleSurface(settings=settings, secrets=secrets, data=data, view=presenter.view, clock=store.clock)


def make_chat_surfaces(foundation: Foundation, store: Store) -> tuple[Surface, ...]:
    """The chat surfaces that the workspace names and the settings have tokens for."""
    return (*_slack(foundation, store), *_discord(foundation, store))


def _slack(foundation: Foundation, store: Store) -> tuple[Surface, ...]:
    settings = slack_settings(foundation.settings)
    if "slack" not in foundation.team.surfaces or settings is None:
        return ()
    from bot.surfaces.slack.surface import SlackSurface

    uploads = StoredUploads(store, SlackSurface.name)
    book = Watchbook(store, SlackSurface.name, frozenset(watch.channel for watch in foundation.team.watches))
    people = accounts_on(foundation.team, "slack")
    return (SlackSurface(settings, store.clock, people, uploads=uploads, book=book),)


def _discord(foundation: Foundation, store: Store) -> tuple[Surface, ...]:
    settings = discord_settings(foundation.settings, foundation.team)
    if settings is None:
        return ()
    from bot.surfaces.discord.surface import DiscordSurface

    # SQLite has one process: the engine's lock sees to that.
    turn = None if store.database.is_sqlite else SoleTurn(store.database, DiscordSurface.name)
    return (
        DiscordSurface(
            settings,
            store.clock,
            role_ids=foundation.team.bound_roles("discord"),
            commands=OFFERED,
            questions=StoredQuestions(store, DiscordSurface.name),
            turn=turn,
        ),
    )


def _hook_secrets(foundation: Foundation) -> dict[str, tuple[str, ...]]:
    names = {hook.id: hook.secret_env for hook in foundation.team.webhooks}
    values = provider_environment(names.values(), foundation.workspace)
    return {hook: tuple(values[name].split()) for hook, name in names.items() if name in values}


def _intake(desk: Desk, homes: HomeWatch, files: Files) -> Intake:
    handlers = {
        InboundKind.PRESS: lambda event, person: press(desk, event, person),
        InboundKind.SUBMIT: lambda event, person: press(desk, event, person),
        InboundKind.COMMAND: lambda event, person: command(desk, event, person),
        InboundKind.MESSAGE: lambda event, person: hear(desk, event, person),
        InboundKind.STOP: lambda event, person: stop_shown(desk, event, person),
        InboundKind.SHORTCUT: lambda event, person: open_shortcut(desk, event, person),
    }

    def hook(event: InboundEvent) -> None:
        start_by_webhook(desk.store, desk.team, event.account, event.key, event.payload)

    def watched(event: InboundEvent) -> None:
        keep_told(desk.store, event.surface, event.payload)

    tellings = {
        InboundKind.WEBHOOK: hook,
        InboundKind.HOME: homes.opened,
        InboundKind.NOTICE: channel_notice(desk.store, desk.team),
        InboundKind.WATCHED: watched,
    }
    visitors = {InboundKind.MESSAGE: lambda event: hear_visitor(desk, event)}
    concerns = {InboundKind.MESSAGE: lambda event: concerns_us(desk, event)}
    return Intake(
        desk.store,
        desk.team,
        handlers,
        tellings,
        homes.answered,
        files=files,
        visitors=visitors,
        concerns=concerns,
        suggest=lambda question: suggestions(desk, question),
    )
