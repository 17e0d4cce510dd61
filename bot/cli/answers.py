"""`agents`, `tasks`, `budget`, `why`: the answers of chat, as text or JSON, whether or not the team is running."""

import json
from typing import Annotated

from cyclopts import Parameter

from blocks.cards import agents_card, budget_card, owner_name
from blocks.cards.alert import alert_word, finding
from blocks.render.text import render
from blocks.text import one_line
from bot.cli.opening import DEFAULT_WORKSPACE, AsJson, Simulated, Workspace, open_record
from bot.delivery.present import Presenter
from bot.inbound.handed_over import handoffs_card, handoffs_of
from bot.inbound.interrupted import interruptions_card, interruptions_of, person_named
from bot.inbound.listings import alerts_of, answer_why, tasks_named
from bot.tracker import tracker
from store.kernel.errors import UserMistake
from store.queries.spending import spending


def agents(*, workspace: Workspace = DEFAULT_WORKSPACE, as_json: AsJson = False, simulated: Simulated = False) -> None:
    """Who there is: what each agent does and owns, and what is next."""
    with open_record(workspace, simulated=simulated) as (_, presenter):
        fleet = presenter.fleet()
        if as_json:
            return print(_listed([agent.model_dump(mode="json") for agent in fleet.agents]))
        return print(render(agents_card(fleet, presenter.view)))


def tasks(
    whose: Annotated[str, Parameter(help="An agent, `mine`, `done` or `all`.")] = "",
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
    person: Annotated[str | None, Parameter(name="--as", help="Whose tasks `mine` are.")] = None,
    history: Annotated[
        bool, Parameter(negative=(), show_default=False, help="With --json: what happened to each task, too.")
    ] = False,
) -> None:
    """What is to be done, by whom and until when; as JSON the tracker anyone can parse."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        found = tasks_named(store, presenter, whose, person or presenter.first_person)
        if as_json:
            return print(tracker(store, presenter, found, with_history=history).model_dump_json(indent=2))
        for task in found:
            due = f"  due {presenter.view.when(task.due_at)}" if task.due_at else ""
            print(f"{task.id}  {task.state.value}  {owner_name(task, presenter.view)}{due}  {one_line(task.title)}")
        return None if found else print("No tasks.")


def alerts(
    agent: Annotated[str, Parameter(help="Only this agent's.")] = "",
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
) -> None:
    """What is out of the ordinary and not over, the longest standing first."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        found = alerts_of(store, _agent_id(presenter, agent))
        if as_json:
            return print(_listed([alert.model_dump(mode="json") for alert in found]))
        for alert in found:
            said = f"{alert.id}  {alert_word(alert)}  {presenter.view.agent(alert.agent_id)}"
            print(f"{said}  since {presenter.view.when(alert.since)}  {one_line(finding(alert))}")
        return None if found else print("Nothing is out of the ordinary.")


def _agent_id(presenter: Presenter, name: str) -> str | None:
    found = presenter.agent_id(name) if name else None
    if name and found is None:
        raise UserMistake(f"There is no agent {name!r}.")
    return found


def budget(*, workspace: Workspace = DEFAULT_WORKSPACE, as_json: AsJson = False, simulated: Simulated = False) -> None:
    """What was spent and is held today and this week, against the caps."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        spent = spending(store, presenter.facts)
        if as_json:
            return print(_listed([one.model_dump(mode="json") for one in spent]))
        return print(render(budget_card(spent, presenter.view)))


def handoffs(
    agent: Annotated[str | None, Parameter(help="Only work to or from this agent.")] = None,
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
) -> None:
    """The work agents handed each other, newest first, and what waits too long."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        if as_json:
            found = handoffs_of(store, presenter, agent or "")
            return print(_listed([one.model_dump(mode="json") for one in found]))
        return print(render(handoffs_card(store, presenter, agent or "")))


def interruptions(
    person: Annotated[str | None, Parameter(help="Whom; left out, the first person of the team.")] = None,
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
) -> None:
    """What asked a person to act in the last seven days, each thing once, counted by day."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        named = person or presenter.first_person or ""
        person_id = person_named(presenter, named)
        if as_json:
            found = interruptions_of(store, presenter, person_id)
            return print(_listed([one.model_dump(mode="json") for one in found]))
        return print(render(interruptions_card(store, presenter, person_id)))


def why(
    subject: Annotated[str, Parameter(help="The id of a run or approval, a card's key, or an agent: its latest run.")],
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    simulated: Simulated = False,
) -> None:
    """What is behind it: trigger, knowledge, authority, cost."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        print(render(answer_why(store, presenter, subject)))


def _listed(found: list[object]) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False)
