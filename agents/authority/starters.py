"""Three policies in one word each. Every starter is only rules: what it means can be read, explained and replaced."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agents.authority.rules import ANY, STARTER_PREFIX, Condition, Effect, Rule
from store.records import Access, Requirement

HANDOFF_TOOLS = ("handoff.send", "handoff.accept", "handoff.return")
"""Work between agents stays inside the team; whoever takes it on acts with its own scope and rules only."""

OWN_RECORD_TOOLS = (
    "metrics.record",
    "digest.publish",
    "alert.raise",
    "alert.clear",
    "task.create",
    "task.update",
    "task.claim",
    "task.renew",
    "task.release",
    "task.block",
    "task.close",
    "note.send",
    "note.acknowledge",
    "decision.record",
    "decision.acknowledge",
    "topic.write",
    "topic.propose",
    "topic.review",
    *HANDOFF_TOOLS,
)
"""Tools that only add to the team's own record: an agent may always speak in its own channel."""

UNDO_TOOLS = ("files.undo_move", "redirects.undo")
"""Tools that only take back what an earlier call did: a person who presses Undo need not ask a second one."""

_EVERY: frozenset[str] = frozenset({ANY})
_OWN_RECORD = Condition("tool", "in", OWN_RECORD_TOOLS)
_READS = Condition("tool.access", "eq", Access.READ.value)
_CHANGES = Condition("tool.access", "in", (Access.WRITE.value, Access.EGRESS.value))
_FOR_GOOD = Condition("tool.irreversible", "eq", operand=True)
_SENDS = Condition("tool.access", "eq", Access.EGRESS.value)
_REVERSIBLE = Condition("tool.irreversible", "eq", operand=False)
_TAINTED = Condition("tainted", "eq", operand=True)
_UNTAINTED = Condition("tainted", "eq", operand=False)
_UNDOES = Condition("tool", "in", UNDO_TOOLS)
_BY_A_PERSON = Condition("initiator.kind", "eq", "person")
_OTHER_CHANGES = (_CHANGES, Condition("tool", "not_in", (*OWN_RECORD_TOOLS, *UNDO_TOOLS)))


@dataclass(frozen=True, slots=True)
class Starter:
    """One starter policy: its name, what it does in one sentence, and its rules without who decides."""

    name: str
    says: str
    drafts: tuple["Draft", ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule of a starter for every agent and tool, before the workspace says who approves."""

    name: str
    effect: Effect
    when: tuple[Condition, ...]
    reason: str
    unless: tuple[Condition, ...] = ()


_READ = Draft("read", "allow", (_READS,), "Reading is allowed.")
_RECORD = Draft("record", "allow", (_OWN_RECORD,), "An agent may keep the team's own record.")

STARTERS: Mapping[str, Starter] = MappingProxyType(
    {
        "watch-only": Starter(
            "watch-only",
            "Agents read and report; every change is refused.",
            (_READ, _RECORD, Draft("change", "deny", (_CHANGES,), "This team only watches.", (_OWN_RECORD,))),
        ),
        "ask-for-writes": Starter(
            "ask-for-writes",
            "Agents read and report alone; every change asks a person first.",
            (
                _READ,
                _RECORD,
                Draft("change", "human", _OTHER_CHANGES, "Every change asks a person first."),
                Draft("undo", "allow", (_UNDOES, _BY_A_PERSON, _UNTAINTED), "A person takes back what was done."),
                Draft(
                    "undo-unasked",
                    "human",
                    (_UNDOES,),
                    "An agent that takes something back by itself asks a person first.",
                    (_BY_A_PERSON, _UNTAINTED),
                ),
            ),
        ),
        "trusted": Starter(
            "trusted",
            "Agents act alone, except where it cannot be undone, or sends something out after reading untrusted text.",
            (
                Draft("act", "allow", (_REVERSIBLE,), "What can be undone is allowed."),
                Draft("for-good", "human", (_FOR_GOOD,), "What cannot be undone asks a person first."),
                Draft(
                    "tainted",
                    "human",
                    (_SENDS, _TAINTED),
                    "This run has read untrusted text and would send something out.",
                ),
            ),
        ),
    }
)
"""Starter policies by name, from the strictest to the loosest."""


def starter_rules(name: str, require: Requirement) -> tuple[Rule, ...]:
    """The rules of the starter called `name` (KeyError for no such); `require` says who decides its human rules."""
    return tuple(_rule(name, draft, require) for draft in STARTERS[name].drafts)


def _rule(starter: str, draft: Draft, require: Requirement) -> Rule:
    return Rule(
        id=f"{STARTER_PREFIX}{starter}.{draft.name}",
        effect=draft.effect,
        agents=_EVERY,
        tools=_EVERY,
        when=draft.when,
        unless=draft.unless,
        reason=draft.reason,
        require=require if draft.effect == "human" else None,
    )
