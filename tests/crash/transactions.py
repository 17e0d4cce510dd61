"""Every transaction there is: a scene in which it has something to do, the call, and what shows that it happened."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from store.actions import Store
from store.actions.agents import switch_agent, switch_agents
from store.actions.alerts import Said, answer_alert, clear_alert, raise_alert, wake_alert
from store.actions.approvals import expire_approval, refuse_approved, resume_approved
from store.actions.arrivals import start_on_arrival
from store.actions.channels import note_channel, regain_channel
from store.actions.decisions import acknowledge_decision, record_decision, uphold_decision
from store.actions.feedback import give_feedback
from store.actions.findings import publish_digest, record_readings
from store.actions.handoffs import accept_handoff, release_route, return_handoff
from store.actions.homes import close_home, home_published, open_home, turn_home
from store.actions.inbox import close_event
from store.actions.incidents import close_incident
from store.actions.marks import mark_wrong, withdraw_mark
from store.actions.notes import acknowledge_note, escalate_note
from store.actions.outbox import (
    begin_post,
    doubt_post,
    join_surface,
    make_findable,
    mark_shown,
    offer_again,
    omit,
    refresh_fleet,
    remember_channel,
    remember_upload,
    save_snapshot,
    settle_cards,
    show_role,
)
from store.actions.restores import begin_after_restore, record_restore
from store.actions.retention import forget_rows, forget_runs, note_sweep
from store.actions.runs import begin_segment, finish_run, request_stop, retry_run, save_receipt, time_out_run
from store.actions.schedules import add_evidence, install_schedules, pause_schedule
from store.actions.steps import begin_step, record_read, refuse_step, settle_step
from store.actions.task_claims import claim_task, lapse_claim, release_task, renew_task
from store.actions.tasks import assign_task, escalate_task, move_task, update_task
from store.actions.topics import install_topic, review_proposal, write_topic
from store.actions.watching import install_watches, note_watch_problem
from store.actions.workers import beat
from store.actions.workspaces import adopt_workspace, dismiss_run, note_sound
from store.queries import (
    approvals,
    audit,
    cards,
    decisions,
    feedback,
    findings,
    homes,
    marks,
    minds,
    notes,
    restores,
    runs,
    schedules,
    tasks,
    topics,
    watching,
    workers,
)
from store.queries.messages import messages
from store.queries.retention import forgettable, last_swept_at
from store.queries.sought import find
from store.records import (
    Actor,
    ActorKind,
    AgentState,
    AlertState,
    AnswerKind,
    ApprovalState,
    CardKind,
    DeliveryState,
    HandoffState,
    HomeShow,
    InboxState,
    OfferState,
    OutputKind,
    Owner,
    Retention,
    RunState,
    Sought,
    StepState,
    Swept,
    TaskState,
    Upload,
)
from store.retained import RULES, RUN_STAGES
from tests.crash import scenes
from tests.crash.scenes import ANA, BEN, CARD, RUN, START, TASK, TEN
from tests.store import handed, samples, watched
from tests.store.samples import LIMITS, intent

SOUGHT = Sought(
    kind=CardKind.RUN, record_id=RUN, card_key=CARD, channel="watch", at=START, state="Done", title="Disk", summary=""
)
MONTH = 31 * 86_400


class Again(StrEnum):
    """What a repetition does, as the action's docstring has it."""

    NOTHING = "nothing"
    NOTED = "noted"
    """The trail or a card says so; what happened stays as it is."""
    COUNTED = "counted"
    """It happens once more, on purpose."""


@dataclass(frozen=True)
class Case:
    """`look` reads the state that matters: `was` before the call, `becomes` after it."""

    scene: Callable[[Store], object]
    act: Callable[[Store], object]
    look: Callable[[Store], object]
    was: object
    becomes: object
    again: Again = Again.NOTHING


CASES: dict[str, Case] = {
    "agents.switch": Case(
        scenes.nothing,
        lambda store: switch_agent(store, "watch", ANA, state=AgentState.PAUSED, reason="holiday"),
        lambda store: schedules.agent_paused(store, "watch"),
        was=False,
        becomes=True,
        again=Again.NOTED,
    ),
    "agents.switch_all": Case(
        scenes.nothing,
        lambda store: switch_agents(store, ("watch", "other"), ANA, state=AgentState.PAUSED),
        lambda store: [schedules.agent_paused(store, agent_id) for agent_id in ("watch", "other")],
        was=[False, False],
        becomes=[True, True],
    ),
    "approvals.claim": Case(
        scenes.approved,
        scenes.claim,
        lambda store: (scenes.approval(store).state, scenes.step_state(store)),
        was=(ApprovalState.APPROVED, StepState.WAITING),
        becomes=(ApprovalState.EXECUTING, StepState.STARTED),
    ),
    "approvals.decide": Case(
        scenes.asked,
        scenes.decide,
        lambda store: (scenes.approval(store).state, scenes.run(store).state),
        was=(ApprovalState.OPEN, RunState.WAITING),
        becomes=(ApprovalState.APPROVED, RunState.QUEUED),
        again=Again.NOTED,
    ),
    "approvals.edit": Case(
        scenes.asked,
        scenes.edit,
        lambda store: {found.arguments["n"]: found.state for found in approvals.approvals_of_run(store, RUN)},
        was={0: ApprovalState.OPEN},
        becomes={0: ApprovalState.SUPERSEDED, 7: ApprovalState.OPEN},
    ),
    "approvals.expire": Case(
        scenes.then(scenes.asked, scenes.passing(60)),
        lambda store: expire_approval(store, scenes.approval(store).id),
        lambda store: (scenes.approval(store).state, scenes.step_state(store), scenes.run(store).state),
        was=(ApprovalState.OPEN, StepState.WAITING, RunState.WAITING),
        becomes=(ApprovalState.EXPIRED, StepState.REFUSED, RunState.QUEUED),
    ),
    "approvals.put_off": Case(
        scenes.approved,
        scenes.put_off,
        lambda store: (scenes.approval(store).state, scenes.step_state(store), scenes.run(store).state),
        was=(ApprovalState.APPROVED, StepState.WAITING, RunState.RUNNING),
        becomes=(ApprovalState.APPROVED, StepState.WAITING, RunState.WAITING),
    ),
    "approvals.resume": Case(
        scenes.then(scenes.approved, scenes.put_off),
        lambda store: resume_approved(store, scenes.approval(store).id),
        lambda store: scenes.run(store).state,
        was=RunState.WAITING,
        becomes=RunState.QUEUED,
    ),
    "approvals.refuse": Case(
        scenes.approved,
        lambda store: refuse_approved(store, scenes.approval(store).id, "the policy changed"),
        lambda store: (scenes.approval(store).state, scenes.step_state(store)),
        was=(ApprovalState.APPROVED, StepState.WAITING),
        becomes=(ApprovalState.REFUSED, StepState.REFUSED),
    ),
    "approvals.request": Case(
        lambda store: samples.running(store, by=ANA),
        lambda store: samples.asked(store, scenes.run(store)),
        lambda store: (scenes.run(store).state, scenes.step_state(store), len(approvals.open_approvals(store))),
        was=(RunState.RUNNING, None, 0),
        becomes=(RunState.WAITING, StepState.WAITING, 1),
    ),
    "arrivals.start": Case(
        scenes.then(scenes.watched, scenes.passing(30)),
        lambda store: start_on_arrival(store, scenes.on_arrival()),
        lambda store: [found.trigger.watch_id for found in runs.recent_runs(store)],
        was=[],
        becomes=["watch.alerts"],
    ),
    "feedback.give": Case(
        scenes.nothing,
        lambda store: give_feedback(store, scenes.VERDICT),
        lambda store: feedback.feedback_since(store, START),
        was=[],
        becomes=[scenes.VERDICT],
        again=Again.NOTED,
    ),
    "alerts.answer": Case(
        lambda store: raise_alert(store, scenes.alert()),
        lambda store: answer_alert(store, "alert_1", ANA, Said(AnswerKind.ACKNOWLEDGED)),
        scenes.alert_state,
        was=AlertState.OPEN,
        becomes=AlertState.ACKNOWLEDGED,
    ),
    "alerts.wake": Case(
        scenes.snoozed_alert,
        lambda store: wake_alert(store, "alert_1"),
        scenes.alert_state,
        was=AlertState.SNOOZED,
        becomes=AlertState.OPEN,
    ),
    "alerts.raise": Case(
        scenes.nothing,
        lambda store: raise_alert(store, scenes.alert()),
        scenes.alert_state,
        was=None,
        becomes=AlertState.OPEN,
        again=Again.NOTED,
    ),
    "alerts.clear": Case(
        lambda store: raise_alert(store, scenes.alert()),
        lambda store: clear_alert(store, "watch", "disk"),
        scenes.alert_state,
        was=AlertState.OPEN,
        becomes=None,
    ),
    "findings.digest": Case(
        scenes.nothing,
        lambda store: publish_digest(store, scenes.digest()),
        lambda store: [row.key for row in cards.all_cards(store)],
        was=[],
        becomes=["digest:digest_1"],
    ),
    "findings.readings": Case(
        scenes.nothing,
        lambda store: record_readings(store, [scenes.reading("97"), scenes.reading("98")]),
        lambda store: [one.value for one in findings.readings(store, "disk", START)],
        was=[],
        becomes=["97"],
    ),
    "homes.open": Case(
        scenes.nothing,
        lambda store: open_home(store, surface="slack", account="U1", person_id="ana", view_hash="1.a"),
        lambda store: [one.person_id for one in homes.homes_opened_since(store, START)],
        was=[],
        becomes=["ana"],
    ),
    "homes.turn": Case(
        scenes.home_shown,
        lambda store: turn_home(store, surface="slack", account="U1", person_id="ana", show=HomeShow.PAUSED, page=2),
        lambda store: (scenes.home(store).show, scenes.home(store).page, scenes.home(store).shown_digest),
        was=(HomeShow.ALL, 1, "d1"),
        becomes=(HomeShow.PAUSED, 2, None),
    ),
    "handoffs.send": Case(
        lambda store: samples.running(store, by=ANA),
        lambda store: handed.sent(store, scenes.run(store)),
        lambda store: (handed.states(store), [one.agent_id for one in runs.recent_runs(store, "chief")]),
        was=([], []),
        becomes=([HandoffState.SENT], ["chief"]),
    ),
    "handoffs.accept": Case(
        handed.taken,
        lambda store: accept_handoff(store, handed.ID, handed.chief(store).id),
        handed.states,
        was=[HandoffState.SENT],
        becomes=[HandoffState.ACCEPTED],
    ),
    "handoffs.return": Case(
        handed.taken,
        lambda store: return_handoff(store, handed.ID, handed.chief(store).id, "not mine", handed.TERMS),
        lambda store: (handed.states(store), handed.breaker(store).returns),
        was=([HandoffState.SENT], 0),
        becomes=([HandoffState.RETURNED], 1),
    ),
    "handoffs.release": Case(
        handed.held,
        lambda store: release_route(store, handed.ROUTE, ANA),
        lambda store: (sorted(handed.states(store)), handed.breaker(store).is_open),
        was=([HandoffState.HELD, HandoffState.REFUSED], True),
        becomes=([HandoffState.REFUSED, HandoffState.SENT], False),
    ),
    "homes.close": Case(
        scenes.home_shown,
        lambda store: close_home(store, scenes.home(store)),
        lambda store: (scenes.home(store).person_id, scenes.home(store).shown_digest),
        was=("ana", "d1"),
        becomes=(None, None),
    ),
    "homes.published": Case(
        scenes.home_shown,
        lambda store: home_published(store, scenes.home(store), digest="d2", view_hash="2.b"),
        lambda store: (scenes.home(store).shown_digest, scenes.home(store).view_hash),
        was=("d1", "1.a"),
        becomes=("d2", "2.b"),
    ),
    "inbox.close": Case(
        scenes.receive,
        lambda store: close_event(
            store, surface="slack", key="e1", state=InboxState.HANDLED, answer="No.", refused_by="intake.stranger"
        ),
        scenes.unhandled,
        was=["e1"],
        becomes=[],
    ),
    "inbox.receive": Case(scenes.nothing, scenes.receive, scenes.unhandled, was=[], becomes=["e1"]),
    "incidents.close": Case(
        scenes.strike,
        lambda store: close_incident(store, scenes.only_card(store).record_id, ANA),
        scenes.strikes,
        was=[1],
        becomes=[],
    ),
    "incidents.record": Case(scenes.strike, scenes.strike, scenes.strikes, was=[1], becomes=[2], again=Again.COUNTED),
    "channels.lose": Case(
        scenes.nothing,
        scenes.lose_channel,
        scenes.lost_channels,
        was=[],
        becomes=[scenes.LOST],
    ),
    "channels.note": Case(
        scenes.nothing,
        lambda store: note_channel(store, "slack", "C1", change="renamed", name="deck"),
        lambda store: [event.kind for event in audit.events_for(store, "channel", "slack:C1")],
        was=[],
        becomes=["channel.renamed"],
        again=Again.NOTED,
    ),
    "channels.regain": Case(
        scenes.lose_channel,
        lambda store: regain_channel(store, "slack", "C1"),
        scenes.lost_channels,
        was=[scenes.LOST],
        becomes=[],
    ),
    "marks.wrong": Case(
        handed.used,
        lambda store: mark_wrong(store, handed.MARK, ANA),
        lambda store: [one.by for one in marks.marks_on(store, OutputKind.HANDOFF, handed.ID)],
        was=[],
        becomes=["ana"],
    ),
    "marks.withdraw": Case(
        scenes.then(handed.used, lambda store: mark_wrong(store, handed.MARK, ANA)),
        lambda store: withdraw_mark(store, handed.MARK.id, ANA),
        lambda store: [one.by for one in marks.marks_on(store, OutputKind.HANDOFF, handed.ID)],
        was=["ana"],
        becomes=[],
    ),
    "messages.add": Case(
        samples.running,
        scenes.write_to_run,
        lambda store: [one.text for one in messages(store, RUN)],
        was=[],
        becomes=["wait"],
    ),
    "outbox.begin_post": Case(
        samples.requested,
        lambda store: begin_post(store, CARD, surface="slack", channel_id="C1"),
        lambda store: scenes.delivery(store) is None,
        was=True,
        becomes=False,
    ),
    "outbox.findable": Case(
        scenes.nothing,
        lambda store: make_findable(store, ((SOUGHT, "Disk is full"),)),
        lambda store: [found.record_id for found in find(store, "full")],
        was=[],
        becomes=[RUN],
    ),
    "outbox.doubt": Case(
        samples.requested,
        lambda store: doubt_post(store, CARD, surface="slack", channel_id="C1", since=START),
        lambda store: delivery.state if (delivery := scenes.delivery(store)) is not None else None,
        was=None,
        becomes=DeliveryState.UNKNOWN,
    ),
    "retention.runs": Case(
        scenes.then(samples.running, lambda store: finish_run(store, RUN, state=RunState.DONE), scenes.passing(MONTH)),
        lambda store: forget_runs(store, RUN_STAGES[0], Retention().cutoffs(store.clock.now())),
        lambda store: forgettable(store, Retention().cutoffs(store.clock.now())).counts.get(RUN_STAGES[0].what),
        was=1,
        becomes=None,
    ),
    "retention.rows": Case(
        scenes.then(
            scenes.receive,
            lambda store: close_event(store, surface="slack", key="e1", state=InboxState.HANDLED, answer="Yes."),
            scenes.passing(MONTH),
        ),
        lambda store: forget_rows(store, 0, Retention().cutoffs(store.clock.now())),
        lambda store: forgettable(store, Retention().cutoffs(store.clock.now())).counts.get(RULES[0].what),
        was=1,
        becomes=None,
    ),
    "retention.swept": Case(
        scenes.nothing,
        lambda store: note_sweep(store, Retention().cutoffs(store.clock.now()), Swept()),
        lambda store: last_swept_at(store) is not None,
        was=False,
        becomes=True,
        again=Again.NOTED,
    ),
    "restores.record": Case(
        samples.running,
        lambda store: record_restore(store, backup_at=START, archive_sha256="a1"),
        lambda store: (scenes.run(store).state, restores.latest_restore(store) is not None),
        was=(RunState.RUNNING, False),
        becomes=(RunState.QUEUED, True),
    ),
    "restores.begin": Case(
        lambda store: record_restore(store, backup_at=START, archive_sha256="a1"),
        begin_after_restore,
        lambda store: found.careful_until is not None if (found := restores.latest_restore(store)) else None,
        was=False,
        becomes=True,
    ),
    "outbox.channel": Case(
        scenes.nothing,
        lambda store: remember_channel(store, surface="slack", name="watch", channel_id="C1", since=START),
        lambda store: cards.known_channels(store, "slack"),
        was={},
        becomes={"watch": "C1"},
    ),
    "outbox.upload": Case(
        scenes.nothing,
        lambda store: remember_upload(store, Upload(file_id="F1", complete=True), surface="slack", digest="d1"),
        lambda store: cards.upload(store, "slack", "d1"),
        was=None,
        becomes=Upload(file_id="F1", complete=True),
    ),
    "outbox.fleet": Case(
        refresh_fleet,
        refresh_fleet,
        lambda store: scenes.only_card(store).revision,
        was=1,
        becomes=2,
        again=Again.NOTED,
    ),
    "outbox.join": Case(
        scenes.settled,
        lambda store: join_surface(store, "console", START - TEN),
        scenes.due_on_console,
        was=[],
        becomes=[CARD],
    ),
    "outbox.offer_again": Case(
        scenes.refused,
        lambda store: offer_again(store, "slack", START - TEN),
        lambda store: [found.state for found in [scenes.delivery(store)] if found],
        was=[DeliveryState.REFUSED],
        becomes=[DeliveryState.PENDING],
    ),
    "outbox.omit": Case(
        samples.requested,
        lambda store: omit(store, CARD, surface="console"),
        scenes.due_on_console,
        was=[CARD],
        becomes=[],
    ),
    "outbox.postpone": Case(
        scenes.posting,
        scenes.postpone,
        lambda store: [found.state for found in [scenes.delivery(store)] if found],
        was=[DeliveryState.SENDING],
        becomes=[DeliveryState.UNKNOWN],
    ),
    "outbox.role": Case(
        scenes.nothing,
        lambda store: show_role(store, "watch"),
        lambda store: [row.kind for row in cards.all_cards(store)],
        was=[],
        becomes=[CardKind.ROLE],
        again=Again.NOTED,
    ),
    "outbox.settle": Case(
        scenes.shown,
        lambda store: settle_cards(store, ("slack",)),
        scenes.due_on_console,
        was=[CARD],
        becomes=[],
    ),
    "outbox.shown": Case(
        scenes.posting,
        lambda store: mark_shown(store, CARD, surface="slack", message_id="m1", revision=1),
        lambda store: [found.message_id for found in [scenes.delivery(store)] if found],
        was=[None],
        becomes=["m1"],
    ),
    "outbox.snapshot": Case(
        samples.requested,
        lambda store: save_snapshot(store, CARD, revision=1, snapshot={"title": "Watch"}),
        lambda store: scenes.only_card(store).snapshot,
        was=None,
        becomes={"title": "Watch"},
    ),
    "runs.begin_segment": Case(
        samples.requested,
        lambda store: begin_segment(store, RUN, 0),
        lambda store: scenes.run(store).state,
        was=RunState.QUEUED,
        becomes=RunState.RUNNING,
        again=Again.NOTED,
    ),
    "runs.finish": Case(
        scenes.then(scenes.claiming, scenes.holding),
        lambda store: finish_run(store, RUN, state=RunState.DONE, result={"n": 1}, segment=0),
        lambda store: (scenes.run(store).state, scenes.run(store).spent_micros, scenes.offered(store)),
        was=(RunState.RUNNING, 0, [(OfferState.CLAIMED, RUN)] * 2),
        becomes=(RunState.DONE, 300, [(OfferState.READ, RUN)] * 2),
    ),
    "runs.request": Case(
        scenes.nothing,
        samples.requested,
        lambda store: [segment.key for segment in runs.runnable_segments(store)],
        was=[],
        becomes=[f"{RUN}/0"],
    ),
    "runs.request_stop": Case(
        scenes.asked,
        lambda store: request_stop(store, RUN, BEN),
        lambda store: (scenes.run(store).state, scenes.approval(store).state),
        was=(RunState.WAITING, ApprovalState.OPEN),
        becomes=(RunState.CANCELLED, ApprovalState.WITHDRAWN),
    ),
    "runs.retry": Case(
        samples.running,
        lambda store: retry_run(store, RUN, "it broke"),
        lambda store: (scenes.run(store).state, scenes.run(store).segment, scenes.run(store).attempt),
        was=(RunState.RUNNING, 0, 1),
        becomes=(RunState.QUEUED, 1, 2),
    ),
    "runs.save_receipt": Case(
        samples.running,
        lambda store: save_receipt(store, scenes.receipt()),
        lambda store: runs.receipt(store, RUN),
        was=None,
        becomes=scenes.receipt(),
    ),
    "runs.time_out": Case(
        scenes.then(scenes.claiming, scenes.holding, scenes.passing(LIMITS.wall_seconds)),
        lambda store: time_out_run(store, RUN),
        lambda store: (scenes.run(store).state, scenes.strikes(store), scenes.offered(store)),
        was=(RunState.RUNNING, [], [(OfferState.CLAIMED, RUN)] * 2),
        becomes=(RunState.TIMED_OUT, [1], [(OfferState.OPEN, None)] * 2),
    ),
    "schedules.evidence": Case(
        scenes.fired_once,
        lambda store: add_evidence(store, "watch-often", START, {"event": "missed"}),
        lambda store: [len(row.evidence) for row in schedules.occurrences(store)],
        was=[0],
        becomes=[1],
        again=Again.COUNTED,
    ),
    "schedules.fire": Case(
        scenes.fired_once,
        scenes.fire,
        scenes.outcomes,
        was=["pending"],
        becomes=["pending", "pending", "missed", "skipped"],
    ),
    "schedules.install": Case(
        lambda store: install_schedules(store, [scenes.schedule("gone")]),
        scenes.installed,
        lambda store: [found.id for found in schedules.live_schedules(store)],
        was=["gone"],
        becomes=["watch-often"],
    ),
    "schedules.pause": Case(
        scenes.installed,
        lambda store: pause_schedule(store, "watch-often", ANA, paused=True),
        lambda store: [found.paused for found in schedules.live_schedules(store)],
        was=[False],
        becomes=[True],
        again=Again.NOTED,
    ),
    "steps.begin": Case(
        samples.running,
        lambda store: begin_step(store, intent(scenes.run(store), hold_micros=300)),
        lambda store: (scenes.step_state(store), scenes.run(store).held_micros, scenes.run(store).step_count),
        was=(None, 0, 0),
        becomes=(StepState.STARTED, 300, 1),
        again=Again.COUNTED,
    ),
    "steps.record_read": Case(
        samples.running,
        lambda store: record_read(store, intent(scenes.run(store)), result={"n": 1.5}, taint=True),
        lambda store: (scenes.step_state(store), scenes.run(store).step_count, scenes.run(store).tainted),
        was=(None, 0, False),
        becomes=(StepState.DONE, 1, True),
    ),
    "steps.refuse": Case(
        samples.running,
        lambda store: refuse_step(store, intent(scenes.run(store)), reason="not in scope", rule_id="scope"),
        lambda store: (scenes.step_state(store), scenes.run(store).step_count),
        was=(None, 0),
        becomes=(StepState.REFUSED, 1),
    ),
    "steps.settle": Case(
        scenes.then(scenes.approved, scenes.claim),
        lambda store: settle_step(store, RUN, "t0", state=StepState.UNKNOWN, error="it hung up", spent_micros=200),
        lambda store: (scenes.step_state(store), scenes.approval(store).state, scenes.strikes(store)),
        was=(StepState.STARTED, ApprovalState.EXECUTING, []),
        becomes=(StepState.UNKNOWN, ApprovalState.UNKNOWN, [1]),
    ),
    "tasks.assign": Case(
        scenes.task,
        lambda store: assign_task(store, TASK, ANA, to=Owner(person_id="ben")),
        lambda store: tasks.task(store, TASK).owner,
        was=Owner(agent_id="watch"),
        becomes=Owner(person_id="ben"),
    ),
    "tasks.create": Case(
        scenes.nothing,
        scenes.task,
        lambda store: [one.id for one in tasks.tasks(store)],
        was=[],
        becomes=[TASK],
    ),
    "tasks.claim": Case(
        scenes.then(scenes.task, samples.running),
        lambda store: claim_task(store, TASK, RUN),
        lambda store: (tasks.task(store, TASK).state, tasks.task(store, TASK).held_by),
        was=(TaskState.OPEN, None),
        becomes=(TaskState.IN_PROGRESS, RUN),
    ),
    "tasks.renew": Case(
        scenes.then(scenes.claimed_task, scenes.passing(30)),
        lambda store: renew_task(store, TASK, RUN),
        lambda store: tasks.task(store, TASK).held_until,
        was=START + 6 * TEN,
        becomes=START + 9 * TEN,
    ),
    "tasks.release": Case(
        scenes.claimed_task,
        lambda store: release_task(store, TASK, RUN, "too hard"),
        lambda store: (tasks.task(store, TASK).state, tasks.task(store, TASK).held_by),
        was=(TaskState.IN_PROGRESS, RUN),
        becomes=(TaskState.OPEN, None),
    ),
    "tasks.lapse": Case(
        scenes.then(scenes.claimed_task, scenes.passing(60)),
        lambda store: lapse_claim(store, TASK),
        lambda store: (tasks.task(store, TASK).state, tasks.task(store, TASK).held_by),
        was=(TaskState.IN_PROGRESS, RUN),
        becomes=(TaskState.OPEN, None),
    ),
    "tasks.escalate": Case(
        scenes.overdue_task,
        lambda store: escalate_task(store, TASK),
        lambda store: (tasks.task(store, TASK).escalated_at, scenes.strikes(store)),
        was=(None, []),
        becomes=(START, [1]),
    ),
    "tasks.update": Case(
        scenes.task,
        lambda store: update_task(store, TASK, ANA, changes={"title": "Look again"}),
        lambda store: tasks.task(store, TASK).title,
        was="Look",
        becomes="Look again",
    ),
    "notes.send": Case(
        scenes.nothing,
        scenes.note,
        lambda store: [one.id for one in notes.unread_notes(store)],
        was=[],
        becomes=["note_1"],
    ),
    "notes.acknowledge": Case(
        scenes.note,
        lambda store: acknowledge_note(store, "note_1", ANA, "seen"),
        lambda store: [one.id for one in notes.unread_notes(store)],
        was=["note_1"],
        becomes=[],
    ),
    "notes.escalate": Case(
        scenes.note,
        lambda store: escalate_note(store, "note_1"),
        lambda store: (notes.note(store, "note_1").escalated_at, scenes.strikes(store)),
        was=(None, []),
        becomes=(START, [1]),
    ),
    "decisions.record": Case(
        lambda store: record_decision(store, scenes.decision()),
        lambda store: record_decision(store, scenes.decision("b", "no", supersedes="decision_a")),
        lambda store: [one.id for one in decisions.decisions(store)],
        was=["decision_a"],
        becomes=["decision_b"],
    ),
    "decisions.uphold": Case(
        scenes.contradicting,
        lambda store: uphold_decision(store, "decision_b", ANA),
        lambda store: ([one.id for one in decisions.decisions(store)], scenes.strikes(store)),
        was=(["decision_a", "decision_b"], [1]),
        becomes=(["decision_b"], []),
    ),
    "decisions.acknowledge": Case(
        lambda store: record_decision(store, scenes.decision()),
        lambda store: acknowledge_decision(store, "decision_a", Actor(kind=ActorKind.AGENT, id="watch")),
        lambda store: [missing for _, missing in decisions.unacknowledged(store)],
        was=[("watch",)],
        becomes=[],
    ),
    "topics.write": Case(
        lambda store: write_topic(store, scenes.version("old"), writer="watch"),
        lambda store: write_topic(store, scenes.version("new"), writer="watch"),
        lambda store: [one.text for one in topics.versions(store, "site")],
        was=["old"],
        becomes=["new", "old"],
    ),
    "topics.propose": Case(
        scenes.nothing,
        scenes.proposed,
        lambda store: [one.id for one in topics.waiting_proposals(store)],
        was=[],
        becomes=["proposal_1"],
    ),
    "topics.review": Case(
        scenes.proposed,
        lambda store: review_proposal(store, "proposal_1", ANA, accept=True, reason="right"),
        lambda store: ([one.text for one in topics.versions(store, "site")], len(topics.waiting_proposals(store))),
        was=([], 1),
        becomes=(["new"], 0),
    ),
    "topics.install": Case(
        scenes.nothing,
        lambda store: install_topic(store, "site", "from the file"),
        lambda store: [one.text for one in topics.versions(store, "site")],
        was=[],
        becomes=["from the file"],
    ),
    "tasks.move": Case(
        scenes.task,
        lambda store: move_task(store, TASK, ANA, to=TaskState.BLOCKED, reason="no access"),
        lambda store: tasks.task(store, TASK).state,
        was=TaskState.OPEN,
        becomes=TaskState.BLOCKED,
    ),
    "watching.claim": Case(
        scenes.then(scenes.watched, samples.running),
        lambda store: watched.claim(store, scenes.run(store)),
        scenes.offered,
        was=[(OfferState.OPEN, None), (OfferState.OPEN, None)],
        becomes=[(OfferState.CLAIMED, RUN), (OfferState.CLAIMED, RUN)],
    ),
    "watching.install": Case(
        scenes.watched,
        lambda store: install_watches(store, [watched.a_reader(channel_id="C0OTHER01")]),
        lambda store: ([one.channel_id for one in watching.readers(store)], scenes.offered(store)),
        was=([watched.CHANNEL], [(OfferState.OPEN, None), (OfferState.OPEN, None)]),
        becomes=(["C0OTHER01"], []),
    ),
    "watching.keep": Case(
        lambda store: install_watches(store, [watched.a_reader()]),
        scenes.hear,
        lambda store: (scenes.offered(store), scenes.cursor_at(store)),
        was=([], 0),
        becomes=([(OfferState.OPEN, None), (OfferState.OPEN, None)], 2),
    ),
    "watching.problem": Case(
        scenes.watched,
        lambda store: note_watch_problem(store, "slack", watched.CHANNEL, "not a member"),
        lambda store: ([one.problem for one in watching.cursors(store, "slack")], scenes.strikes(store)),
        was=([None], []),
        becomes=(["not a member"], [1]),
    ),
    "workers.beat": Case(
        scenes.nothing,
        lambda store: beat(store, "one", START),
        lambda store: workers.alive_executors(store, START - TEN),
        was=set(),
        becomes={"one"},
    ),
    "workspace.adopt": Case(
        scenes.installed,
        lambda store: adopt_workspace(store, scenes.workspace("w2", scenes.schedule("other")), ANA, previous="w1"),
        lambda store: (
            [found.id for found in schedules.live_schedules(store)],
            minds.kept_mind(store, "w2", "watch") is not None,
        ),
        was=(["watch-often"], False),
        becomes=(["other"], True),
        again=Again.NOTED,
    ),
    "workspace.dismiss": Case(
        samples.requested,
        lambda store: dismiss_run(store, scenes.run(store).id),
        lambda store: scenes.run(store).state,
        was=RunState.QUEUED,
        becomes=RunState.CANCELLED,
    ),
    "workspace.sound": Case(
        scenes.unsound,
        note_sound,
        scenes.strikes,
        was=[1],
        becomes=[],
    ),
    "workspace.unsound": Case(
        scenes.nothing,
        scenes.unsound,
        scenes.strikes,
        was=[],
        becomes=[1],
        again=Again.COUNTED,
    ),
}
"""By the name of the transaction; a test holds the names equal to those that are declared."""
