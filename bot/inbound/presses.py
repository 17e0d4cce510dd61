"""What a pressed button or a sent form does: one small function for each verb, one table."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from agents.handoffs import waking_on
from agents.roster import Person
from agents.tools.edits import edited_call
from blocks.arguments import edited_arguments
from blocks.cards import REASON_FIELD, alert_card, task_card
from blocks.elements import Card, Form, FormButton, find_pressable
from blocks.text import count
from blocks.tokens import Press, Verb, decode
from blocks.words import place
from bot.inbound import (
    alert_presses,
    allowing,
    feedback_presses,
    figure_presses,
    hiring,
    home_presses,
    replies,
    requests,
    task_presses,
    work_presses,
)
from bot.inbound.desk import Desk, Pressed
from bot.inbound.lane_roles import require_lane_of
from bot.inbound.permission import eligible, not_held_here
from bot.inbound.request_forms import form_for
from bot.starts import agent_named, start_run, work_named
from bot.surfaces.base import Answer, InboundEvent
from store.actions import agents as agent_actions
from store.actions import runs as run_actions
from store.actions.approvals import Decision, Verdict, decide_approval, edit_approval
from store.actions.handoffs import held_route, release_route
from store.actions.incidents import close_incident
from store.kernel.errors import Refused, UserMistake
from store.queries import approvals, cards, findings, incidents, runs, tasks
from store.queries.undos import undo
from store.records import UNDO_OF, AgentState, Approval, CardKind, TriggerKind, Undo, UndoState, card_key, undo_key

__all__ = ["Desk", "press", "stop_shown"]


def press(desk: Desk, event: InboundEvent, person: Person) -> Answer:
    """Carries out one press.

    Raises UserMistake for a token that is not ours, NotFound for a record that is gone, and Refused for somebody who
    may not.
    """
    pressed = Pressed(decode(event.token or ""), person, event)
    require_lane_of(desk, pressed)
    form = _unanswered_form(desk, pressed)
    return form or _VERBS[pressed.press.verb](desk, pressed)


def _unanswered_form(desk: Desk, pressed: Pressed) -> Answer | None:
    """The form to open first, when the pressed button asks for one and no answers came with the press."""
    find = _FORMS.get(pressed.press.verb)
    form = None if pressed.event.fields or find is None else find(desk, pressed)
    return Answer(form=form) if form else None


def _on_approval(desk: Desk, pressed: Pressed) -> Form | None:
    row = cards.card(desk.store, card_key(CardKind.APPROVAL, pressed.press.record_id))
    return _form_on(desk.presenter.draw(row), pressed) if row else None


def _on_alert(desk: Desk, pressed: Pressed) -> Form | None:
    alert = findings.alert(desk.store, pressed.press.record_id)
    return _form_on(alert_card(alert, desk.presenter.view, revision=pressed.press.revision), pressed)


def _on_task(desk: Desk, pressed: Pressed) -> Form | None:
    task_id = pressed.press.record_id.partition("/")[0]
    return _form_on(task_card(tasks.task(desk.store, task_id), desk.presenter.view), pressed)


def _form_on(card: Card, pressed: Pressed) -> Form | None:
    button = find_pressable(card, pressed.event.token or "")
    return button.form if isinstance(button, FormButton) else None


def _approve(desk: Desk, pressed: Pressed) -> Answer:
    return _decide(desk, pressed, approve=True)


def _reject(desk: Desk, pressed: Pressed) -> Answer:
    return _decide(desk, pressed, approve=False)


def _decide(desk: Desk, pressed: Pressed, *, approve: bool) -> Answer:
    approval = approvals.approval(desk.store, pressed.press.record_id)
    decision = decide_approval(
        desk.store,
        approval.id,
        person_id=pressed.person.id,
        account=pressed.event.account,
        surface=pressed.event.surface,
        approve=approve,
        eligible=eligible(desk.team, pressed.person, approval.requirement.role),
        reason=(pressed.event.fields.get(REASON_FIELD) or "").strip() or None,
    )
    ok = decision.verdict in (Verdict.DECIDED, Verdict.COUNTED)
    here = _not_held_here(desk, pressed, approval) if decision.verdict is Verdict.REFUSED else ""
    return Answer(text=_with_names(desk, _with_place(decision)) + here, ok=ok)


def _not_held_here(desk: Desk, pressed: Pressed, approval: Approval) -> str:
    return not_held_here(desk.team, pressed.person, approval.requirement.role, pressed.event.surface)


def _edit(desk: Desk, pressed: Pressed) -> Answer:
    approval = approvals.approval(desk.store, pressed.press.record_id)
    wanted = edited_arguments(approval.arguments, pressed.event.fields)
    if wanted == approval.arguments:
        raise UserMistake("Nothing was changed, so the question stays as it is.")
    run = runs.run(desk.store, approval.run_id)
    edited = edited_call(desk.team, desk.tools, run, approval, wanted, editor=pressed.actor, now=desk.store.clock.now())
    new = edit_approval(
        desk.store,
        approval.id,
        person_id=pressed.person.id,
        surface=pressed.event.surface,
        edited=edited,
        eligible=eligible(desk.team, pressed.person, approval.requirement.role),
    )
    return Answer(text=f"Changed. As you changed it, somebody else decides it: {new.summary}")


def _stop(desk: Desk, pressed: Pressed) -> Answer:
    run = run_actions.request_stop(desk.store, pressed.press.record_id, pressed.actor)
    return Answer(text="Stopped." if run.state.is_final else "It stops at its next step.")


def stop_shown(desk: Desk, event: InboundEvent, person: Person) -> Answer:
    """Stops the run whose card the event's message shows, as its Stop button does. Raises UserMistake for any other."""
    channel, message = str(event.payload.get("channel", "")), str(event.payload.get("message", ""))
    row = cards.card_of_message(desk.store, event.surface, channel, message)
    if row is None or row.kind is not CardKind.RUN:
        raise UserMistake("There is no run here to stop.")
    pressed = Pressed(Press(Verb.STOP, row.record_id, row.revision), person, event)
    require_lane_of(desk, pressed)
    return _stop(desk, pressed)


def _run_now(desk: Desk, pressed: Pressed) -> Answer:
    agent, what = work_named(desk.team, pressed.press.record_id)
    key = f"{pressed.event.surface}:{pressed.event.key}"
    start_run(desk.store, desk.team, agent, kind=TriggerKind.BUTTON, key=key, by=pressed.actor, what=what)
    return Answer(text=f"{agent.name} starts now.")


def _again(desk: Desk, pressed: Pressed) -> Answer:
    run = runs.run(desk.store, pressed.press.record_id)
    if taken_back := run.trigger.input.get(UNDO_OF):
        return _take_back(desk, pressed, str(taken_back))
    agent = agent_named(desk.team, run.agent_id)
    key = f"again:{run.id}:{pressed.event.surface}:{pressed.event.key}"
    start_run(desk.store, desk.team, agent, kind=TriggerKind.BUTTON, key=key, by=pressed.actor, what=run.trigger.input)
    return Answer(text=f"{agent.name} starts again.")


def _undo(desk: Desk, pressed: Pressed) -> Answer:
    return _take_back(desk, pressed, pressed.press.record_id)


def _take_back(desk: Desk, pressed: Pressed, approval_id: str) -> Answer:
    """Starts the next attempt, unless one works or the call is taken back already. Presses at once share an attempt."""
    approval = approvals.approval(desk.store, approval_id)
    role = approval.requirement.role
    if role not in pressed.person.roles:
        why = _not_held_here(desk, pressed, approval)
        raise Refused(f"Only people in the role {role} may take this back.{why}", "undo.role")
    last = undo(desk.store, approval)
    if last is not None and not last.may_try:
        return _already(desk, last)
    agent = agent_named(desk.team, approval.agent_id)
    key, what = undo_key(approval.id, last.attempt + 1 if last else 1), {UNDO_OF: approval.id}
    start_run(desk.store, desk.team, agent, kind=TriggerKind.BUTTON, key=key, by=pressed.actor, what={**what})
    return Answer(text=f"{agent.name} takes it back; watch its channel.")


def _already(desk: Desk, last: Undo) -> Answer:
    who = desk.presenter.view.person(last.by)
    if last.state is UndoState.WORKING:
        return Answer(text=f"It is being taken back already, as {who} asked.")
    if last.state is UndoState.UNDONE:
        return Answer(text=f"It was already taken back by {who}.", ok=False)
    return Answer(text=last.reason, ok=False)


def _pause(desk: Desk, pressed: Pressed) -> Answer:
    agent = agent_named(desk.team, pressed.press.record_id)
    agent_actions.switch_agent(desk.store, agent.id, pressed.actor, state=AgentState.PAUSED)
    return Answer(text=f"{agent.name} is paused; its due times are recorded as skipped.")


def _resume(desk: Desk, pressed: Pressed) -> Answer:
    agent = agent_named(desk.team, pressed.press.record_id)
    agent_actions.switch_agent(desk.store, agent.id, pressed.actor, state=AgentState.ACTIVE)
    return Answer(text=f"{agent.name} is back at work.")


def _try(_desk: Desk, _pressed: Pressed) -> Answer:
    return Answer(text="It works: what is pressed here reaches the team.")


def _close_incident(desk: Desk, pressed: Pressed) -> Answer:
    incident = incidents.incident(desk.store, pressed.press.record_id)
    route = held_route(incident.cause)
    if route is None:
        close_incident(desk.store, incident.id, pressed.actor)
        return Answer(text="Closed.")
    delivered = release_route(desk.store, route, pressed.actor, waking_on(desk.team, route))
    return Answer(text=f"Closed. {count(delivered, 'handoff')} that fitted went on its way.")


def _with_place(decision: Decision) -> str:
    surface = decision.approval.decided_on
    return decision.words.replace(f" on {surface}.", f" {place(surface)}.") if surface else decision.words


def _with_names(desk: Desk, words: str) -> str:
    for person in desk.team.people.values():
        words = words.replace(f" by {person.id}", f" by {person.name}").replace(f", {person.id}", f", {person.name}")
    return words


_VERBS: Mapping[Verb, Callable[[Desk, Pressed], Answer]] = MappingProxyType(
    {
        Verb.APPROVE: _approve,
        Verb.REJECT: _reject,
        Verb.EDIT: _edit,
        Verb.STOP: _stop,
        Verb.RUN_NOW: _run_now,
        Verb.RETRY: _again,
        Verb.UNDO: _undo,
        Verb.PAUSE: _pause,
        Verb.RESUME: _resume,
        Verb.ACKNOWLEDGE: alert_presses.acknowledge,
        Verb.SNOOZE: alert_presses.snooze,
        Verb.FALSE_ALARM: alert_presses.false_alarm,
        Verb.INVESTIGATE: alert_presses.investigate,
        Verb.CLOSE_INCIDENT: _close_incident,
        Verb.PAUSE_ALL: home_presses.pause_all,
        Verb.RESUME_ALL: home_presses.resume_all,
        Verb.SHOW_HOME: home_presses.show,
        Verb.USEFUL: feedback_presses.useful,
        Verb.NOT_USEFUL: feedback_presses.not_useful,
        Verb.WHY: figure_presses.ask_why,
        Verb.WRONG: figure_presses.mark,
        Verb.SHOW_ALL: figure_presses.show_all,
        Verb.WITHDRAW_WRONG: figure_presses.withdraw,
        Verb.TASK_START: task_presses.start,
        Verb.TASK_BLOCK: task_presses.block,
        Verb.TASK_DONE: task_presses.done,
        Verb.TASK_DROP: task_presses.drop,
        Verb.TASK_REOPEN: task_presses.reopen,
        Verb.TASK_ASSIGN: task_presses.assign,
        Verb.TASK_TAKE: task_presses.take,
        Verb.DECISION_ACKNOWLEDGE: work_presses.acknowledge,
        Verb.DECISION_UPHOLD: work_presses.uphold,
        Verb.DECISION_SUPERSEDE: work_presses.supersede,
        Verb.MAKE_DECISION: work_presses.make,
        Verb.PROPOSAL_ACCEPT: work_presses.accept,
        Verb.PROPOSAL_DECLINE: work_presses.decline,
        Verb.NOTE_ACKNOWLEDGE: work_presses.acknowledge_for,
        Verb.TRY: _try,
        Verb.ASK: requests.ask,
        Verb.MAKE_TASK: requests.make_task,
        Verb.RERUN: replies.run_again,
        Verb.AUDITION: hiring.try_out,
        Verb.HIRE: hiring.hire,
        Verb.ALLOW_LIKE: allowing.propose,
        Verb.ADD_RULE: allowing.make_rule,
    }
)

_FORMS: Mapping[Verb, Callable[[Desk, Pressed], Form | None]] = MappingProxyType(
    {
        Verb.WRONG: figure_presses.form_of,
        Verb.REJECT: _on_approval,
        Verb.EDIT: _on_approval,
        Verb.FALSE_ALARM: _on_alert,
        Verb.TASK_BLOCK: _on_task,
        Verb.TASK_DONE: _on_task,
        Verb.DECISION_SUPERSEDE: work_presses.form_on_card,
        Verb.PROPOSAL_DECLINE: work_presses.form_on_card,
        Verb.MAKE_DECISION: work_presses.new_decision_form,
        Verb.TASK_DROP: _on_task,
        Verb.TASK_ASSIGN: _on_task,
        Verb.ASK: form_for,
        Verb.MAKE_TASK: form_for,
    }
)
"""Where to look for the form of a button that asks before it acts."""
