"""Which state may follow which. A move that is not listed is a bug or a race lost, never done."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from store.kernel.errors import IllegalTransition
from store.records.approval import ApprovalState as A
from store.records.run import RunState as R
from store.records.step import StepState as S
from store.records.task import TaskState as T

RUN: Mapping[R, frozenset[R]] = {
    R.QUEUED: frozenset({R.RUNNING, R.CANCELLED, R.FAILED}),
    R.RUNNING: frozenset({R.QUEUED, R.WAITING, R.DONE, R.NEEDS_ATTENTION, R.FAILED, R.CANCELLED, R.TIMED_OUT}),
    R.WAITING: frozenset({R.QUEUED, R.CANCELLED}),
}

STEP: Mapping[S, frozenset[S]] = {
    S.WAITING: frozenset({S.STARTED, S.REFUSED}),
    S.STARTED: frozenset({S.STARTED, S.DONE, S.FAILED, S.REFUSED, S.UNKNOWN}),
    S.FAILED: frozenset({S.STARTED, S.WAITING, S.REFUSED}),
}
"""A failed step may be made again by a later attempt of its run, if it still may; every other outcome is final."""

APPROVAL: Mapping[A, frozenset[A]] = {
    A.OPEN: frozenset({A.APPROVED, A.REJECTED, A.EXPIRED, A.SUPERSEDED, A.WITHDRAWN}),
    A.APPROVED: frozenset({A.EXECUTING, A.LAPSED, A.REFUSED, A.WITHDRAWN}),
    A.EXECUTING: frozenset({A.EXECUTED, A.FAILED, A.UNKNOWN}),
}

TASK: Mapping[T, frozenset[T]] = {
    T.OPEN: frozenset({T.IN_PROGRESS, T.BLOCKED, T.DONE, T.DROPPED}),
    T.IN_PROGRESS: frozenset({T.OPEN, T.BLOCKED, T.DONE, T.DROPPED}),
    T.BLOCKED: frozenset({T.OPEN, T.IN_PROGRESS, T.DONE, T.DROPPED}),
    T.DONE: frozenset({T.OPEN}),
    T.DROPPED: frozenset({T.OPEN}),
}
"""Nothing is closed for good: what was done or dropped by mistake is opened again."""


State = TypeVar("State", bound=StrEnum)


def may_follow(table: Mapping[State, frozenset[State]], now: State, then: State) -> bool:
    """True when `then` is a legal next state of `now`; a final state has none."""
    return then in table.get(now, frozenset())


def require_move(table: Mapping[State, frozenset[State]], now: State, then: State) -> None:
    """Raises IllegalTransition unless `then` may follow `now`."""
    if not may_follow(table, now, then):
        raise IllegalTransition(f"{type(now).__name__}: {now.value} cannot become {then.value}")
