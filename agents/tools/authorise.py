"""Authority for one call, asked with what is true at that moment."""

from collections.abc import Iterable
from datetime import datetime

from agents.authority.decide import Decision, decide
from agents.authority.facts import CallFacts
from agents.authority.judge import Truth, judge_all
from agents.authority.rules import Rule, strictness
from agents.roster import Person, Team
from store.kernel.canonical import JsonObject
from store.kernel.errors import UserMistake
from store.records import Actor, Approval, Requirement, Run

_BY_DEFAULT = "default"


def authorise(
    team: Team, run: Run, tool: str, arguments: JsonObject, now: datetime, *, initiator: Actor | None = None
) -> Decision:
    """What the team's policy says of this call of the run's agent now. Nothing comes from the mind but the arguments.

    `initiator` is whose wish it is: a person who edited the call; None means whoever started the run.
    """
    return decide(team.policy, _facts(team, run, tool, arguments, now, initiator=initiator or run.trigger.initiator))


def in_the_way(team: Team, run: Run, tool: str, arguments: JsonObject, now: datetime) -> tuple[Rule, ...]:
    """The rules that keep the run's agent from making this call alone, as things stand now; empty: none matched.

    Raises UserMistake where one of them cannot be evaluated: what is not known is no ground for an exception.
    """
    facts = _facts(team, run, tool, arguments, now, initiator=run.trigger.initiator)
    strict = [one for one in judge_all(team.policy, facts) if one.rule.effect != "allow"]
    unknown = next((one for one in strict if one.truth is Truth.UNKNOWN), None)
    if unknown is not None:
        raise UserMistake(f"Rule {unknown.rule.id} cannot be evaluated for this call.", "Change that rule itself.")
    return tuple(one.rule for one in strict if one.truth is Truth.YES)


def _facts(
    team: Team, run: Run, tool: str, arguments: JsonObject, now: datetime, *, initiator: Actor | None
) -> CallFacts:
    return CallFacts(
        agent=run.agent_id,
        tool=tool,
        args=arguments,
        initiator=initiator,
        tainted=run.tainted,
        at=now,
        env=team.env,
        budget_left_pct=_budget_left_percent(run),
    )


def authorise_for(
    team: Team, run: Run, tool: str, arguments: JsonObject, now: datetime, *, wished_by: Actor | None
) -> Decision:
    """The same for a run that may carry out a person's wish it was handed: whichever is stricter, that or its own.

    A wish that passed through other hands gains nothing by it, and loses nothing of what forbids it.
    """
    own = authorise(team, run, tool, arguments, now)
    if wished_by is None or run.trigger.initiator.is_person:
        return own
    theirs = authorise(team, run, tool, arguments, now, initiator=wished_by)
    return max(own, theirs, key=lambda decision: strictness(decision.effect))


def objection_to_approved(
    team: Team, run: Run, approval: Approval, approvers: Iterable[Person], now: datetime
) -> str | None:
    """Why an approved call may not be executed after all, by the policy as it is now; None when it may.

    `approvers`, with the roles they have now, must hold the role the policy names now, in the number it names now. That
    they still hold the role they were asked in, in time, for the same bytes, is checked again in the transaction that
    takes the approval.
    """
    decision = authorise(team, run, approval.tool, approval.arguments, now, initiator=approval.requested_by)
    if decision.effect == "deny":
        return f"the policy refuses it now: {decision.reason}"
    if decision.require is None or _asks_no_more(decision.require, approval.requirement):
        return None
    people = {person.id for person in approvers if decision.require.role in person.roles}
    if len(people) >= decision.require.quorum:
        return None
    return f"the policy now asks for {decision.require.quorum} with the role {decision.require.role}"


def _asks_no_more(now: Requirement, then: Requirement) -> bool:
    return now.role == then.role and now.quorum <= then.quorum


def rule_of(decision: Decision) -> str:
    """The id of the deciding rule; `default` when no rule matched and the call is refused for that."""
    return decision.rule_id or _BY_DEFAULT


def _budget_left_percent(run: Run) -> int:
    cap = run.limits.max_cost_micros
    left = cap - run.spent_micros - run.held_micros
    return max(0, left * 100 // cap) if cap else 0
