"""What the buttons of a task's card do."""

from blocks.cards import EVIDENCE_FIELD, OWNER_FIELD, REASON_FIELD, owner_name
from bot.inbound.desk import Desk, Pressed
from bot.inbound.lane_roles import require_lane
from bot.inbound.owners import owner_chosen, owner_named
from bot.surfaces.base import Answer
from store.actions.tasks import assign_task, move_task
from store.kernel.errors import UserMistake
from store.records import Evidence, EvidenceKind, Owner, TaskState


def start(desk: Desk, pressed: Pressed) -> Answer:
    """Somebody works on it now."""
    return _move(desk, pressed, TaskState.IN_PROGRESS)


def take(desk: Desk, pressed: Pressed) -> Answer:
    """What belonged to nobody is this person's, who works on it now."""
    press, mine = pressed.press, Owner(person_id=pressed.person.id)
    task = assign_task(desk.store, press.record_id, pressed.actor, to=mine, revision=press.revision)
    move_task(desk.store, task.id, pressed.actor, to=TaskState.IN_PROGRESS, revision=task.revision)
    return Answer(text="It is yours, and started.")


def block(desk: Desk, pressed: Pressed) -> Answer:
    """It waits for something, which is said."""
    return _move(desk, pressed, TaskState.BLOCKED, _reason(pressed))


def done(desk: Desk, pressed: Pressed) -> Answer:
    """It is done, and by what that can be seen. Raises UserMistake without it."""
    said = pressed.field(EVIDENCE_FIELD)
    if not said:
        raise UserMistake("Say by what it can be seen that it is done.")
    is_link = said.startswith(("http://", "https://")) and " " not in said
    shown = Evidence(kind=EvidenceKind.LINK if is_link else EvidenceKind.TEXT, value=said)
    press = pressed.press
    move_task(
        desk.store,
        press.record_id,
        pressed.actor,
        to=TaskState.DONE,
        reason=None if is_link else said,
        evidence=(shown,),
        revision=press.revision,
    )
    return Answer(text=_SAID[TaskState.DONE])


def drop(desk: Desk, pressed: Pressed) -> Answer:
    """It is not to be done, and why."""
    return _move(desk, pressed, TaskState.DROPPED, _reason(pressed))


def reopen(desk: Desk, pressed: Pressed) -> Answer:
    """It is to be done after all."""
    return _move(desk, pressed, TaskState.OPEN)


def assign(desk: Desk, pressed: Pressed) -> Answer:
    """It is somebody else's now."""
    task_id, _, choice = pressed.press.record_id.partition("/")
    owner = owner_chosen(desk.team, choice) if choice else owner_named(desk.team, pressed.field(OWNER_FIELD))
    require_lane(desk.team, pressed.person, pressed.event, owner.agent_id)
    task = assign_task(desk.store, task_id, pressed.actor, to=owner, revision=pressed.press.revision)
    return Answer(text=f"It is {owner_name(task, desk.presenter.view)}'s now.")


def _move(desk: Desk, pressed: Pressed, to: TaskState, reason: str | None = None) -> Answer:
    press = pressed.press
    move_task(desk.store, press.record_id, pressed.actor, to=to, reason=reason, revision=press.revision)
    return Answer(text=_SAID[to])


def _reason(pressed: Pressed) -> str:
    reason = pressed.field(REASON_FIELD)
    if not reason:
        raise UserMistake("Say why, in a few words.")
    return reason


_SAID = {
    TaskState.OPEN: "It is open again.",
    TaskState.IN_PROGRESS: "Started.",
    TaskState.BLOCKED: "It is blocked, and the card says why.",
    TaskState.DONE: "Done.",
    TaskState.DROPPED: "Dropped; the card says why.",
}
