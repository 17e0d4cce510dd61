"""What an audition came to: the cards it would have posted, what it would have asked, what went by itself, the cost."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from blocks.elements import Card
from bot.foundation import Foundation
from bot.hiring.audition import RULE, Span, span_of, stage
from bot.simulation.simulate import Simulation, close_simulation
from store.kernel.canonical import JsonObject
from store.queries import findings, runs
from store.queries.approvals import recent_approvals
from store.queries.cards import all_cards
from store.records import Alert, AlertState, Approval, CardKind, Run

QUIET = frozenset({CardKind.FLEET, CardKind.ROLE, CardKind.LOG, CardKind.RUN})
"""Cards that every agent has, whatever it finds."""
BRIEF = timedelta(days=1)
"""An alert that went by itself in less than this was perhaps not worth a card."""
MOST = 100_000
WHILE_SOMEBODY_WAITS = timedelta(days=7)


@dataclass(frozen=True)
class Verdict:
    """What came of it. Nothing of it happened."""

    agent_id: str
    span: Span
    runs: tuple[Run, ...]
    cards: tuple[Card, ...]
    alerts: tuple[Alert, ...]
    approvals: tuple[Approval, ...]

    @property
    def spent_micros(self) -> int:
        """What its models would have cost."""
        return sum(run.spent_micros for run in self.runs)

    @property
    def brief_alerts(self) -> tuple[Alert, ...]:
        """Alerts that cleared themselves within a day: perhaps false alarms."""
        return tuple(
            one
            for one in self.alerts
            if one.state is AlertState.CLEARED and one.cleared_at is not None and one.cleared_at - one.since <= BRIEF
        )

    @property
    def by_state(self) -> dict[str, int]:
        """How its runs ended."""
        states = [run.state.value for run in self.runs]
        return {state: states.count(state) for state in dict.fromkeys(states)}

    def summary(self) -> tuple[str, ...]:
        """The whole in a few lines."""
        alone = sum(one.rule_id == RULE for one in self.approvals)
        endings = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in self.by_state.items()) or "none"
        return (
            f"{self.span.start:%Y-%m-%d} to {self.span.until:%Y-%m-%d} ({self.span.why}); nothing of this happened.",
            f"Runs: {len(self.runs)} ({endings}).",
            f"Cards it would have posted: {len(self.cards)}.",
            f"Alerts: {len(self.alerts)}; {len(self.brief_alerts)} went by themselves within a day: false alarms?",
            f"Approvals it would have asked: {len(self.approvals) - alone}; calls it would have made alone: {alone}.",
            f"Cost: {self.spent_micros / 1_000_000:.2f} USD.",
        )

    def as_json(self) -> JsonObject:
        """The whole for a program."""
        return {
            "agent": self.agent_id,
            "from": self.span.start.isoformat(),
            "until": self.span.until.isoformat(),
            "runs": dict(self.by_state),
            "alerts": [one.model_dump(mode="json", exclude={"series"}) for one in self.alerts],
            "cleared_themselves_within_a_day": [one.id for one in self.brief_alerts],
            "approvals": [
                {
                    "tool": one.tool,
                    "summary": one.summary,
                    "at": one.created_at.isoformat(),
                    "alone": one.rule_id == RULE,
                }
                for one in self.approvals
            ],
            "cost_micros": self.spent_micros,
            "cards": [card.model_dump(mode="json") for card in self.cards],
        }


def rehearse(foundation: Foundation, agent_id: str, now: datetime) -> tuple[str, ...]:
    """An audition on the last week, in a few lines: for somebody who waits for it. Raises UserMistake."""
    span = span_of(foundation, foundation.team.agents[agent_id], now, None, None)
    span = replace(span, start=max(span.start, span.until - WHILE_SOMEBODY_WAITS))
    return hold(stage(foundation, agent_id, span, None, None), agent_id, span).summary()


def hold(simulation: Simulation, agent_id: str, span: Span) -> Verdict:
    """Runs the audition to its end and tells what came of it."""
    simulation.pass_time()
    store, presenter = simulation.crew.store, simulation.crew.presenter
    rows = [row for row in all_cards(store) if row.kind not in QUIET and row.channel in (agent_id, None)]
    alerts = [findings.alert(store, row.record_id) for row in all_cards(store, CardKind.ALERT)]
    verdict = Verdict(
        agent_id=agent_id,
        span=span,
        runs=tuple(reversed(runs.recent_runs(store, agent_id, MOST))),
        cards=tuple(presenter.draw(row) for row in rows),
        alerts=tuple(one for one in alerts if one.agent_id == agent_id),
        approvals=tuple(reversed(recent_approvals(store, MOST))),
    )
    close_simulation(simulation)
    return verdict
