"""Scenes for single transactions: what is on record before one, how the longer calls are made, and what is looked at.

The process that is killed finds everything by itself, so nothing is handed over: ids derive from keys.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from store.actions import Store
from store.actions import channels as channel_actions
from store.actions import outbox as outbox_actions
from store.actions.alerts import Said, answer_alert, raise_alert
from store.actions.approvals import claim_approved, decide_approval, edit_approval, put_off_approved
from store.actions.decisions import record_decision
from store.actions.homes import home_published, open_home
from store.actions.inbox import receive_event
from store.actions.incidents import record_incident
from store.actions.messages import add_message
from store.actions.notes import send_note
from store.actions.outbox import begin_post, mark_shown, settle_cards
from store.actions.runs import begin_segment
from store.actions.schedules import fire_schedule, install_schedules
from store.actions.steps import begin_step
from store.actions.task_claims import claim_task
from store.actions.tasks import create_task
from store.actions.topics import propose_topic
from store.actions.watching import History
from store.actions.workspaces import Version, note_unsound
from store.kernel.clock import ManualClock
from store.kernel.ids import derive
from store.queries import approvals, cards, channels, findings, homes, inbox, incidents, runs, schedules, watching
from store.records import (
    Actor,
    ActorKind,
    Alert,
    AlertState,
    AnswerKind,
    Approval,
    Author,
    CardRow,
    Decision,
    Delivery,
    DeliveryState,
    Digest,
    EditedCall,
    Feedback,
    FeedbackVerdict,
    FirePlan,
    HomeTab,
    KeptMind,
    Layer,
    Loss,
    LostChannel,
    Misfire,
    Note,
    OfferState,
    OnArrival,
    Outcome,
    Overlap,
    PlannedDue,
    Proposal,
    Reading,
    Receipt,
    Requirement,
    Run,
    Schedule,
    StepState,
    Task,
    TopicVersion,
)
from tests.store import samples
from tests.store import watched as watched_channel
from tests.store.samples import LIMITS, intent, person

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TEN = timedelta(seconds=10)
RUN = derive("run", "watch", "k")
CARD = f"run:{RUN}"
TASK = "task_aaaaaaaaaaaaaaaa"
ANA, BEN = person("ana"), person("ben")
ROLE = frozenset({"ana", "ben"})


def nothing(store: Store) -> None:
    """An empty record."""


def task(store: Store) -> None:
    """One open task of the agent."""
    made = Task(id=TASK, title="Look", agent_id="watch", created_by=ANA, created_at=START, changed_at=START)
    create_task(store, made)


def claimed_task(store: Store) -> None:
    """A run works on the task."""
    task(store)
    claim_task(store, TASK, samples.running(store).id, lease_seconds=60)


def overdue_task(store: Store) -> None:
    """A task that should have been done by now."""
    made = Task(
        id=TASK, title="Look", agent_id="watch", created_by=ANA, created_at=START, changed_at=START, due_at=START - TEN
    )
    create_task(store, made)


def note(store: Store) -> None:
    """A note that should have been acknowledged by now."""
    sent = Note(id="note_1", to_agent="watch", sender=ANA, text="Look", created_at=START, due_at=START - TEN)
    send_note(store, sent)


def decision(name: str = "a", choice: str = "yes", supersedes: str | None = None) -> Decision:
    """A decision about one subject."""
    return Decision(
        id=f"decision_{name}",
        subject="Deploys",
        subject_key="deploys",
        choice=choice,
        decided_by=ANA,
        decided_at=START,
        affects=("watch",),
        supersedes=supersedes,
    )


def contradicting(store: Store) -> None:
    """Two decisions that contradict each other."""
    record_decision(store, decision("a", "yes"))
    record_decision(store, decision("b", "no"))


def version(text: str) -> TopicVersion:
    """A topic's next words, by its writer."""
    by = Actor(kind=ActorKind.AGENT, id="watch")
    return TopicVersion(topic="site", number=0, text=text, written_by=by, written_at=START)


def proposed(store: Store) -> None:
    """Somebody else proposes words for the topic."""
    by = Actor(kind=ActorKind.AGENT, id="other")
    made = Proposal(
        id="proposal_1",
        topic="site",
        agent_id="watch",
        text="new",
        why="it changed",
        proposed_by=by,
        proposed_at=START,
        based_on=0,
    )
    propose_topic(store, made)


def write_to_run(store: Store) -> None:
    """A reply to the run, by somebody of the team."""
    author = Author(surface="slack", account="U1", person_id="ana")
    add_message(store, RUN, message_id="message_1", author=author, text="wait")


def then(*parts: Callable[[Store], object]) -> Callable[[Store], None]:
    """One after the other."""

    def scene(store: Store) -> None:
        for part in parts:
            part(store)

    return scene


def passing(seconds: int) -> Callable[[Store], None]:
    """Time passes."""

    def scene(store: Store) -> None:
        assert isinstance(store.clock, ManualClock)
        store.clock.move_to(store.clock.now() + timedelta(seconds=seconds))

    return scene


def started(store: Store) -> None:
    """A run with a step under way that holds money."""
    begin_step(store, intent(samples.running(store), hold_micros=300))


def asked(store: Store) -> None:
    """A run that Ana asked for waits for a decision."""
    samples.asked(store, samples.running(store, by=ANA), expires_seconds=60)


def approved(store: Store) -> None:
    """It was approved, and the run goes on."""
    asked(store)
    decide(store)
    begin_segment(store, RUN, 1)


def installed(store: Store) -> None:
    """One schedule."""
    install_schedules(store, [schedule()])


def workspace(digest: str, *wanted: Schedule) -> Version:
    """A workspace of one agent, with these schedules."""
    mind = KeptMind(workspace_digest=digest, agent_id="watch", mind={"kind": "routine", "file": "r.py"}, source="x = 1")
    return Version(digest=digest, schedules=wanted, minds=(mind,))


def unsound(store: Store) -> None:
    """The workspace was edited, and has a mistake."""
    note_unsound(store, said="team.yaml:3:1: a mistake", next_step="Mend it.")


def fired_once(store: Store) -> None:
    """Its first due time has a run that is queued."""
    installed(store)
    first = PlannedDue(due_at=START, outcome=Outcome.PENDING)
    fire_schedule(
        store, FirePlan(schedule_id="watch-often", from_fire_at=START, until_fire_at=START + TEN, dues=(first,))
    )


def posting(store: Store) -> None:
    """A card is being posted."""
    samples.requested(store)
    begin_post(store, CARD, surface="slack", channel_id="C1")


def refused(store: Store) -> None:
    """A card that Slack would not take."""
    posting(store)
    held = cards.delivery(store, CARD, "slack")
    no = DeliveryState.REFUSED
    outbox_actions.postpone(store, CARD, surface="slack", held=held, state=no, not_before=None, error="no")


LOST = LostChannel(surface="slack", place="C1", loss=Loss.ARCHIVED)


def lose_channel(store: Store) -> bool:
    """A channel is archived."""
    words = {"title": "A channel is archived", "detail": "By Ana.", "next_step": "Unarchive it."}
    return channel_actions.lose_channel(store, LOST, **words, told_in=None, example={"channel": "C1"})


def lost_channels(store: Store) -> list[LostChannel]:
    """The channels that cannot be used."""
    return channels.lost_channels(store, "slack")


def shown(store: Store) -> None:
    """It has been."""
    posting(store)
    mark_shown(store, CARD, surface="slack", message_id="m1", revision=1)


def settled(store: Store) -> None:
    """And nothing is pending."""
    shown(store)
    settle_cards(store, ("slack",))


def watched(store: Store) -> None:
    """Two messages wait in a channel that is watched."""
    watched_channel.watched(store, 1, 2)


def hear(store: Store) -> object:
    """The same two come, as a part of the channel's history."""
    history = History(asked_at=START + TEN, up_to=START + timedelta(seconds=2), at_end=True)
    return watched_channel.heard(store, *(watched_channel.a_message(number) for number in (1, 2)), history=history)


def claiming(store: Store) -> None:
    """A run has read them."""
    watched(store)
    watched_channel.read(store, samples.running(store))


def holding(store: Store) -> None:
    """And it has a second step under way that holds money."""
    begin_step(store, intent(run(store), place=1, hold_micros=300))


def on_arrival() -> OnArrival:
    """How they start a run."""
    return OnArrival(
        watch_id="watch.alerts",
        agent_id="watch",
        surface="slack",
        channel_id=watched_channel.CHANNEL,
        settle_seconds=30,
        at_most_per_hour=12,
        limits=LIMITS,
        workspace_digest="w1",
        input={"watch": "alerts"},
    )


def offered(store: Store) -> list[tuple[OfferState, str | None]]:
    """How each message stands before the agent, and which run has it."""
    return [(one.state, one.run_id) for one in watching.offers(store, "watch")]


def cursor_at(store: Store) -> int:
    """How many seconds of the history are on record."""
    [known] = watching.cursors(store, "slack")
    return int((known.read_up_to - START).total_seconds())


def decide(store: Store) -> object:
    """Ben approves."""
    return decide_approval(
        store, approval(store).id, person_id="ben", account="U2", surface="slack", approve=True, eligible=ROLE
    )


def edit(store: Store) -> object:
    """Ben makes another call of it."""
    edited = EditedCall(
        arguments={"n": 7},
        request={"agent": "watch", "tool": "files.move", "arguments": {"n": 7}},
        summary="Moves another file",
        rule_id="R1",
        rule_reason=None,
        requirement=Requirement(role="approver", expires_seconds=600),
    )
    return edit_approval(store, approval(store).id, person_id="ben", surface="slack", edited=edited, eligible=ROLE)


def claim(store: Store) -> object:
    """The approved call is taken."""
    return claim_approved(store, approval(store).id, approval(store).call_hash, eligible=ROLE)


def put_off(store: Store) -> object:
    """Nobody can say now whether the approved call may be made."""
    return put_off_approved(store, approval(store).id, "Slack does not answer.")


def fire(store: Store) -> object:
    """Replaces the run that is queued, notes a missed due time, and starts two runs."""
    outcomes = (Outcome.MISSED, Outcome.PENDING, Outcome.PENDING)
    dues = tuple(PlannedDue(due_at=START + TEN * n, outcome=outcome) for n, outcome in enumerate(outcomes, start=1))
    replaced = tuple(row.run_id for row in schedules.occurrences(store) if row.due_at == START and row.run_id)
    return fire_schedule(
        store,
        FirePlan(
            schedule_id="watch-often",
            from_fire_at=START + TEN,
            until_fire_at=START + TEN * 4,
            dues=dues,
            cancel_run_ids=replaced,
        ),
    )


def receive(store: Store) -> object:
    """A press comes in."""
    return receive_event(store, surface="slack", key="e1", kind="press", payload={"token": "t"})


def strike(store: Store) -> object:
    """Something goes wrong."""
    return record_incident(
        store, cause="disk", kind="bug", title="Disk", detail="It is full", next_step="Make room", example={"n": 1}
    )


def postpone(store: Store) -> object:
    """The posting may or may not have happened."""
    held = Delivery(
        card_key=CARD,
        surface="slack",
        state=DeliveryState.SENDING,
        revision=0,
        channel_id="C1",
        sending_since=START,
    )
    state, later = DeliveryState.UNKNOWN, START + TEN
    return outbox_actions.postpone(
        store, CARD, surface="slack", held=held, state=state, not_before=later, error="it hung up"
    )


def reading(value: str) -> Reading:
    """One reading of the disk, always of the same moment."""
    return Reading(metric="disk", agent_id="watch", at=START, value=value, unit="%")


def alert() -> Alert:
    """The disk is nearly full."""
    return Alert(
        id="alert_1",
        agent_id="watch",
        run_id=RUN,
        metric="disk",
        title="Disk nearly full",
        value="97",
        unit="%",
        expected="at most 90 %",
        upper="90",
        since=START,
        last_at=START,
        state=AlertState.OPEN,
        next_step="Make room",
        series=(reading("97"),),
    )


def snoozed_alert(store: Store) -> None:
    """The disk is nearly full, nobody wants to hear of it for ten seconds, and they are over."""
    raise_alert(store, alert())
    answer_alert(store, "alert_1", ANA, Said(AnswerKind.SNOOZED, until=START + TEN))
    assert isinstance(store.clock, ManualClock)
    store.clock.move_to(START + TEN)


def digest() -> Digest:
    """A day without news."""
    return Digest(
        id="digest_1",
        agent_id="watch",
        run_id=RUN,
        name="digest",
        title="The day",
        window_from=START - timedelta(days=1),
        window_until=START,
        headline="Quiet",
        written_by="watch",
        published_at=START,
    )


def receipt() -> Receipt:
    """What the run knew."""
    layer = Layer(name="role", owner="workspace", version="w1", size_bytes=12)
    return Receipt(run_id=RUN, layers=(layer,), digest="d", context={"role": {"agent": "watch"}}, booted_at=START)


def schedule(schedule_id: str = "watch-often") -> Schedule:
    """Every ten seconds, a run replaces the one before."""
    return Schedule(
        id=schedule_id,
        agent_id="watch",
        every_seconds=10,
        timezone="UTC",
        misfire=Misfire.RUN_ALL,
        misfire_max=5,
        overlap=Overlap.CANCEL_RUNNING,
        lateness_seconds=5,
        limits=LIMITS,
        workspace_digest="w1",
        next_fire_at=START,
    )


def run(store: Store) -> Run:
    """The run that most scenes are about."""
    return runs.run(store, RUN)


def step_state(store: Store) -> StepState | None:
    """How its only step stands."""
    step = next(iter(runs.steps(store, RUN)), None)
    return step.state if step else None


def approval(store: Store) -> Approval:
    """The approval it asked for, as opposed to that one's successor."""
    [first] = [found for found in approvals.approvals_of_run(store, RUN) if found.supersedes is None]
    return first


def delivery(store: Store) -> Delivery | None:
    """How its card stands on Slack."""
    return cards.delivery(store, CARD, "slack")


def only_card(store: Store) -> CardRow:
    """The one card there is."""
    [row] = cards.all_cards(store)
    return row


def due_on_console(store: Store) -> list[str]:
    """Which cards the console must still be given."""
    return [due.card.key for due in cards.due_deliveries(store, "console", store.clock.now())]


def strikes(store: Store) -> list[int]:
    """How often each open incident has struck."""
    return [incident.count for incident in incidents.open_incidents(store)]


def alert_state(store: Store) -> AlertState | None:
    """How the alert of the disk stands; None when it is cleared."""
    found = findings.open_alert(store, "watch", "disk")
    return found.state if found else None


def outcomes(store: Store) -> list[str]:
    """How the due times ended, latest first."""
    return [row.outcome.value for row in schedules.occurrences(store)]


def unhandled(store: Store) -> list[str]:
    """What came in and has not been acted on."""
    return [event.key for event in inbox.unhandled_events(store, START + TEN)]


def home_shown(store: Store) -> None:
    """Ana's page, published once."""
    known = open_home(store, surface="slack", account="U1", person_id="ana", view_hash="1.a")
    home_published(store, known, digest="d1", view_hash="1.a")


def home(store: Store) -> HomeTab:
    """Ana's page."""
    known = homes.home(store, "slack", "U1")
    assert known is not None
    return known


VERDICT = Feedback(
    card_key="digest:d1",
    person_id="ana",
    agent_id="watch",
    record_id="d1",
    verdict=FeedbackVerdict.NOT_USEFUL,
    words="Too long.",
    surface="slack",
    at=START,
)
