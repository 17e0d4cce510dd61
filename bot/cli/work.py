"""`notes`, `decisions`, `topics`: shared work besides tasks, in words or as JSON, whether or not the team runs."""

import json
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from blocks.render.text import render
from bot.cli.opening import DEFAULT_WORKSPACE, AsJson, Simulated, Workspace, open_record
from bot.inbound.work_listings import decisions_card, notes_card, notes_named, topics_card, topics_named
from store.queries import decisions as decision_queries
from store.queries import topics as topic_queries
from store.records import Record


def notes(
    reader: Annotated[str, Parameter(help="Only notes to this agent.")] = "",
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
) -> None:
    """What agents were told and have not acknowledged yet."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        found = notes_named(store, presenter, reader)
        print(_listed(found) if as_json else render(notes_card(found, presenter.view)))


def decisions(
    subject: Annotated[str, Parameter(help="Only decisions about this.")] = "",
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
) -> None:
    """What was decided, and who has yet to acknowledge it."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        if not as_json:
            return print(render(decisions_card(store, presenter.view, subject)))
        found = decision_queries.decisions(store, subject=subject or None)
        taken = decision_queries.acknowledged_by(store, [one.id for one in found])
        told = [{**one.model_dump(mode="json"), "acknowledged_by": sorted(taken[one.id])} for one in found]
        return print(json.dumps(told, indent=2, ensure_ascii=False))


def topics(
    topic: Annotated[str, Parameter(help="Only this topic: with --json every version of it.")] = "",
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
) -> None:
    """What is known, who keeps it, and what waits to be let in."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        if not as_json:
            return print(render(topics_card(store, presenter, topic)))
        wanted = topics_named(presenter, topic)
        if topic:
            return print(_listed(topic_queries.versions(store, next(iter(wanted)))))
        return print(_listed(list(topic_queries.topics(store, list(wanted)).values())))


def _listed(found: Sequence[Record]) -> str:
    return json.dumps([record.model_dump(mode="json") for record in found], indent=2, ensure_ascii=False)
