"""Reads the whole file, section by section, keeping what is in order and reporting what is not."""

from dataclasses import dataclass, field
from typing import TypeVar

from agents.contracts import Contract
from bot.workspace import nodes
from bot.workspace.entry import Entry
from bot.workspace.names import Names
from bot.workspace.nodes import ListNode, MapNode, Node, Place, ScalarNode
from bot.workspace.policy_schema import PolicyEntry, RequireEntry, RuleEntry
from bot.workspace.problems import Problem
from bot.workspace.reading import Shape, read_entry
from bot.workspace.schema import (
    AgentEntry,
    BudgetsEntry,
    MetricEntry,
    ModelEntry,
    PersonEntry,
    RetentionEntry,
    SourceEntry,
    SurfacesEntry,
    TeamEntry,
    TopicEntry,
)
from bot.workspace.templates import Templates

DEFAULT_STARTER = "watch-only"
Kept = TypeVar("Kept", bound=Entry)


@dataclass(frozen=True, slots=True)
class Placed:
    """One rule as written, and where."""

    rule: RuleEntry
    entry: nodes.Entry


@dataclass(slots=True)
class Draft:
    """What could be read. A None, or a name that is declared but not here, has a problem that says why.

    `top` is the file as written; `rules_complete` and `people_complete` say that nothing of the kind is left out.
    """

    top: MapNode
    names: Names
    team: TeamEntry | None = None
    agents: dict[str, AgentEntry] = field(default_factory=dict)
    people: dict[str, PersonEntry] = field(default_factory=dict)
    models: dict[str, ModelEntry] = field(default_factory=dict)
    topics: dict[str, TopicEntry] = field(default_factory=dict)
    policy: PolicyEntry | None = None
    rules: list[Placed] = field(default_factory=list)
    rules_complete: bool = False
    approvals: RequireEntry | None = None
    budgets: BudgetsEntry | None = None
    retention: RetentionEntry | None = None
    surfaces: SurfacesEntry | None = None
    sources: dict[str, SourceEntry] = field(default_factory=dict)
    metrics: dict[str, MetricEntry] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    templates: Templates = field(default_factory=Templates)

    @property
    def people_complete(self) -> bool:
        """True when there are people and every one could be read."""
        return len(self.people) == len(_members(self.top, "people")) > 0

    def place(self, *path: str | int) -> Place:
        """Where a key stands, or the nearest key above it that is there."""
        return nodes.follow(nodes.Entry("", self.top.place, self.top), path).place


def read_draft(top: MapNode, names: Names, problems: list[Problem]) -> Draft:
    """Reads every section on its own, so that one mistake hides no other."""
    draft = Draft(top, names)
    draft.team = read_entry(TeamEntry, nodes.Entry("", top.place, top), names, problems)
    draft.agents = _each(AgentEntry, draft, "agents", problems)
    draft.people = _each(PersonEntry, draft, "people", problems)
    draft.models = _each(ModelEntry, draft, "models", problems)
    draft.sources = _each(SourceEntry, draft, "sources", problems)
    draft.topics = _each(TopicEntry, draft, "topics", problems)
    draft.metrics = _each(MetricEntry, draft, "metrics", problems)
    draft.approvals = _section(RequireEntry, draft, "approvals", problems)
    draft.budgets = _section(BudgetsEntry, draft, "budgets", problems)
    draft.retention = _section(RetentionEntry, draft, "retention", problems)
    draft.surfaces = _section(SurfacesEntry, draft, "surfaces", problems)
    _read_policy(draft, problems)
    return draft


def _members(top: MapNode, section: str) -> tuple[nodes.Entry, ...]:
    node = top.get(section)
    return node.entries if isinstance(node, MapNode) else ()


def _each(shape: type[Shape], draft: Draft, section: str, problems: list[Problem]) -> dict[str, Shape]:
    read = {entry.key: read_entry(shape, entry, draft.names, problems) for entry in _members(draft.top, section)}
    return {key: one for key, one in read.items() if one is not None}


def _section(shape: type[Shape], draft: Draft, section: str, problems: list[Problem]) -> Shape | None:
    entry = draft.top.entry(section)
    return shape() if entry is None else read_entry(shape, entry, draft.names, problems)


def _read_policy(draft: Draft, problems: list[Problem]) -> None:
    entry = _policy_entry(draft.top)
    before = len(problems)
    draft.policy = read_entry(PolicyEntry, entry, draft.names, problems)
    rules = entry.value.get("rules") if isinstance(entry.value, MapNode) else None
    for item in rules.items if isinstance(rules, ListNode) else ():
        at = nodes.Entry("rules", item.place, item)
        rule = read_entry(RuleEntry, at, draft.names, problems)
        if rule is not None:
            draft.rules.append(Placed(rule, at))
    draft.rules_complete = len(problems) == before


def _policy_entry(top: MapNode) -> nodes.Entry:
    """The policy in its long form: one word is a starter, a list is rules, nothing is the strictest starter."""
    entry = top.entry("policy")
    if entry is None:
        return _long(
            nodes.Entry("policy", top.place, top), "starter", ScalarNode(top.place, DEFAULT_STARTER, plain=True)
        )
    if isinstance(entry.value, ScalarNode) and not entry.value.settled:
        return _long(entry, "starter", entry.value)
    return _long(entry, "rules", entry.value) if isinstance(entry.value, ListNode) else entry


def _long(entry: nodes.Entry, key: str, value: Node) -> nodes.Entry:
    return nodes.Entry(entry.key, entry.place, MapNode(value.place, (nodes.Entry(key, entry.place, value),)))
