"""What is kept, as frozen records: the shapes every room reads. An action writes a new state, never a record."""

from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.agent import AgentState, AgentStatus
from store.records.approval import Approval, ApprovalState, Requirement, Vote
from store.records.audit import AuditEvent
from store.records.card import CardKind, CardRow, Delivery, DeliveryState, Upload, card_key
from store.records.channel import Loss, LostChannel
from store.records.digest import (
    Answers,
    Digest,
    Figure,
    Frame,
    Missing,
    Need,
    Recommendation,
    Section,
    Standing,
    WorkCounts,
)
from store.records.feedback import Feedback, FeedbackVerdict
from store.records.finding import Alert, AlertState, Reading
from store.records.fleet import AgentFacts, AgentView, Fleet, NeedsMe, TeamFacts
from store.records.handoff import Absent, Breaker, Handoff, HandoffState, Origin, Rung
from store.records.home import HomeShow, HomeTab
from store.records.inbox import InboxEvent, InboxState
from store.records.incident import Incident, IncidentState
from store.records.intent import ApprovalRequest, EditedCall, HandoffDraft, StepIntent, Waking
from store.records.message import Author, RunMessage
from store.records.receipt import Layer, Receipt
from store.records.record import Record
from store.records.restore import Restore
from store.records.retention import Cutoffs, Retention, Swept
from store.records.role import Role
from store.records.run import REQUEST, GivenFile, QuotedMessage, Request, Run, RunLimits, RunState, Trigger, TriggerKind
from store.records.schedule import FirePlan, Misfire, Occurrence, Outcome, Overlap, PlannedDue, Schedule
from store.records.spending import Spending
from store.records.step import Access, Step, StepKind, StepState
from store.records.task import Owner, Task, TaskState
from store.records.watch import (
    AuthorKind,
    Claimed,
    MessageField,
    Offer,
    OfferedMessage,
    OfferState,
    OnArrival,
    Reader,
    SeenMessage,
    Waiting,
    WatchCursor,
    WatchedMessage,
    Who,
)
from store.records.week import AgentWeek, ApprovalsWeek, Asked, Week
from store.records.why import Why

__all__ = [
    "REQUEST",
    "SYSTEM",
    "Absent",
    "Access",
    "Actor",
    "ActorKind",
    "AgentFacts",
    "AgentState",
    "AgentStatus",
    "AgentView",
    "AgentWeek",
    "Alert",
    "AlertState",
    "Answers",
    "Approval",
    "ApprovalRequest",
    "ApprovalState",
    "ApprovalsWeek",
    "Asked",
    "AuditEvent",
    "Author",
    "AuthorKind",
    "Breaker",
    "CardKind",
    "CardRow",
    "Claimed",
    "Cutoffs",
    "Delivery",
    "DeliveryState",
    "Digest",
    "EditedCall",
    "Feedback",
    "FeedbackVerdict",
    "Figure",
    "FirePlan",
    "Fleet",
    "Frame",
    "GivenFile",
    "Handoff",
    "HandoffDraft",
    "HandoffState",
    "HomeShow",
    "HomeTab",
    "InboxEvent",
    "InboxState",
    "Incident",
    "IncidentState",
    "Layer",
    "Loss",
    "LostChannel",
    "MessageField",
    "Misfire",
    "Missing",
    "Need",
    "NeedsMe",
    "Occurrence",
    "Offer",
    "OfferState",
    "OfferedMessage",
    "OnArrival",
    "Origin",
    "Outcome",
    "Overlap",
    "Owner",
    "PlannedDue",
    "QuotedMessage",
    "Reader",
    "Reading",
    "Receipt",
    "Recommendation",
    "Record",
    "Request",
    "Requirement",
    "Restore",
    "Retention",
    "Role",
    "Run",
    "RunLimits",
    "RunMessage",
    "RunState",
    "Rung",
    "Schedule",
    "Section",
    "SeenMessage",
    "Spending",
    "Standing",
    "Step",
    "StepIntent",
    "StepKind",
    "StepState",
    "Swept",
    "Task",
    "TaskState",
    "TeamFacts",
    "Trigger",
    "TriggerKind",
    "Upload",
    "Vote",
    "Waiting",
    "Waking",
    "WatchCursor",
    "WatchedMessage",
    "Week",
    "Who",
    "Why",
    "WorkCounts",
    "card_key",
]
