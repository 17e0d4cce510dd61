"""The one decision: may this agent make this call alone, does it need a person, or is it refused?"""

from dataclasses import dataclass

from agents.authority.facts import CallFacts
from agents.authority.judge import Truth, Verdict, judge_all
from agents.authority.rules import Effect, Policy, Rule, strictness
from store.records import Actor, Requirement

NEAR_MISSES_MAX = 3


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A looser rule for this agent and tool that did not match, and why not."""

    rule_id: str
    effect: Effect
    because: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to happen with a call. `require` is set exactly for `human`.

    `rule_id` is the deciding rule; None when no rule matched or the agent or tool is not registered. `reason` is one
    plain sentence for a person. `near_misses` (at most three) help to answer "what would have allowed it?".
    """

    effect: Effect
    rule_id: str | None
    reason: str
    require: Requirement | None = None
    near_misses: tuple[NearMiss, ...] = ()


def decide(policy: Policy, call: CallFacts) -> Decision:
    """The strictest matching rule decides; no match is a refusal. The order of the rules changes nothing.

    Rules in whose place a matching exception stands (`instead_of`) are left out.

    Unknown is stricter: an unregistered agent or tool is refused; a deny or human rule that cannot be evaluated
    refuses; an allow rule that cannot be evaluated does not match. Only rules about the acting agent count. A human
    rule that nobody could satisfy (too few people besides the requester) refuses at once.
    """
    stranger = _stranger(policy, call)
    if stranger is not None:
        return Decision("deny", None, stranger)
    verdicts = judge_all(policy, call)
    decision = _strictest(policy, call, _without_excepted(verdicts))
    return decision if decision.effect == "allow" else _with_near_misses(decision, verdicts)


def _stranger(policy: Policy, call: CallFacts) -> str | None:
    if call.agent not in policy.registry.agents:
        return "The agent is not registered in this team."
    if call.tool not in policy.registry.tools:
        return "The tool is not registered in this team."
    return None


def _without_excepted(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """The verdicts without those of rules in whose place a matching exception stands."""
    excepted = {name for one in verdicts if one.truth is Truth.YES for name in one.rule.instead_of}
    return tuple(one for one in verdicts if one.rule.id not in excepted)


def _strictest(policy: Policy, call: CallFacts, verdicts: tuple[Verdict, ...]) -> Decision:
    matching = [verdict.rule for verdict in verdicts if verdict.truth is Truth.YES]
    by_effect = {effect: [rule for rule in matching if rule.effect == effect] for effect in ("deny", "human", "allow")}
    if by_effect["deny"]:
        return _by_rule(by_effect["deny"][0], f"{call.agent} may not call {call.tool}.")
    undecided = [verdict for verdict in verdicts if verdict.truth is Truth.UNKNOWN and verdict.rule.effect != "allow"]
    if undecided:
        return _cannot_tell(undecided[0])
    if by_effect["human"]:
        return _ask(policy, call, by_effect["human"])
    if by_effect["allow"]:
        return _by_rule(by_effect["allow"][0], f"{call.agent} may call {call.tool}.")
    return Decision("deny", None, f"No rule lets {call.agent} call {call.tool} like this.")


def _by_rule(rule: Rule, otherwise: str) -> Decision:
    return Decision(rule.effect, rule.id, rule.reason or otherwise, rule.require)


def _cannot_tell(verdict: Verdict) -> Decision:
    return Decision("deny", verdict.rule.id, f"Rule {verdict.rule.id} cannot be evaluated: {verdict.because}.")


def _ask(policy: Policy, call: CallFacts, rules: list[Rule]) -> Decision:
    first = rules[0]
    require = _combined([rule.require for rule in rules if rule.require is not None])
    if require is None:
        ids = ", ".join(rule.id for rule in rules)
        return Decision("deny", first.id, f"Rules {ids} ask different roles to decide this call; only one may.")
    unreachable = _unreachable(policy, call.initiator, require)
    if unreachable is not None:
        return Decision("deny", first.id, unreachable)
    return Decision("human", first.id, first.reason or f"{call.tool} needs a decision by {require.role}.", require)


def _combined(requirements: list[Requirement]) -> Requirement | None:
    """One requirement as strict as each of them; None when they name different roles."""
    if len({require.role for require in requirements}) != 1:
        return None
    seconds = [one.execute_within_seconds for one in requirements if one.execute_within_seconds is not None]
    return Requirement(
        role=requirements[0].role,
        quorum=max(one.quorum for one in requirements),
        expires_seconds=min(one.expires_seconds for one in requirements),
        execute_within_seconds=min(seconds, default=None),
    )


def _unreachable(policy: Policy, initiator: Actor | None, require: Requirement) -> str | None:
    """Why the quorum cannot be reached, the requester never counting; None when it can."""
    if initiator is None:
        return "Nobody knows who asked for this, so nobody can be kept from approving their own request."
    people = policy.registry.roles.get(require.role, frozenset())
    able = people - {initiator.id} if initiator.is_person else people
    if len(able) >= require.quorum:
        return None
    besides = " besides the person who asked for it" if len(able) < len(people) else ""
    return f"It needs {require.quorum} with the role {require.role} to decide; there are {len(able)}{besides}."


def _with_near_misses(decision: Decision, verdicts: tuple[Verdict, ...]) -> Decision:
    looser = [
        NearMiss(verdict.rule.id, verdict.rule.effect, str(verdict.because))
        for verdict in verdicts
        if verdict.because is not None and strictness(verdict.rule.effect) < strictness(decision.effect)
    ]
    return Decision(
        decision.effect, decision.rule_id, decision.reason, decision.require, tuple(looser[:NEAR_MISSES_MAX])
    )
