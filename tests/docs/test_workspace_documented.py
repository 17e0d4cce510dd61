"""docs/workspace.md lists exactly the keys there are, and its examples are in order."""

import re
from pathlib import Path

import pytest

from agents.authority.facts import FACTS
from agents.authority.rules import EFFECTS
from agents.authority.starters import STARTERS
from bot.workspace import check_workspace
from bot.workspace.drafts import DEFAULT_STARTER
from bot.workspace.entry import Entry
from bot.workspace.policy_schema import RuleEntry
from bot.workspace.reading import entry_in, keys_at
from bot.workspace.schema import SECTIONS, TeamEntry
from bot.workspace.sources import SPLIT_FILES
from store.records import Misfire, Overlap
from tests.bot.workspace.world import TOOLS, make_workspace

PAGE = (Path(__file__).parents[2] / "docs/workspace.md").read_text("utf-8")
HEADINGS = {
    "TeamEntry": "The file",
    "AgentEntry": "An agent",
    "LaneEntry": "A lane",
    "LimitsEntry": "Limits",
    "ScheduleEntry": "A schedule",
    "WebhookEntry": "A webhook",
    "WatchEntry": "A watch",
    "SourceEntry": "A source",
    "MetricEntry": "A metric",
    "PersonEntry": "A person",
    "AccountsEntry": "Accounts",
    "PolicyEntry": "The policy",
    "RuleEntry": "A rule",
    "ConditionEntry": "A condition",
    "RequireEntry": "Who decides",
    "TopicEntry": "A topic",
    "ModelEntry": "A model",
    "BudgetsEntry": "Budgets",
    "RetentionEntry": "Retention",
    "SurfacesEntry": "Surfaces",
    "SurfaceEntry": "A surface",
    "DiscordEntry": "Discord",
}


def shapes() -> dict[str, type[Entry]]:
    """Every kind of mapping a workspace may hold, found by following the schema from its top."""
    found: dict[str, type[Entry]] = {}
    open_shapes: list[type[Entry]] = [TeamEntry, RuleEntry, *SECTIONS.values()]
    while open_shapes:
        shape = open_shapes.pop()
        if shape.__name__ not in found:
            found[shape.__name__] = shape
            inner = [entry_in(field.annotation) for field in shape.model_fields.values()]
            open_shapes += [one for one in inner if one is not None]
    return found


def section(heading: str) -> str:
    return re.split(r"^## ", PAGE.split(f"\n## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_every_kind_of_mapping_has_a_section() -> None:
    assert set(HEADINGS) == set(shapes())


@pytest.mark.parametrize("name", HEADINGS)
def test_the_table_lists_exactly_the_keys(name: str) -> None:
    listed = re.findall(r"^\| `([^`]+)` \| \S.* \| \S.* \|$", section(HEADINGS[name]), flags=re.MULTILINE)
    assert listed == keys_at(shapes()[name], ("",))


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("The policy", [*STARTERS]),
        ("A rule", [*EFFECTS, *FACTS]),
        ("A schedule", [*Misfire, *Overlap]),
        ("The folder form", [*SPLIT_FILES]),
        ("The file", [DEFAULT_STARTER]),
    ],
)
def test_every_word_that_may_be_chosen_is_explained(heading: str, words: list[str]) -> None:
    assert [word for word in words if f"`{word}`" not in section(heading)] == []


def test_the_example_team_is_in_order(tmp_path: Path) -> None:
    [team] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert check_workspace(make_workspace(tmp_path, team), known_tools=TOOLS) == []
    [rule] = re.findall(r"```yaml rule\n(.*?)```", PAGE, flags=re.DOTALL)
    rules = "\n".join(f"    {line}" for line in rule.splitlines())
    with_rule = team.replace("policy: ask-for-writes", f"policy:\n  rules:\n{rules}")
    assert check_workspace(make_workspace(tmp_path, with_rule), known_tools=TOOLS) == []
    [sources] = re.findall(r"```yaml source\n(.*?)```", PAGE, flags=re.DOTALL)
    for file in ("ga4/daily.csv", "logs/access.log", "orders.csv"):
        (tmp_path / "exports" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "exports" / file).touch()
    assert check_workspace(make_workspace(tmp_path, team + sources), known_tools=TOOLS) == []
    [metric] = re.findall(r"```yaml metric\n(.*?)```", PAGE, flags=re.DOTALL)
    [discord] = re.findall(r"```yaml discord\n(.*?)```", PAGE, flags=re.DOTALL)
    assert check_workspace(make_workspace(tmp_path, team + sources + discord), known_tools=TOOLS) == []
    (tmp_path / "metrics.yaml").write_text(metric.replace("ga-engagement", "watch"))
    seeing = (team + sources).replace("    settings:", "    sources: [ga4-daily]\n    settings:", 1)
    found = check_workspace(make_workspace(tmp_path, seeing), known_tools=TOOLS)
    assert [problem.severity for problem in found] == ["warning"]


def test_every_link_inside_the_page_leads_to_a_heading() -> None:
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", PAGE, flags=re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
