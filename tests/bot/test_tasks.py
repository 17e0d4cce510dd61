"""The task card's buttons, and the tracker as a command shows it."""

from dataclasses import replace

import pytest

from blocks.elements import Card, find_pressable, pressables
from blocks.render import text
from blocks.tokens import Verb, decode, encode
from bot.inbound.commands import command
from bot.inbound.desk import Desk
from bot.inbound.presses import press
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.actions.tasks import create_task
from store.kernel.errors import UserMistake
from store.queries import cards, tasks
from store.records import CardKind, EvidenceKind, Task, TaskState
from tests.store.samples import person


@pytest.fixture
def task(desk: Desk) -> Task:
    now = desk.store.clock.now()
    return create_task(
        desk.store,
        Task(id="task_a", title="Look", agent_id="watch", created_by=person("ana"), created_at=now, changed_at=now),
    )


def card(desk: Desk, slot: str = "watch") -> Card:
    row = cards.card(desk.store, f"task:task_a.{slot}")
    assert row is not None
    return desk.presenter.draw(row)


def pressed(desk: Desk, token: str, person_id: str = "ana", **fields: str) -> Answer:
    kind = InboundKind.SUBMIT if fields else InboundKind.PRESS
    event = InboundEvent(surface="console", key=token, kind=kind, account=person_id, token=token, fields=fields)
    return press(desk, event, desk.team.people[person_id])


def offered(shown: Card) -> dict[Verb, str]:
    return {decode(one.token).verb: one.token for one in pressables(shown)}


def test_a_task_goes_through_its_life_by_its_card(desk: Desk, task: Task) -> None:
    assert pressed(desk, offered(card(desk))[Verb.TASK_START]).text == "Started."
    form = pressed(desk, offered(card(desk))[Verb.TASK_BLOCK]).form
    assert form is not None
    assert form.fields[0].label == "What is it waiting for?"
    pressed(desk, form.token, reason="the export")
    assert "Blocked because\nThe export." in text.render(card(desk))
    pressed(desk, offered(card(desk))[Verb.TASK_DONE], evidence="https://example.com/export")
    assert "https://example.com/export" in text.render(card(desk))
    assert set(offered(card(desk))) == {Verb.TASK_REOPEN}
    pressed(desk, offered(card(desk))[Verb.TASK_REOPEN])
    pressed(desk, offered(card(desk))[Verb.TASK_DROP], reason="not needed")
    assert tasks.task(desk.store, task.id).state is TaskState.DROPPED


def test_a_card_that_was_left_open_changes_nothing(desk: Desk, task: Task) -> None:
    stale = offered(card(desk))
    pressed(desk, stale[Verb.TASK_START])
    with pytest.raises(UserMistake, match="has changed since"):
        pressed(desk, stale[Verb.TASK_DROP], "ben", reason="no")
    assert pressed(desk, stale[Verb.TASK_START], "ben").text == "Started."


def test_the_menu_gives_it_to_somebody_else_and_the_former_owner_keeps_a_card_without_buttons(
    desk: Desk, task: Task
) -> None:
    to_eve = encode(Verb.TASK_ASSIGN, "task_a/p/eve", task.revision)
    assert find_pressable(card(desk), to_eve) is not None
    assert pressed(desk, to_eve).text == "It is Eve's now."
    assert pressables(card(desk)) == ()
    assert card(desk).state == "Handed over"
    assert Verb.TASK_DONE in offered(card(desk, "team"))


def test_with_more_people_than_a_menu_holds_a_name_is_asked_for(desk: Desk, task: Task) -> None:
    many = {f"a{number}": f"Agent {number}" for number in range(30)}
    desk.presenter.view = replace(desk.presenter.view, agent_names=many)
    form = pressed(desk, offered(card(desk))[Verb.TASK_ASSIGN]).form
    assert form is not None
    assert pressed(desk, form.token, owner="Ben").ok
    assert tasks.task(desk.store, task.id).person_id == "ben"


def test_a_reason_is_asked_for_and_nobody_is_not_an_owner(desk: Desk, task: Task) -> None:
    with pytest.raises(UserMistake, match="Say why"):
        pressed(desk, offered(card(desk))[Verb.TASK_DROP], reason=" ")
    with pytest.raises(UserMistake, match="nobody called 'nobody'"):
        pressed(desk, encode(Verb.TASK_ASSIGN, "task_a", 1), owner="nobody")


def test_a_task_is_done_only_with_something_to_show(desk: Desk, task: Task) -> None:
    done = offered(card(desk))[Verb.TASK_DONE]
    form = pressed(desk, done).form
    assert form is not None
    assert form.fields[0].required
    with pytest.raises(UserMistake, match="what it can be seen"):
        pressed(desk, done, evidence=" ")
    pressed(desk, done, evidence="The folder is empty.")
    kept = tasks.task(desk.store, task.id)
    assert (kept.reason, kept.evidence[0].kind) == ("The folder is empty.", EvidenceKind.TEXT)


def test_what_is_nobodys_is_whoevers_takes_it(desk: Desk, task: Task) -> None:
    create_task(desk.store, task.model_copy(update={"id": "task_n", "agent_id": None}))
    row = cards.card(desk.store, "task:task_n.team")
    assert row is not None
    take = offered(desk.presenter.draw(row))[Verb.TASK_TAKE]
    assert pressed(desk, take).text == "It is yours, and started."
    kept = tasks.task(desk.store, "task_n")
    assert (kept.person_id, kept.state) == ("ana", TaskState.IN_PROGRESS)
    with pytest.raises(UserMistake, match="has changed since"):
        pressed(desk, take, "ben")


def test_the_card_names_what_it_still_waits_for(desk: Desk, task: Task) -> None:
    create_task(desk.store, task.model_copy(update={"id": "task_w", "title": "Then", "blocked_by": (task.id,)}))
    row = cards.card(desk.store, "task:task_w.watch")
    assert row is not None
    assert "Waits for\n• Look – Open task" in text.render(desk.presenter.draw(row))
    pressed(desk, offered(card(desk))[Verb.TASK_DONE], evidence="It is done.")
    assert "Waits for" not in text.render(desk.presenter.draw(row))


def told(desk: Desk, line: str) -> str:
    event = InboundEvent(surface="cli", key=line, kind=InboundKind.COMMAND, account="ana", text=line)
    answered = command(desk, event, desk.team.people["ana"]).card
    assert answered is not None
    return text.render(answered)


@pytest.mark.parametrize(
    ("line", "titles"),
    [
        ("tasks", {"Look", "Hers"}),
        ("tasks watch", {"Look"}),
        ("tasks Watch", {"Look"}),
        ("tasks mine", {"Hers"}),
        ("tasks done", {"Past"}),
        ("tasks all", {"Look", "Hers", "Past"}),
    ],
)
def test_the_command_lists_what_it_is_asked_for(desk: Desk, task: Task, line: str, titles: set[str]) -> None:
    hers = {"id": "task_b", "title": "Hers", "agent_id": None, "person_id": "ana"}
    create_task(desk.store, task.model_copy(update=hers))
    create_task(desk.store, task.model_copy(update={"id": "task_c", "title": "Past", "state": TaskState.DONE}))
    said = told(desk, line)
    assert {title for title in ("Look", "Hers", "Past") if title in said} == titles


def test_the_tasks_of_nobody_are_a_mistake(desk: Desk) -> None:
    with pytest.raises(UserMistake, match="no agent 'nobody'"):
        told(desk, "tasks nobody")


def test_the_card_stands_in_its_owners_channel(desk: Desk, task: Task) -> None:
    assert [row.channel for row in cards.all_cards(desk.store, CardKind.TASK)] == ["watch"]
