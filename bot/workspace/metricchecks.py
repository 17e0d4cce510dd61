"""Metrics that could never be judged: of a source their agent may not see, in a country without a calendar."""

from collections.abc import Iterator

from agents.metrics.holidays import has_calendar
from bot.workspace.drafts import Draft
from bot.workspace.problems import Problem, problem_at

JUDGING_TOOL = "metrics.judge"


def metric_problems(draft: Draft) -> Iterator[Problem]:
    """All problems between metrics, agents and sources that could be read."""
    yield from _idle_judges(draft)
    for name, metric in draft.metrics.items():
        agent = draft.agents.get(metric.agent)
        if agent is not None and metric.source not in agent.sources:
            allowed = ", ".join(agent.sources) or "nothing yet: the agent names no sources"
            place = draft.place("metrics", name, "source")
            yield problem_at(place, f"{metric.agent} may not see the source {metric.source}", allowed=allowed)
        if agent is not None and JUDGING_TOOL not in agent.tools:
            place = draft.place("metrics", name, "agent")
            message = f"{metric.agent} never judges it"
            yield problem_at(place, message, allowed=f"{JUDGING_TOOL} among its tools", severity="warning")
        yield from _unknown_country(draft, name, metric.country)


def _idle_judges(draft: Draft) -> Iterator[Problem]:
    watched = {metric.agent for metric in draft.metrics.values()}
    complete = len(draft.metrics) == len(draft.team.metrics) if draft.team else False
    for name, agent in draft.agents.items():
        if complete and JUDGING_TOOL in agent.tools and name not in watched:
            place = draft.place("agents", name, "tools")
            yield problem_at(
                place, f"{JUDGING_TOOL} judges the agent's metrics, and it has none", allowed="names under metrics"
            )


def _unknown_country(draft: Draft, name: str, country: str | None) -> Iterator[Problem]:
    if country is not None and not has_calendar(country):
        place = draft.place("metrics", name, "country")
        yield problem_at(place, f"there is no holiday calendar for {country}", allowed="a code like DE, ES or US")
