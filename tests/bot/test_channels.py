"""Which channel an agent has on a surface, and what stands over it."""

from pathlib import Path

import pytest

from agents.roster import AgentSpec, RoutineMind, ScheduleSpec, SurfaceSpec, Team
from bot.delivery.channels import channel_spec, topic
from store.records import RunLimits

LIMITS = RunLimits(max_steps=1, max_cost_micros=0, wall_seconds=1, max_day_cost_micros=0)


def agent(agent_id: str, channel: str) -> AgentSpec:
    return AgentSpec(
        id=agent_id,
        name=agent_id.title(),
        purpose=f"Does {agent_id}.",
        channel=channel,
        mind=RoutineMind(file="x.py"),
        tools=(),
        limits=LIMITS,
    )


@pytest.fixture
def harbour(team: Team) -> Team:
    """Two agents in one channel, one in an existing one, one with the team, one alone."""
    agents = [agent("one", "shared"), agent("two", "shared"), agent("ops", "C0123ABCDE"), agent("near", "bridge")]
    daily = ScheduleSpec(
        id="one.daily", name="daily", agent="one", cron="0 8 * * *", timezone="UTC", lateness_seconds=1
    )
    surfaces = {"slack": SurfaceSpec(name="slack", channel_prefix="deck-"), "console": SurfaceSpec(name="console")}
    more = {each.id: each for each in agents}
    changes = {"agents": {**team.agents, **more}, "schedules": (*team.schedules, daily), "surfaces": surfaces}
    return team.model_copy(update=changes)


def test_a_name_gets_the_surfaces_prefix_and_an_id_is_left_exactly_as_it_is(harbour: Team) -> None:
    assert channel_spec(harbour, "slack", "watch").name == "deck-watch"
    assert channel_spec(harbour, "slack", None).name == "deck-bridge"
    assert channel_spec(harbour, "slack", "ops").name == "C0123ABCDE"
    assert channel_spec(harbour, "console", "watch").name == "watch"


def test_agents_that_share_a_channel_share_its_name_and_topic(harbour: Team) -> None:
    one, two = (channel_spec(harbour, "slack", name) for name in ("one", "two"))
    assert (one.name, one.purpose) == (two.name, two.purpose)
    assert one.purpose == "One: Does one. Runs every day at 08:00 (UTC). · Two: Does two."
    assert {one.agent_id, two.agent_id} == {"one", "two"}


def test_a_topic_says_what_the_agent_is_for_and_when_it_runs(harbour: Team) -> None:
    assert topic(harbour, "watch") == "Watches. Runs every 10 seconds."
    assert topic(harbour, "C0123ABCDE") == "Does ops."
    assert topic(harbour, "bridge") == "Test Team: the whole team · Near: Does near."


def test_an_agent_the_team_no_longer_has_speaks_in_the_teams_channel(harbour: Team) -> None:
    assert channel_spec(harbour, "slack", "gone") == channel_spec(harbour, "slack", None)


def test_the_file_says_it(tmp_path: Path) -> None:
    from tests.bot.workspace.test_load import load
    from tests.bot.workspace.world import TEAM

    text = TEAM.replace("    purpose: Writes notes.", "    purpose: Writes notes.\n    icon: memo\n    channel: watch")
    team = load(tmp_path, text)
    assert {each.channel for each in team.agents.values()} == {"watch"}
    assert (team.agents["notes"].icon, team.agents["watch"].icon) == ("memo", None)
    by_id = load(tmp_path, TEAM.replace("    purpose: Writes notes.", "    purpose: N.\n    channel: C0123ABCDE"))
    assert by_id.agents["notes"].channel == "C0123ABCDE"


def test_an_id_of_one_platform_is_a_name_on_the_other(harbour: Team) -> None:
    by_id = agent("far", "123456789012345678")
    place = SurfaceSpec(name="discord", channel_prefix="deck-", server="1" * 18)
    both = {"agents": {**harbour.agents, "far": by_id}, "surfaces": {**harbour.surfaces, "discord": place}}
    team = harbour.model_copy(update=both)
    assert channel_spec(team, "discord", "far").name == "123456789012345678"
    assert channel_spec(team, "discord", "ops").name == "deck-ops"
    assert channel_spec(team, "slack", "far").name == "deck-far"
    told = team.model_copy(update={"channel": "C0123ABCDF"})
    assert channel_spec(told, "discord", None).name == "deck-bridge"
