"""The pages of shared work: what stands where, a task with its neighbours and history, a topic with its versions."""

import re

from blocks.tokens import Verb
from bot.surfaces.console.views.work import work_page
from store.records import AuditEvent
from tests.blocks.samples import ANA, NOW, VIEW
from tests.bot.console.conftest import Console
from tests.bot.console.samples import shared_work

TASK, EXPORT = "task_aaaaaaaaaaaaaaaa", "task_bbbbbbbbbbbbbbbb"


def test_what_is_nobodys_comes_first_and_figures_count_the_rows() -> None:
    page = work_page(shared_work(), VIEW)
    assert [(group.name, len(group.rows)) for group in page.groups] == [
        ("Nobody yet", 1),
        ("Machine Watch", 3),
        ("Ana Duarte", 1),
    ]
    assert {figure.label: figure.value for figure in page.figures} == {
        "Unfinished tasks": "5",
        "Blocked": "2",
        "Overdue": "1",
        "Decisions to acknowledge": "1",
        "Notes outstanding": "1",
    }


async def test_the_work_page_says_who_has_what_and_what_holds_it(console: Console) -> None:
    text = (await console.get("/work")).text
    for said in ("Open task, overdue", "Find an owner", "no access", "Closed lately", "Contested", "nothing yet"):
        assert said in text
    assert re.search(rf'waits for <a href="/tasks/{EXPORT}"', text)
    assert '<a href="/runs/run_aaaaaaaaaaaaaaaa" data-panel>a run works on it</a>' in text
    assert "Machine Watch, Bo Lindqvist" in text
    assert "was due" in text


async def test_a_task_has_its_card_its_neighbours_and_its_history(console: Console) -> None:
    happened = AuditEvent(
        seq=7,
        at=NOW,
        kind="task.blocked",
        actor=ANA,
        subject_kind="task",
        subject_id=TASK,
        data={"reason": "no access"},
        prev_hash="0" * 64,
        hash="f" * 64,
    )
    console.data.events.append(happened)
    text = (await console.get(f"/tasks/{TASK}")).text
    assert f"q1:{Verb.TASK_DONE.value}:{TASK}" in text
    assert "task.blocked" in text
    assert f'href="/tasks/{EXPORT}"' in text
    waited_for = (await console.get(f"/tasks/{EXPORT}")).text
    assert f'href="/tasks/{TASK}"' in waited_for
    assert (await console.get("/tasks/task_x")).status == 404


async def test_a_topic_has_what_it_says_and_what_waits(console: Console) -> None:
    text = (await console.get("/topics/site")).text
    for said in ("The shop runs on one server.", "version 3", "In quarantine", "The shop moved."):
        assert said in text
    assert f"q1:{Verb.PROPOSAL_ACCEPT.value}:" in text
    assert "Nothing is written yet." in (await console.get("/topics/company")).text
    assert (await console.get("/topics/none")).status == 404
