"""What is kept, as frozen records: the shapes every room reads. An action writes a new state, never a record."""

from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.agent import AgentState, AgentStatus
from store.records.alert import (
    ANSWERED_TARGET_PERCENT,
    Alert,
    AlertAnswer,
    AlertAnswers,
    AlertKind,
    AlertOutcome,
    AlertSource,
    AlertState,
    AnsweredAlert,
    AnswerKind,
    Band,
)
from store.records.approval import Approval, ApprovalState, Requirement, Vote
from store.records.audit import AuditEvent
from store.records.card import CardKind, CardRow, Delivery, DeliveryState, Upload, card_key
from store.records.channel import Loss, LostChannel
from store.records.decision import Acknowledgement, Decision, DecisionStanding
from store.records.digest import (
    Answers,
    Decided,
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
from store.records.finding import Reading
from store.records.fleet import AgentFacts, AgentView, Fleet, NeedsMe, TeamFacts, TopicFacts
from store.records.handoff import Absent, Breaker, Handoff, HandoffState, Origin, Rung
from store.records.home import HomeShow, HomeTab
from store.records.inbox import InboxEvent, InboxState
from store.records.incident import Incident, IncidentState
from store.records.intent import ApprovalRequest, EditedCall, HandoffDraft, Made, StepIntent, Waking
from store.records.mark import Mark, OutputKind, Value
from store.records.message import Author, RunMessage
from store.records.mind import KeptMind
from store.records.note import Note
from store.records.receipt import Layer, Receipt
from store.records.record import Record
from store.records.restore import Restore
from store.records.retention import Cutoffs, Retention, Swept
from store.records.role import Role
from store.records.run import (
    REQUEST,
    UNDO_OF,
    GivenFile,
    QuotedMessage,
    Request,
    Run,
    RunLimits,
    RunState,
    Trigger,
    TriggerKind,
)
from store.records.schedule import FirePlan, Misfire, Occurrence, Outcome, Overlap, PlannedDue, Schedule
from store.records.sought import Sought
from store.records.spending import Spending
from store.records.step import Access, Step, StepKind, StepState
from store.records.task import Evidence, EvidenceKind, Owner, Task, TaskState
from store.records.topic import Proposal, ProposalState, TopicVersion
from store.records.undo import Undo, UndoState, undo_key
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
from store.records.week import AgentWeek, ApprovalsWeek, Asked, Asking, Interruption, TasksWeek, Week
from store.records.why import FigureWhy, Stop, Why
from store.records.work import Outstanding, TaskCounts, Unacknowledged

__all__ = [
    "ANSWERED_TARGET_PERCENT",
    "REQUEST",
    "SYSTEM",
    "UNDO_OF",
    "Absent",
    "Access",
    "Acknowledgement",
    "Actor",
    "ActorKind",
    "AgentFacts",
    "AgentState",
    "AgentStatus",
    "AgentView",
    "AgentWeek",
    "Alert",
    "AlertAnswer",
    "AlertAnswers",
    "AlertKind",
    "AlertOutcome",
    "AlertSource",
    "AlertState",
    "AnswerKind",
    "AnsweredAlert",
    "Answers",
    "Approval",
    "ApprovalRequest",
    "ApprovalState",
    "ApprovalsWeek",
    "Asked",
    "Asking",
    "AuditEvent",
    "Author",
    "AuthorKind",
    "Band",
    "Breaker",
    "CardKind",
    "CardRow",
    "Claimed",
    "Cutoffs",
    "Decided",
    "Decision",
    "DecisionStanding",
    "Delivery",
    "DeliveryState",
    "Digest",
    "EditedCall",
    "Evidence",
    "EvidenceKind",
    "Feedback",
    "FeedbackVerdict",
    "Figure",
    "FigureWhy",
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
    "Interruption",
    "KeptMind",
    "Layer",
    "Loss",
    "LostChannel",
    "Made",
    "Mark",
    "MessageField",
    "Misfire",
    "Missing",
    "Need",
    "NeedsMe",
    "Note",
    "Occurrence",
    "Offer",
    "OfferState",
    "OfferedMessage",
    "OnArrival",
    "Origin",
    "Outcome",
    "OutputKind",
    "Outstanding",
    "Overlap",
    "Owner",
    "PlannedDue",
    "Proposal",
    "ProposalState",
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
    "Sought",
    "Spending",
    "Standing",
    "Step",
    "StepIntent",
    "StepKind",
    "StepState",
    "Stop",
    "Swept",
    "Task",
    "TaskCounts",
    "TaskState",
    "TasksWeek",
    "TeamFacts",
    "TopicFacts",
    "TopicVersion",
    "Trigger",
    "TriggerKind",
    "Unacknowledged",
    "Undo",
    "UndoState",
    "Upload",
    "Value",
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
    "undo_key",
]
