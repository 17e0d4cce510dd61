"""One sample record of each kind and state, and the cards built from them. Other suites build on these too."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from blocks.cards import (
    CardView,
    alert_card,
    approval_card,
    decision_card,
    digest_card,
    fleet_card,
    incident_card,
    log_card,
    notice_card,
    proposal_card,
    role_card,
    run_card,
    task_card,
)
from blocks.elements import Button, Card, FieldKind, Form, FormButton, FormField, Menu, Option, Tone
from store.kernel.canonical import JsonObject, call_hash, canonical_bytes
from store.records import (
    SYSTEM,
    Access,
    Actor,
    ActorKind,
    AgentState,
    AgentView,
    Alert,
    AlertState,
    Approval,
    ApprovalState,
    Author,
    Decided,
    Decision,
    DecisionStanding,
    Digest,
    Figure,
    Fleet,
    Frame,
    Incident,
    IncidentState,
    Missing,
    Need,
    NeedsMe,
    Proposal,
    ProposalState,
    QuotedMessage,
    Reading,
    Recommendation,
    Requirement,
    Role,
    Run,
    RunLimits,
    RunMessage,
    RunState,
    Section,
    Standing,
    Step,
    StepKind,
    StepState,
    Task,
    TaskState,
    Trigger,
    TriggerKind,
    Undo,
    UndoState,
    Vote,
    WorkCounts,
)

NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)
"""The moment all samples stand at: 14:30 in Berlin."""

VIEW = CardView(
    timezone="Europe/Berlin",
    agent_names={"machine-watch": "Machine Watch", "note-taker": "Note Taker"},
    person_names={"ana": "Ana Duarte", "bo": "Bo Lindqvist"},
    console_url="http://127.0.0.1:8420",
)

ANA = Actor(kind=ActorKind.PERSON, id="ana", surface="slack")
AGENT = Actor(kind=ActorKind.AGENT, id="machine-watch")

HOSTILE = (
    "<!channel> <@U0123456789> @everyone @here <@&123456789012345678> <#C1> *bold* _it_ ~no~ `code` ```fence``` "
    "[click me](https://evil.test) <https://evil.test|bank.test> https://evil.test/a_b <script>alert(1)</script> "
    "<img src=x onerror=alert(1)> \"'><b> &amp; </pre></article> # head\n- list\n> quote\n1. one\n-# small\n"
    "||spoiler|| \u202egnp.exe\u202c zero\u200bwidth \x1b[31mred\x1b[0m \x07 p\u0430ypal </t:1:R> <t:1:R> <:e:1> "
    "</cmd:1> \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \U0001f469\u200d\U0001f469\u200d\U0001f467 "
    "\u2764\ufe0f {{ 7*7 }} {% raw %}"
)
"""Everything that has ever pinged, linked, formatted, reordered or run where plain text was meant."""


def run(state: RunState = RunState.RUNNING, **changes: object) -> Run:
    final = state.is_final
    base = Run(
        id="run_aaaaaaaaaaaaaaaa",
        agent_id="machine-watch",
        trigger=Trigger(
            kind=TriggerKind.SCHEDULE,
            key="machine-watch.daily@2026-11-21T13:00",
            initiator=SYSTEM,
            schedule_id="machine-watch.daily",
            due_at=NOW - timedelta(minutes=30),
        ),
        state=state,
        segment=0,
        attempt=1,
        limits=RunLimits(max_steps=40, max_cost_micros=1_000_000, wall_seconds=600),
        tainted=False,
        created_at=NOW - timedelta(minutes=30),
        started_at=None if state is RunState.QUEUED else NOW - timedelta(minutes=29),
        finished_at=NOW - timedelta(minutes=20) if final else None,
        reason=RUN_REASONS.get(state),
        owner="ana" if state is RunState.NEEDS_ATTENTION else None,
        workspace_digest="w" * 64,
        spent_micros=213_400,
        step_count=3,
    )
    return base.model_copy(update=changes)


RUN_REASONS = {
    RunState.WAITING: "a decision: Moves 3 files older than 30 days to /srv/archive.",
    RunState.NEEDS_ATTENTION: "Two tasks were not accounted for.",
    RunState.FAILED: "The folder /var/reports is not readable.",
    RunState.CANCELLED: "stopped by ana",
    RunState.TIMED_OUT: "no end within 600 s",
}


def step(position: int = 0, state: StepState = StepState.DONE, **changes: object) -> Step:
    started = NOW - timedelta(minutes=29 - position)
    base = Step(
        run_id="run_aaaaaaaaaaaaaaaa",
        key=f"0/{position}",
        position=position,
        segment=0,
        kind=StepKind.TOOL,
        name=("machine.disk", "machine.memory", "files.list", "files.move")[position % 4],
        access=Access.READ,
        irreversible=False,
        request={"path": "/"},
        request_hash="r" * 64,
        idempotency_key=f"idem-{position}",
        state=state,
        attempts=1,
        error="The disk did not answer." if state is StepState.FAILED else None,
        started_at=started,
        finished_at=started + timedelta(seconds=3, milliseconds=140) if state.is_final else None,
    )
    return base.model_copy(update=changes)


def steps(last: StepState = StepState.STARTED) -> tuple[Step, ...]:
    """Two finished steps and a third, in progress unless said otherwise."""
    return (step(0), step(1), step(3 if last is StepState.WAITING else 2, last))


LAST_STEP = {
    RunState.WAITING: StepState.WAITING,
    RunState.DONE: StepState.DONE,
    RunState.FAILED: StepState.FAILED,
}


ARGUMENTS: JsonObject = {
    "files": ["report-2026-08.pdf", "report-2026-09.pdf", "report-2026-10.pdf"],
    "older_than_days": 30,
    "target": "/srv/archive",
}


def approval(state: ApprovalState = ApprovalState.OPEN, **changes: object) -> Approval:
    arguments = changes.pop("arguments", ARGUMENTS)
    call = {"tool": "files.move", "arguments": arguments}
    decided = state not in (ApprovalState.OPEN, ApprovalState.EXPIRED, ApprovalState.WITHDRAWN)
    ended = decided or state is ApprovalState.EXPIRED
    base = Approval(
        id="approval_bbbbbbbbbbbbbbbb",
        run_id="run_aaaaaaaaaaaaaaaa",
        step_key="0/3",
        agent_id="machine-watch",
        tool="files.move",
        arguments=arguments,
        payload=canonical_bytes(call).decode(),
        call_hash=call_hash(call),
        summary="Moves 3 files older than 30 days to /srv/archive.",
        undo="Moves them back to /srv/reports.",
        irreversible=False,
        claim="These reports have not been opened since August.",
        rule_id="ask-for-writes",
        rule_reason="Every change of a file needs a person.",
        requirement=Requirement(role="ops", expires_seconds=14_400, execute_within_seconds=3600),
        requested_by=AGENT,
        state=state,
        created_at=NOW - timedelta(minutes=12),
        expires_at=NOW + timedelta(hours=4),
        decided_at=NOW - timedelta(minutes=2) if ended else None,
        decided_by=("ana",) if decided else (),
        decided_on="slack" if decided else None,
        decision_reason="Keep October here." if state is ApprovalState.REJECTED else None,
        execute_before=NOW + timedelta(minutes=58) if decided else None,
        executed_at=NOW - timedelta(minutes=1) if state in (ApprovalState.EXECUTED, ApprovalState.FAILED) else None,
        outcome=OUTCOMES.get(state),
        superseded_by="approval_cccccccccccccccc" if state is ApprovalState.SUPERSEDED else None,
        revision=1 if state is ApprovalState.OPEN else 2,
    )
    return base.model_copy(update=changes)


OUTCOMES = {
    ApprovalState.EXECUTED: "Moved 3 files, 4.1 MB.",
    ApprovalState.FAILED: "No space left on /srv/archive.",
    ApprovalState.UNKNOWN: "The process ended while the files were being moved.",
    ApprovalState.REFUSED: "those who approved no longer hold the role",
    ApprovalState.EXPIRED: "nobody decided in time",
    ApprovalState.LAPSED: "it was not executed in the time allowed after the decision",
}


def undo(state: UndoState) -> Undo:
    reasons = {
        UndoState.FAILED: "files.undo_move failed: somebody changed the file since",
        UndoState.NOTHING: "files.move changed nothing, so there is nothing to take back.",
    }
    approval_id, reason = "approval_bbbbbbbbbbbbbbbb", reasons.get(state)
    return Undo(approval_id=approval_id, attempt=1, state=state, by="ana", at=NOW, reason=reason)


def vote(person_id: str = "ana", **changes: object) -> Vote:
    base = Vote(
        approval_id="approval_bbbbbbbbbbbbbbbb",
        person_id=person_id,
        approve=True,
        surface="slack",
        account="U0ANA",
        at=NOW - timedelta(minutes=2),
    )
    return base.model_copy(update=changes)


def alert(state: AlertState = AlertState.OPEN, **changes: object) -> Alert:
    series = tuple(
        Reading(
            metric="disk.used",
            agent_id="machine-watch",
            at=NOW - timedelta(minutes=15 * (24 - number)),
            value=f"{70 + number % 3 + max(0, number - 16) * 2.8:.1f}",
            unit="%",
        )
        for number in range(25)
    )
    base = Alert(
        id="alert_dddddddddddddddd",
        agent_id="machine-watch",
        run_id="run_aaaaaaaaaaaaaaaa",
        metric="disk.used",
        title="Disk use of /",
        value=series[-1].value,
        unit="%",
        expected="at most 85 %",
        upper="85",
        since=NOW - timedelta(minutes=45),
        last_at=NOW,
        state=state,
        owner=None if state is AlertState.OPEN else "ana",
        next_step="Approve the move of old reports, or free 6 GB by hand.",
        series=series,
        acknowledged_by=None if state is AlertState.OPEN else "ana",
        cleared_at=NOW if state is AlertState.CLEARED else None,
    )
    return base.model_copy(update=changes)


def incident(state: IncidentState = IncidentState.OPEN, **changes: object) -> Incident:
    base = Incident(
        id="incident_eeeeeeeeeeeeeeee",
        cause="missed/machine-watch/daily",
        kind="missed",
        agent_id="machine-watch",
        run_id=None,
        title="Machine Watch missed 335 due times",
        detail="The machine was asleep from Sat 14 Nov to Sat 21 Nov.",
        next_step="Nothing to do: the latest due time was run. Close this card when you have seen it.",
        state=state,
        count=335,
        first_at=NOW - timedelta(days=7),
        last_at=NOW - timedelta(minutes=30),
        closed_at=NOW if state is IncidentState.CLOSED else None,
        closed_by="ana" if state is IncidentState.CLOSED else None,
        examples=(
            {"due_at": "2026-11-21T12:30:00+00:00", "outcome": "missed"},
            {"due_at": "2026-11-21T13:00:00+00:00", "outcome": "missed"},
        ),
    )
    return base.model_copy(update=changes)


def digest(**changes: object) -> Digest:
    base = Digest(
        id="digest_ffffffffffffffff",
        agent_id="machine-watch",
        run_id="run_aaaaaaaaaaaaaaaa",
        name="daily",
        title="This machine, Sat 21 Nov",
        window_from=NOW - timedelta(days=1),
        window_until=NOW,
        headline="Disk use grew by 11 points in a day; all else as usual.",
        figures=(
            Figure(label="Disk used", value="92.4", unit="%", baseline="81.3", change="+11.1", status="above range"),
            Figure(label="Memory used", value="41.0", unit="%", baseline="40.2", change="+0.8"),
            Figure(label="Commits", value="7", baseline="6", change="+1"),
            Figure(label="Load", value="0.8"),
        ),
        sections=(Section(heading="Finished", lines=("Listed 214 files", "Moved none")),),
        cannot_see=("swap: the reading was refused",),
        written_by="Machine Watch (routine)",
        published_at=NOW,
    )
    return base.model_copy(update=changes)


def framed_digest(**changes: object) -> Digest:
    """A digest of the whole team with everything a digest may hold."""
    since = NOW - timedelta(hours=5)
    frame = Frame(
        as_of=NOW,
        scope=("machine-watch", "scribe"),
        needs=(
            Need(text="Decide: move 12 files", since=since, owner="the role approver", card="approval:approval_b"),
            Need(text="Overdue task: renew the key", since=since, owner="ana", card="task:task_a.team"),
        ),
        standing=(
            Standing(
                alert_id="alert_a",
                title="Users are low",
                value="71",
                unit="users",
                expected="90 to 110 users",
                since=since,
                owner="ana",
                next_step="Look at the tag on the start page",
                state="open",
            ),
            Standing(
                alert_id="alert_b",
                title="Load is high",
                value="9.5",
                unit="",
                expected="at most 4",
                since=NOW - timedelta(days=3),
                owner="ana",
                next_step="Ask the host",
                state="acknowledged",
            ),
        ),
        missing=(Missing(agent_id="scribe", reason="was missed", last_at=NOW - timedelta(hours=30)),),
        decided=(
            Decided(text="Write 3 redirects", state="executed", by=("ana",), at=since, card="approval:approval_c"),
        ),
        work=WorkCounts(finished=3, running=2, blocked=1),
        spent_micros=120_000,
        cap_micros=5_000_000,
    )
    base = digest(
        figures=(
            Figure(label="Users", value="71", lower="90", upper="110", change="-29 (-29 %)", status="low"),
            Figure(label="Pages", value="412", baseline="400", change="+12 (+3 %)"),
        ),
        title="The team, Sat 21 Nov",
        headline="Users fell; pages did not.",
        sections=(Section(heading="Seen together", lines=("The tag is gone from the start page since the deploy.",)),),
        recommendations=(
            Recommendation(
                text="Put the tag back", effect="users are counted again", evidence=("ga4-daily: users by day",)
            ),
        ),
        late=("search-console of Friday",),
        due_at=NOW - timedelta(minutes=1),
        frame=frame,
    )
    return base.model_copy(update=changes)


def quiet_digest() -> Digest:
    figures = tuple(figure.model_copy(update={"status": "ok"}) for figure in digest().figures)
    return digest(headline="A quiet day.", figures=figures, sections=(), cannot_see=())


def fleet(**changes: object) -> Fleet:
    base = Fleet(
        team="First Light",
        timezone="Europe/Berlin",
        as_of=NOW,
        simulated=False,
        needs_me=NeedsMe(
            approvals=(approval(),),
            stopped=(run(RunState.NEEDS_ATTENTION, id="run_gggggggggggggggg"),),
            incidents=(incident(),),
            alerts=(alert(),),
        ),
        agents=(
            AgentView(
                agent_id="machine-watch",
                name="Machine Watch",
                purpose="Watches this machine",
                state=AgentState.ACTIVE,
                current=run(RunState.WAITING),
                doing=RUN_REASONS[RunState.WAITING],
                last=run(RunState.DONE, id="run_hhhhhhhhhhhhhhhh"),
                next_due_at=NOW + timedelta(hours=17, minutes=30),
                spent_today_micros=0,
                day_cap_micros=2_000_000,
            ),
            AgentView(
                agent_id="note-taker",
                name="Note Taker",
                purpose="Summarises what changed",
                state=AgentState.PAUSED,
                spent_today_micros=312_000,
            ),
        ),
        finished_today=(run(RunState.DONE, id="run_hhhhhhhhhhhhhhhh"), run(RunState.FAILED, id="run_iiiiiiiiiiiiiiii")),
    )
    return base.model_copy(update=changes)


def role(state: AgentState | None = AgentState.ACTIVE, **changes: object) -> Role:
    base = Role(
        agent_id="machine-watch",
        name="Machine Watch",
        purpose="Watches this machine, and keeps the inbox folder tidy.",
        state=state,
        mind="routine routines/machine_watch.py",
        owns=("readings of this machine", "the inbox folder"),
        never=("files outside the inbox",),
        reads=("machine.read", "git.read"),
        writes=("files.move_old", "digest.publish"),
        sends=(),
        rhythms=("every 10 minutes", "every day at 08:00 (Europe/Berlin)"),
        requirement=Requirement(role="ops", quorum=1, expires_seconds=86_400, execute_within_seconds=3_600),
        deciders=("ana", "bo"),
        limits=RunLimits(max_steps=60, max_cost_micros=500_000, wall_seconds=600, max_day_cost_micros=2_000_000),
    )
    return base.model_copy(update=changes)


def task(state: TaskState = TaskState.OPEN, **changes: object) -> Task:
    closed = {"closed_at": NOW, "closed_by": ANA} if state.is_closed else {}
    base = Task(
        id="task_aaaaaaaaaaaaaaaa",
        title="Find out why the old reports came back",
        details="It was clean on Friday.",
        state=state,
        agent_id="machine-watch",
        created_by=ANA,
        created_at=NOW - timedelta(hours=2),
        changed_at=NOW,
        due_at=NOW + timedelta(days=1),
        source=QuotedMessage(
            surface="slack",
            author="Kim",
            text="The folder is full again?!",
            url="https://acme.slack.com/archives/C1/p1",
        ),
        reason=None if state is TaskState.OPEN else "The export job writes them twice",
        revision=3,
    )
    return base.model_copy(update={**closed, **changes})


def shared_task() -> Card:
    """A task that nobody has taken up, that is overdue and waits for another."""
    waits = task(TaskState.BLOCKED, agent_id=None, source=None, reason=None, escalated_at=NOW, due_at=NOW)
    return task_card(waits, VIEW, revision=2, waits_for=(task(title="Ask for the export"),))


def decision(standing: DecisionStanding = DecisionStanding.STANDS, **changes: object) -> Decision:
    base = Decision(
        id="decision_aaaaaaaaaaaaaaaa",
        subject="Deploys on Friday",
        subject_key="deploys on friday",
        choice="Only with somebody on call",
        why="the last one broke the shop over a weekend",
        decided_by=ANA,
        decided_at=NOW,
        affects=("machine-watch", "bo"),
        standing=standing,
        superseded_by="decision_bbbbbbbbbbbbbbbb" if standing is DecisionStanding.SUPERSEDED else None,
    )
    return base.model_copy(update=changes)


def proposal(state: ProposalState = ProposalState.OPEN, **changes: object) -> Proposal:
    decided = {} if state.is_waiting else {"decided_by": ANA, "decided_at": NOW, "reason": "It is what we saw"}
    base = Proposal(
        id="proposal_aaaaaaaaaaaaaaaa",
        topic="site",
        agent_id="machine-watch",
        text="The shop moved to a new server on 20 November.\nIts logs begin there.",
        why="The old server answers no more.",
        proposed_by=Actor(kind=ActorKind.AGENT, id="note-taker"),
        proposed_at=NOW,
        based_on=3,
        state=state,
    )
    return base.model_copy(update={**decided, **changes})


def requested_run() -> Run:
    """A run that somebody asked for in words, about a message, and whose replies nobody read."""
    quoted: JsonObject = {"surface": "slack", "author": "Kim", "text": "The folder is full again?!"}
    file: JsonObject = {"name": "export.csv", "sha256": "9f86d081884c7d65", "bytes": 48_211, "type": "text/csv"}
    what: JsonObject = {"request": {"text": "Find out why", "quoted": quoted, "files": [file]}}
    trigger = Trigger(kind=TriggerKind.FORM, key="slack:e1", initiator=ANA, input=what)
    return run(RunState.DONE, trigger=trigger, tainted=True)


def offer_card() -> Card:
    """An answer that leads on: the actions of its kind."""
    words = FormField(name="words", label="What is it to do?", kind=FieldKind.MULTILINE)
    actions = (
        Menu(label="Ask an agent…", options=(Option(label="Machine Watch", token="q1:ask:slack_a/machine-watch:0"),)),
        FormButton(
            label="Make it a task…",
            form=Form(title="New task", submit="Make the task", token="q1:make_task:slack_a:0", fields=(words,)),
        ),
        Button(label="Run again with this", token="q1:rerun:slack_a/run_a:0"),
    )
    return notice_card("Who is to do this?", "“Look at the disk”", Tone.WAITING).model_copy(update={"actions": actions})


def message(
    position: int = 0, text: str = "Leave the October reports where they are.", **changes: object
) -> RunMessage:
    at = NOW - timedelta(minutes=13 - position)
    author = Author(surface="slack", account="U0ANA", person_id="ana")
    base = RunMessage(
        id=f"message_{position}", run_id="run_aaaaaaaaaaaaaaaa", position=position, author=author, text=text, at=at
    )
    return base.model_copy(update=changes)


def ordinary_cards() -> Iterator[tuple[str, Card]]:
    """Every kind in every state, by name."""
    for run_state in RunState:
        taken = steps(LAST_STEP.get(run_state, StepState.STARTED))
        yield f"run/{run_state}", run_card(run(run_state), taken, VIEW, revision=6)
    refused = (*steps()[:2], step(2, StepState.REFUSED, rule_id="starter.watch_only"))
    yield "run/refused by policy", run_card(run(RunState.NEEDS_ATTENTION), refused, VIEW, revision=6)
    yield "run/asked for", run_card(requested_run(), steps(), VIEW, revision=6, unread=2)
    for approval_state in ApprovalState:
        yield f"approval/{approval_state}", approval_card(approval(approval_state), (), VIEW)
    for undo_state in UndoState:
        executed = approval(ApprovalState.EXECUTED)
        yield f"approval/executed, {undo_state}", approval_card(executed, (), VIEW, undo=undo(undo_state))
    for alert_state in AlertState:
        yield f"alert/{alert_state}", alert_card(alert(alert_state), VIEW, revision=2)
    for incident_state in IncidentState:
        yield f"incident/{incident_state}", incident_card(incident(incident_state), VIEW, revision=3)
    for task_state in TaskState:
        yield f"task/{task_state}", task_card(task(task_state), VIEW, revision=2)
    yield "task/shared", shared_task()
    for standing in DecisionStanding:
        yield f"decision/{standing}", decision_card(decision(standing), VIEW, revision=2, taken={"machine-watch"})
    for proposal_state in ProposalState:
        yield f"proposal/{proposal_state}", proposal_card(proposal(proposal_state), VIEW, revision=2)
    yield "task/handed over", task_card(task(agent_id=None, person_id="bo"), VIEW, revision=3, handed_over=True)
    yield "digest", digest_card(digest(), VIEW, revision=1)
    yield "digest/team", digest_card(framed_digest(), VIEW, revision=1)
    yield "digest/quiet", digest_card(quiet_digest(), VIEW, revision=1)
    yield "fleet", fleet_card(fleet(), VIEW, revision=9)
    yield "fleet/empty", fleet_card(fleet(needs_me=NeedsMe(), agents=(), finished_today=()), VIEW, revision=1)
    for state in (*AgentState, None):
        yield f"role/{state or 'gone'}", role_card(role(state), VIEW, revision=2)
    yield "notice/offer", offer_card()
    yield "log", log_card(run(), steps(), (approval(),), (message(),), VIEW, revision=4)
    decided = (approval(ApprovalState.EXECUTED), approval(ApprovalState.REJECTED))
    yield "log/done", log_card(run(RunState.DONE), steps(), decided, (), VIEW, revision=9)
    yield "log/failed", log_card(run(RunState.FAILED), (step(0, StepState.FAILED),), (), (), VIEW, revision=9)
    yield "notice", notice_card("Paused Machine Watch", "Its due times are recorded as skipped.", Tone.GOOD)


def worst_cards(text: str = HOSTILE) -> Iterator[tuple[str, Card]]:
    """Every kind with hostile text, the longest names, 200 rows and 60 steps, by name."""
    for name, build in _WORST.items():
        yield f"worst/{name}", build(text)
        yield f"worst/{name}/long", build(text * 20)


def all_cards() -> Iterator[tuple[str, Card]]:
    """Ordinary and worst cards together."""
    yield from ordinary_cards()
    yield from worst_cards()


def hostile_view(text: str) -> CardView:
    """A view in which everybody is called `text`."""
    names = {"machine-watch": text}
    return CardView(
        timezone="Asia/Kathmandu",
        agent_names=names,
        person_names={"ana": text},
        console_url="https://console.test",
        simulated=True,
    )


def _worst_run(text: str) -> Card:
    many = tuple(step(number, list(StepState)[number % 6], name=text, error=text) for number in range(60))
    words: JsonObject = {"request": {"text": text, "quoted": {"surface": "slack", "author": text, "text": text}}}
    trigger = Trigger(kind=TriggerKind.FORM, key="k", initiator=ANA, input=words)
    record = run(
        RunState.RUNNING,
        trigger=trigger,
        reason=text,
        owner="ana",
        stop_requested_by="ana",
        tainted=True,
        attempt=3,
        step_count=60,
    )
    return run_card(record, many, hostile_view(text), revision=999_999)


def _worst_log(text: str) -> Card:
    many = tuple(
        step(number, list(StepState)[number % 6], name=text, error=text, spent_micros=number) for number in range(200)
    )
    asked = tuple(approval(ApprovalState.REJECTED, summary=text, decision_reason=text) for _ in range(20))
    written = tuple(message(number, text) for number in range(40))
    record = run(RunState.FAILED, reason=text, step_count=200)
    return log_card(record, many, asked, written, hostile_view(text), revision=999_999)


def _worst_approval(text: str) -> Card:
    arguments: JsonObject = {f"argument {number} {text[:40]}": text for number in range(12)}
    record = approval(
        arguments=arguments, summary=text, claim=text, undo=text, irreversible=True, rule_id=text, rule_reason=text
    )
    votes = tuple(vote(f"person-{number}", reason=text) for number in range(9))
    return approval_card(record, votes, hostile_view(text))


def _worst_decided(text: str) -> Card:
    record = approval(ApprovalState.EXECUTED, summary=text, undo=text, outcome=text, decision_reason=text)
    return approval_card(record, (vote(reason=text), vote("bo", reason=text)), hostile_view(text))


def _worst_unknown(text: str) -> Card:
    record = approval(ApprovalState.UNKNOWN, arguments={"text": text * 3}, summary=text, outcome=text)
    return approval_card(record, (), hostile_view(text))


def _worst_alert(text: str) -> Card:
    record = alert(title=text, unit=text, expected=text, next_step=text, metric=text, lower="-5", owner="ana")
    return alert_card(record, hostile_view(text), revision=999_999)


def _worst_incident(text: str) -> Card:
    examples: tuple[JsonObject, ...] = tuple({text[:30]: text, "number": number} for number in range(20))
    record = incident(
        title=text, detail=text, next_step=text, kind=text, examples=examples, run_id="run_aaaaaaaaaaaaaaaa"
    )
    return incident_card(record, hostile_view(text), revision=999_999)


def _worst_digest(text: str) -> Card:
    figures = tuple(
        Figure(label=text, value=f"{number}", unit=text, baseline=text, change=text, status=text)
        for number in range(200)
    )
    sections = tuple(Section(heading=text, lines=(text,) * 30) for _ in range(60))
    record = digest(
        title=text, headline=text, figures=figures, sections=sections, cannot_see=(text,) * 40, written_by=text
    )
    return digest_card(record, hostile_view(text), revision=999_999)


def crowded_fleet(text: str) -> Fleet:
    """Sixty agents, 160 things to do and 200 finished runs, all of them called `text`."""
    agents = tuple(
        AgentView(
            agent_id=f"agent-{number}", name=text, purpose=text, state=AgentState.ACTIVE, current=run(), doing=text
        )
        for number in range(60)
    )
    needs = NeedsMe(
        approvals=(approval(summary=text),) * 40,
        stopped=(run(RunState.FAILED, reason=text, owner="ana"),) * 40,
        incidents=(incident(title=text, next_step=text),) * 40,
        alerts=(alert(title=text, next_step=text),) * 40,
    )
    return fleet(
        team=text[:150], agents=agents, needs_me=needs, finished_today=(run(RunState.DONE),) * 200, simulated=True
    )


def _worst_fleet(text: str) -> Card:
    return fleet_card(crowded_fleet(text), hostile_view(text), revision=999_999)


def _worst_role(text: str) -> Card:
    many = (text,) * 40
    record = role(name=text, purpose=text, mind=text, owns=many, never=many, reads=many, sends=many, rhythms=many)
    return role_card(record, hostile_view(text), revision=999_999)


def _worst_task(text: str) -> Card:
    source = QuotedMessage(surface="slack", author=text, text=text)
    names = {f"agent-{number}": text for number in range(60)}
    record = task(TaskState.BLOCKED, title=text, details=text, reason=text, source=source, agent_id="agent-1")
    return task_card(record, replace(hostile_view(text), agent_names=names), revision=999_999)


def _worst_decision(text: str) -> Card:
    names = {f"agent-{number}": text for number in range(60)}
    record = decision(DecisionStanding.CONTESTED, subject=text, choice=text, why=text, affects=(*names, "ana"))
    return decision_card(record, replace(hostile_view(text), agent_names=names), revision=999_999)


def _worst_proposal(text: str) -> Card:
    record = proposal(ProposalState.QUARANTINED, topic="site", text=text * 40, why=text, reason=text)
    return proposal_card(record, hostile_view(text), revision=999_999)


def _worst_notice(text: str) -> Card:
    return notice_card(text, text, Tone.BAD, simulated=True)


_WORST: dict[str, Callable[[str], Card]] = {
    "run": _worst_run,
    "log": _worst_log,
    "approval": _worst_approval,
    "decided": _worst_decided,
    "unknown": _worst_unknown,
    "alert": _worst_alert,
    "incident": _worst_incident,
    "digest": _worst_digest,
    "fleet": _worst_fleet,
    "role": _worst_role,
    "task": _worst_task,
    "decision": _worst_decision,
    "proposal": _worst_proposal,
    "notice": _worst_notice,
}
