"""What each starter policy means for every tool that exists: a new tool that changes something is never let through."""

from datetime import UTC, datetime

import pytest

from agents.authority.decide import decide
from agents.authority.facts import CallFacts
from agents.authority.rules import Policy, Registry
from agents.authority.starters import OWN_RECORD_TOOLS, STARTERS, UNDO_TOOLS, starter_rules
from agents.tools.builtin import builtin_tools
from agents.tools.registry import tool_facts
from agents.tools.spec import Tool
from store.records import SYSTEM, Access, Requirement

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ASK = Requirement(role="approver", quorum=1, expires_seconds=3600)
TOOLS = builtin_tools()
REGISTRY = Registry(
    agents=frozenset({"one"}),
    tools={tool.spec.name: tool_facts(tool.spec) for tool in TOOLS},
    roles={"approver": frozenset({"ann", "ben"})},
)


def effect(starter: str, tool: Tool, *, tainted: bool) -> str:
    policy = Policy(rules=starter_rules(starter, ASK), registry=REGISTRY)
    return decide(policy, CallFacts(agent="one", tool=tool.spec.name, initiator=SYSTEM, tainted=tainted, at=NOW)).effect


@pytest.mark.parametrize("tainted", [False, True])
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.spec.name)
def test_what_changes_the_world_is_refused_asked_or_let_through_as_the_word_says(tool: Tool, tainted: bool) -> None:
    decided = {starter: effect(starter, tool, tainted=tainted) for starter in STARTERS}
    if tool.spec.access is Access.READ or tool.spec.name in OWN_RECORD_TOOLS:
        assert decided == {"watch-only": "allow", "ask-for-writes": "allow", "trusted": "allow"}
        return
    sends = tool.spec.access is Access.EGRESS and tainted
    trusted = "human" if tool.spec.irreversible or sends else "allow"
    assert decided == {"watch-only": "deny", "ask-for-writes": "human", "trusted": trusted}


def test_what_keeps_the_team_s_own_record_is_a_write_that_nobody_outside_sees() -> None:
    known = {tool.spec.name: tool.spec for tool in TOOLS}
    assert [name for name in (*OWN_RECORD_TOOLS, *UNDO_TOOLS) if name not in known] == []
    assert [name for name in OWN_RECORD_TOOLS if known[name].access is not Access.WRITE] == []
    assert [name for name in OWN_RECORD_TOOLS if known[name].irreversible] == []
