"""Why a call is decided as it is: every rule about its agent and tool, and what each of them says."""

from dataclasses import dataclass

from agents.authority.decide import Decision, decide
from agents.authority.facts import CallFacts
from agents.authority.judge import Truth, Verdict, judge_all
from agents.authority.rules import Policy

_WORDS = {Truth.YES: "matches", Truth.NO: "does not match", Truth.UNKNOWN: "cannot be evaluated"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and what each rule about the agent and tool says, by rule id; `elsewhere` counts the other rules."""

    decision: Decision
    verdicts: tuple[Verdict, ...]
    elsewhere: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The explanation for a person: the decision first, then one line a rule."""
        by = "" if self.decision.rule_id is None else f" by {self.decision.rule_id}"
        head = f"{self.decision.effect}{by}: {self.decision.reason}"
        rest = f"Rules about other agents or tools: {self.elsewhere}." if self.elsewhere else None
        return (head, *(_line(verdict) for verdict in self.verdicts), *([rest] if rest else []))


def why(policy: Policy, call: CallFacts) -> Explanation:
    """Explains the decision `decide` makes for the same policy and call; nothing is recorded and nothing happens."""
    known = call.agent in policy.registry.agents and call.tool in policy.registry.tools
    verdicts = judge_all(policy, call) if known else ()
    return Explanation(decide(policy, call), verdicts, len(policy.rules) - len(verdicts))


def _line(verdict: Verdict) -> str:
    because = "" if verdict.because is None else f" ({verdict.because})"
    return f"  {verdict.rule.effect:5} {verdict.rule.id} {_WORDS[verdict.truth]}{because}"
