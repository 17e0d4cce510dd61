"""`agents`, `budget`, `why`: the same answers as in chat, as text or JSON, whether or not the team is running."""

import json
from typing import Annotated

from cyclopts import Parameter

from blocks.cards import agents_card, budget_card
from blocks.render.text import render
from bot.cli.opening import DEFAULT_WORKSPACE, AsJson, Simulated, Workspace, open_record
from bot.listings import answer_why
from store.queries.spending import spending


def agents(*, workspace: Workspace = DEFAULT_WORKSPACE, as_json: AsJson = False, simulated: Simulated = False) -> None:
    """Who there is: what each agent does and owns, and what is next."""
    with open_record(workspace, simulated=simulated) as (_, presenter):
        fleet = presenter.fleet()
        if as_json:
            return print(_listed([agent.model_dump(mode="json") for agent in fleet.agents]))
        return print(render(agents_card(fleet, presenter.view)))


def budget(*, workspace: Workspace = DEFAULT_WORKSPACE, as_json: AsJson = False, simulated: Simulated = False) -> None:
    """What was spent and is held today and this week, against the caps."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        spent = spending(store, presenter.facts)
        if as_json:
            return print(_listed([one.model_dump(mode="json") for one in spent]))
        return print(render(budget_card(spent, presenter.view)))


def why(
    subject: Annotated[str, Parameter(help="The id of a run or approval, a card's key, or an agent: its latest run.")],
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    simulated: Simulated = False,
) -> None:
    """What is behind it: what triggered it, what it knew, on whose authority, at what cost."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        print(render(answer_why(store, presenter, subject)))


def _listed(found: list[object]) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False)
