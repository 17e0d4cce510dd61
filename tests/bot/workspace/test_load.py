"""A loaded team says exactly what its file says, with the documented defaults where the file says nothing."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from agents.roster import ModelMind, RoutineMind, Team
from bot.workspace import load_workspace
from store.records import Misfire, Overlap, Requirement
from tests.bot.workspace.world import TEAM, TOOLS, make_workspace


def load(root: Path, text: str = TEAM) -> Team:
    return load_workspace(make_workspace(root, text), known_tools=TOOLS)


def test_agents_are_read_with_their_minds(tmp_path: Path) -> None:
    team = load(tmp_path)
    watch, notes = team.agents["watch"], team.agents["notes"]
    assert watch.mind == RoutineMind(file="routines/watch.py")
    assert notes.mind == ModelMind(model="small", prompt_file="prompts/notes.md", prompt="Write notes.\n")
    assert (watch.name, watch.channel, notes.channel) == ("Watch", "watch", "notes")
    assert watch.tools == ("machine.read", "files.move")
    assert team.root == tmp_path.resolve()


def test_money_is_exact_micro_dollars(tmp_path: Path) -> None:
    team = load(tmp_path, TEAM.replace("cost_usd: 0.25", "cost_usd: 0.000001, cost_usd_per_day: 1.10"))
    limits = team.agents["watch"].limits
    assert (limits.max_cost_micros, limits.max_day_cost_micros, limits.max_steps) == (1, 1_100_000, 20)
    assert team.models["small"].input_micros_per_million == 250_000
    assert team.models["small"].is_priced


def test_limits_left_out_come_from_the_budgets(tmp_path: Path) -> None:
    team = load(tmp_path, TEAM + "budgets: {run: {steps: 7, wall: 90s}}\n")
    assert team.agents["notes"].limits == team.budgets.run
    assert (team.budgets.run.max_steps, team.budgets.run.wall_seconds) == (7, 90)
    assert team.agents["watch"].limits.wall_seconds == 90


def test_schedules_carry_their_defaults(tmp_path: Path) -> None:
    often, daily = load(tmp_path).schedules
    assert (often.id, often.every_seconds, often.on_start, often.lateness_seconds) == ("watch.often", 600, True, 300)
    assert (daily.cron, daily.timezone, daily.on_start) == ("0 8 * * *", "Europe/London", False)
    assert (daily.misfire, daily.overlap, daily.retries) == (Misfire.RUN_LATEST, Overlap.SKIP, 0)


def test_people_have_a_console_account_and_roles(tmp_path: Path) -> None:
    team = load(tmp_path)
    assert team.people["ben"].accounts == {"console": "ben"}
    ann = team.person_for("slack", "U012AB")
    assert ann is not None
    assert ann.id == "ann"
    assert team.person_for("slack", "U099") is None
    assert team.person_for("discord", "ann") is None
    assert team.in_role("ann", "owner")
    assert not team.in_role("ben", "owner")
    assert not team.in_role("stranger", "approver")
    assert [person.id for person in team.people_in("approver")] == ["ann", "ben"]


def test_a_policy_may_be_a_starter_rules_or_both(tmp_path: Path) -> None:
    both = load(tmp_path).policy
    assert [rule.id for rule in both.rules][-1] == "no-big-moves"
    assert {rule.id.split(".")[1] for rule in both.rules if rule.id.startswith("starter.")} == {"ask-for-writes"}
    head, _, rest = TEAM.partition("policy:")
    one_word = load(tmp_path, f"{head}policy: trusted\n\napprovals:{rest.split('approvals:')[1]}")
    assert {rule.id.split(".")[1] for rule in one_word.policy.rules} == {"trusted"}


def test_without_a_policy_a_team_only_watches(tmp_path: Path) -> None:
    head, _, rest = TEAM.partition("policy:")
    team = load(tmp_path, f"{head}approvals:{rest.split('approvals:')[1]}")
    assert {rule.id.split(".")[1] for rule in team.policy.rules} == {"watch-only"}


def test_who_decides_comes_from_approvals_unless_the_rule_says(tmp_path: Path) -> None:
    text = TEAM.replace("effect: deny", "effect: human\n      require: {expires: 10m}")
    team = load(tmp_path, text)
    default = Requirement(role="approver", quorum=1, expires_seconds=14_400, execute_within_seconds=3_600)
    assert team.approvals == default
    assert team.policy.rules[-1].require == default.model_copy(update={"expires_seconds": 600})


def test_settings_keep_what_was_written(tmp_path: Path) -> None:
    free = "{ratio: 0.10, port: 0o17, when: 08:00, country: no, on: true, day: 2026-01-31, none: ~, some: [1, two]}"
    settings = load(tmp_path, TEAM.replace("older_than_days: 30", f"free: {free}")).agents["watch"].settings
    assert settings["free"] == {
        "ratio": "0.10",
        "port": "0o17",
        "when": "08:00",
        "country": "no",
        "on": True,
        "day": "2026-01-31",
        "none": None,
        "some": [1, "two"],
    }


def test_webhooks_and_surfaces_are_read(tmp_path: Path) -> None:
    text = TEAM.replace("    tools: [digest.publish]", "    tools: []\n    webhooks: {push: {secret_env: PUSH_SECRET}}")
    team = load(tmp_path, text + "surfaces: {slack: {channel_prefix: deck-}}\n")
    [hook] = team.webhooks
    assert (hook.id, hook.agent, hook.secret_env) == ("notes.push", "notes", "PUSH_SECRET")
    assert set(team.surfaces) == {"console", "slack"}
    assert team.surfaces["slack"].channel_prefix == "deck-"


def test_a_loaded_team_cannot_be_changed(tmp_path: Path) -> None:
    team = load(tmp_path)
    with pytest.raises(ValidationError):
        team.name = "Other"  # type: ignore[misc]  # what a careless caller would write
    with pytest.raises(TypeError):
        team.agents["other"] = team.agents["watch"]  # type: ignore[index]  # the same
    with pytest.raises(TypeError):
        team.agents["watch"].settings["tidy_folder"] = "/"  # type: ignore[index]  # the same


def test_the_digest_moves_with_the_meaning_and_only_with_it(tmp_path: Path) -> None:
    first = load(tmp_path / "a").digest
    assert (
        load(tmp_path / "b", "# a comment\n" + TEAM.replace("older_than_days: 30", "older_than_days:   30")).digest
        == first
    )
    assert load(tmp_path / "c", TEAM.replace("older_than_days: 30", "older_than_days: 31")).digest != first
    turned = TEAM.replace("      often: {every: 10m, on_start: true}\n", "")
    turned = turned.replace('* * *"}\n', '* * *"}\n      often: {every: 10m, on_start: true}\n')
    assert load(tmp_path / "f", turned).digest == first
    root = make_workspace(tmp_path / "d")
    (root / "prompts/notes.md").write_text("Write other notes.\n")
    assert load_workspace(root, known_tools=TOOLS).digest != first
    root = make_workspace(tmp_path / "e")
    (root / "routines/watch.py").write_text("async def run(ctx):\n    return 1\n")
    assert load_workspace(root, known_tools=TOOLS).digest != first


def test_a_discord_server_is_read_with_its_category_and_roles(tmp_path: Path) -> None:
    server = 'surfaces: {discord: {server: "123456789012345678", roles: {approver: "223456789012345678"}}}\n'
    discord = load(tmp_path, TEAM + server).surfaces["discord"]
    assert (discord.server, discord.category, discord.roles["approver"]) == (
        "123456789012345678",
        "Harbour",
        "223456789012345678",
    )
    named = load(tmp_path, TEAM + server.replace("{server", "{category: The Deck, channel_prefix: deck-, server"))
    assert (named.surfaces["discord"].category, named.surfaces["discord"].channel_prefix) == ("The Deck", "deck-")


def test_lane_roles_are_read_for_agents_that_may_share_one(tmp_path: Path) -> None:
    lanes = "lanes: {watch: 18446744073709551615, notes: '18446744073709551615'}"
    team = load(tmp_path, TEAM + f'surfaces: {{discord: {{server: "123456789012345678", {lanes}}}}}\n')
    assert team.lane_roles("discord") == dict.fromkeys(("watch", "notes"), "18446744073709551615")
    assert not team.lane_roles("slack")
    assert not team.lane_roles("console")


def test_an_id_without_quotes_keeps_every_digit(tmp_path: Path) -> None:
    team = load(tmp_path, TEAM + "surfaces: {discord: {server: 18446744073709551615}}\n")
    assert team.surfaces["discord"].server == "18446744073709551615"
