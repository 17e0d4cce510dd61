"""What a simulation is given: when it begins and ends, and the files that stand in for the world."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agents.models.scripted import ScriptedModel
from agents.readings.past import PastReadings
from agents.readings.replay import Recording, ReplayReadings
from agents.roster import AgentSpec, ModelMind, ModelSpec, Team
from bot.simulation.replayed_channels import require_watched
from bot.simulation.scripted_people import PeopleScript, read_people_script
from scheduler.speed import Speed
from store.kernel.errors import UserMistake

SCRIPTED = ModelSpec(
    name="scripted", model_id="scripted", max_tokens=2_000, input_micros_per_million=0, output_micros_per_million=0
)
"""What an agent without a model thinks with in a simulation that has a model script; it costs nothing."""


@dataclass(frozen=True)
class Scenario:
    """What is simulated, as it was asked for.

    `until` None: without end. Up to `skip_to` time does not wait and the script's people answer; from then on it passes
    at `speed` and whoever is at the console decides. None: one pace, one script. With `waits_for_people` time stands
    still before an undecided approval expires. `people` None: nobody answers. `readings` None: nothing was recorded.
    `model_script` None: no agent may think with a model. `copied` is where the team's copy of the workspace stands, and
    where the workspace does: then its repositories are read as their history has them.
    """

    start: datetime
    until: datetime | None
    speed: Speed
    people: Path | None = None
    readings: Path | None = None
    model_script: Path | None = None
    skip_to: datetime | None = None
    waits_for_people: bool = False
    copied: tuple[Path, Path] | None = None


@dataclass(frozen=True)
class Script:
    """A scenario's files, read and checked against the team."""

    team: Team
    people: PeopleScript
    readings: ReplayReadings
    model: ScriptedModel | None


def read_scenario(scenario: Scenario, team: Team) -> Script:
    """Reads everything the scenario names. Raises UserMistake for the first thing that is wrong with it."""
    if scenario.until is not None and scenario.until < scenario.start:
        raise UserMistake(
            f"The simulation would end ({scenario.until:%Y-%m-%d %H:%M}) before it begins "
            f"({scenario.start:%Y-%m-%d %H:%M}).",
            "Give --until a later moment than --simulate.",
        )
    _require_within(scenario)
    people = PeopleScript() if scenario.people is None else read_people_script(scenario.people, team)
    readings = _readings(scenario)
    require_watched(team, readings.messages)
    if scenario.model_script is None:
        _require_no_model(team)
        return Script(team, people, readings, None)
    team = _with_scripted_minds(team)
    return Script(team, people, readings, ScriptedModel.from_file(team.models, scenario.model_script))


def _readings(scenario: Scenario) -> ReplayReadings:
    if scenario.readings is not None:
        return ReplayReadings.from_file(scenario.readings)
    return ReplayReadings(Recording()) if scenario.copied is None else PastReadings(*scenario.copied)


def _require_within(scenario: Scenario) -> None:
    skip_to = scenario.skip_to
    if skip_to is None:
        return
    if skip_to < scenario.start or (scenario.until is not None and scenario.until < skip_to):
        raise UserMistake(
            f"--skip-to {skip_to:%Y-%m-%d %H:%M} lies outside of the simulation.",
            "Give a moment between --simulate and --until.",
        )


def _require_no_model(team: Team) -> None:
    for agent in team.agents.values():
        if isinstance(agent.mind, ModelMind) and agent.mind.model is not None:
            raise UserMistake(
                f"{agent.name} thinks with the model {agent.mind.model!r}, and a simulation asks no real one.",
                "Add --model-script FILE; docs/simulation.md says what stands in it.",
            )


def _with_scripted_minds(team: Team) -> Team:
    agents = {agent.id: _scripted(agent) for agent in team.agents.values()}
    if not any(isinstance(agent.mind, ModelMind) for agent in agents.values()):
        raise UserMistake("No agent of this team thinks with a model, so a model script has nothing to answer.")
    return team.model_copy(update={"agents": agents, "models": {**team.models, SCRIPTED.name: SCRIPTED}})


def _scripted(agent: AgentSpec) -> AgentSpec:
    if not isinstance(agent.mind, ModelMind) or agent.mind.model is not None:
        return agent
    return agent.model_copy(update={"mind": agent.mind.model_copy(update={"model": SCRIPTED.name})})
