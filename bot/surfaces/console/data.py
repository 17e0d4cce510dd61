"""Everything the console reads, in one place: pages ask this port, and only this file asks the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.surfaces.console import work_data
from bot.surfaces.console.work_data import SharedWork, TaskRecords, TopicRecords
from store.handle import Store
from store.queries import (
    approvals,
    audit,
    cards,
    findings,
    fleet,
    inbox,
    incidents,
    runs,
    schedules,
    sought,
    undos,
    work,
)
from store.records import (
    Alert,
    Approval,
    AuditEvent,
    CardKind,
    CardRow,
    Fleet,
    Incident,
    Occurrence,
    Outstanding,
    Receipt,
    Run,
    RunState,
    Schedule,
    Sought,
    Step,
    Undo,
    Vote,
)
from store.records.fleet import TeamFacts


class ConsoleData(Protocol):
    """Reads for pages. Each blocks, so it is called in a thread; `run` and `approval` raise NotFound."""

    def fleet(self) -> Fleet:
        """The team at this moment."""
        ...

    def card(self, key: str) -> CardRow | None:
        """One card; None when there is none."""
        ...

    def oldest_event_at(self) -> datetime | None:
        """When the oldest event that nobody has acted on yet came in; None when none waits."""
        ...

    def channel_cards(self, channel: str | None, before: int | None, limit: int) -> list[CardRow]:
        """The latest `limit` cards of a channel before a position, newest last; channel None is the team's own."""
        ...

    def run(self, run_id: str) -> Run:
        """One run."""
        ...

    def steps(self, run_id: str) -> list[Step]:
        """A run's steps in order."""
        ...

    def receipt(self, run_id: str) -> Receipt | None:
        """What the session knew; None before it booted."""
        ...

    def recent_runs(
        self, agent_id: str | None, state: RunState | None, before: datetime | None, limit: int
    ) -> list[Run]:
        """Runs, newest first."""
        ...

    def approval(self, approval_id: str) -> Approval:
        """One approval."""
        ...

    def votes(self, approval_id: str) -> list[Vote]:
        """The votes cast, oldest first."""
        ...

    def undos(self, decided: Sequence[Approval]) -> Mapping[str, Undo]:
        """The latest attempt to take each call back, by approval id."""
        ...

    def open_approvals(self) -> list[Approval]:
        """What waits for a decision, oldest first."""
        ...

    def decided_approvals(self, limit: int) -> list[Approval]:
        """What no longer waits, latest first."""
        ...

    def approvals_of_run(self, run_id: str) -> list[Approval]:
        """What a run asked for, oldest first."""
        ...

    def schedules(self) -> list[Schedule]:
        """The workspace's schedules by id."""
        ...

    def occurrences(self, schedule_id: str, limit: int) -> list[Occurrence]:
        """A schedule's due times, latest first."""
        ...

    def search(self, words: str, kind: CardKind | None, limit: int) -> list[Sought]:
        """The newest records that hold all of these words, of one kind where given."""
        ...

    def open_incidents(self) -> list[Incident]:
        """Open incidents, oldest first."""
        ...

    def open_alerts(self) -> list[Alert]:
        """Alerts that are not cleared, the longest standing first."""
        ...

    def outstanding(self) -> Outstanding:
        """Shared work that waits for somebody at this moment."""
        ...

    def shared_work(self) -> SharedWork:
        """Tasks, decisions, topics and notes as they stand."""
        ...

    def task(self, task_id: str) -> TaskRecords:
        """One task with what it waits for. Raises NotFound."""
        ...

    def topic(self, name: str) -> TopicRecords:
        """One topic with its versions and the proposals that wait. Raises NotFound."""
        ...

    def events_for(self, subject_kind: str, subject_id: str) -> list[AuditEvent]:
        """The audit events about one record, oldest first."""
        ...


@dataclass(frozen=True)
class StoreData:
    """The port over a real store. `team` is what the workspace says of the team."""

    store: Store
    team: TeamFacts

    def fleet(self) -> Fleet:
        return fleet.fleet(self.store, self.team)

    def card(self, key: str) -> CardRow | None:
        return cards.card(self.store, key)

    def oldest_event_at(self) -> datetime | None:
        return inbox.oldest_unhandled_at(self.store)

    def channel_cards(self, channel: str | None, before: int | None, limit: int) -> list[CardRow]:
        return cards.channel_cards(self.store, channel, before, limit)

    def run(self, run_id: str) -> Run:
        return runs.run(self.store, run_id)

    def steps(self, run_id: str) -> list[Step]:
        return runs.steps(self.store, run_id)

    def receipt(self, run_id: str) -> Receipt | None:
        return runs.receipt(self.store, run_id)

    def recent_runs(
        self, agent_id: str | None, state: RunState | None, before: datetime | None, limit: int
    ) -> list[Run]:
        return runs.recent_runs(self.store, agent_id, limit, state, before)

    def approval(self, approval_id: str) -> Approval:
        return approvals.approval(self.store, approval_id)

    def votes(self, approval_id: str) -> list[Vote]:
        return approvals.votes(self.store, approval_id)

    def undos(self, decided: Sequence[Approval]) -> Mapping[str, Undo]:
        return undos.undos(self.store, decided)

    def open_approvals(self) -> list[Approval]:
        return approvals.open_approvals(self.store)

    def decided_approvals(self, limit: int) -> list[Approval]:
        return approvals.recent_approvals(self.store, limit)

    def approvals_of_run(self, run_id: str) -> list[Approval]:
        return approvals.approvals_of_run(self.store, run_id)

    def schedules(self) -> list[Schedule]:
        return schedules.live_schedules(self.store)

    def occurrences(self, schedule_id: str, limit: int) -> list[Occurrence]:
        return schedules.occurrences(self.store, schedule_id, limit)

    def search(self, words: str, kind: CardKind | None, limit: int) -> list[Sought]:
        return sought.find(self.store, words, kind, limit)

    def open_incidents(self) -> list[Incident]:
        return incidents.open_incidents(self.store)

    def open_alerts(self) -> list[Alert]:
        return findings.open_alerts(self.store)

    def outstanding(self) -> Outstanding:
        return work.outstanding(self.store, self.store.clock.now())

    def shared_work(self) -> SharedWork:
        return work_data.shared_work(self.store, self.team)

    def task(self, task_id: str) -> TaskRecords:
        return work_data.task_records(self.store, task_id)

    def topic(self, name: str) -> TopicRecords:
        return work_data.topic_records(self.store, self.team, name)

    def events_for(self, subject_kind: str, subject_id: str) -> list[AuditEvent]:
        return audit.events_for(self.store, subject_kind, subject_id)
