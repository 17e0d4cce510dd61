"""Scripted people answer through the same door as a pressed button, and a mistake in their file is said plainly."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from agents.roster import Team
from bot.inbound.desk import Desk
from bot.simulation.scripted_people import ScriptedPeople, read_people_script
from store.actions import Store
from store.kernel.clock import ManualClock
from store.kernel.errors import UserMistake
from store.queries import approvals
from store.records import Approval, ApprovalState
from tests.bot.conftest import START
from tests.store.samples import asked, person, running


def write(folder: Path, *lines: str) -> Path:
    file = folder / "people.yaml"
    file.write_text("answers:\n" + "".join(f"  - {{{line}}}\n" for line in lines))
    return file


@pytest.fixture
def people(tmp_path: Path, desk: Desk) -> Callable[..., ScriptedPeople]:
    def make(*lines: str) -> ScriptedPeople:
        return ScriptedPeople(desk, read_people_script(write(tmp_path, *lines), desk.team))

    return make


def state(store: Store, approval: Approval) -> ApprovalState:
    return approvals.approval(store, approval.id).state


def voters(store: Store, approval: Approval) -> list[tuple[str, str]]:
    return [(vote.person_id, vote.surface) for vote in approvals.votes(store, approval.id)]


MISTAKES = {
    "no list": ("", "has no `answers`. Write `answers:` and a list below it."),
    "a bare list": ("- {answer: approve, person: ana}", "has no `answers`"),
    "not YAML": ("answers: [", "cannot be read: it is not YAML."),
    "a date that does not exist": ("answers: 2026-13-45", "cannot be read: it is not YAML."),
    "an unknown key": ("answers: [{answer: nobody, pearson: ana}]", "wrong at answers.0.pearson: Extra inputs"),
    "an unknown answer": ("answers: [{answer: maybe, person: ana}]", "wrong at answers.0.answer: Input should be"),
    "approve without a person": ("answers: [{answer: approve}]", "answers.0: .*approve and reject need a person"),
    "nobody with a name": ("answers: [{answer: nobody, person: ana}]", "nobody has none"),
    "before it was asked": ("answers: [{answer: nobody, after_minutes: -1}]", "answers.0.after_minutes"),
    "after centuries": ("answers: [{answer: nobody, after_minutes: 99999999999}]", "answers.0.after_minutes"),
    "never": ("answers: [{answer: nobody, times: 0}]", "answers.0.times"),
    "a stranger": (
        "answers: [{answer: approve, person: zoe}]",
        "names the person 'zoe'. The team has ana, ben, eve.",
    ),
    "no such agent": ("answers: [{answer: nobody, agent: wach}]", "names the agent 'wach'. The team has watch."),
    "no such tool": (
        "answers: [{answer: nobody, tool: files.mve}]",
        "names the tool 'files.mve'. The team has files.move.",
    ),
}


@pytest.mark.parametrize(("written", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_file_is_said_plainly(tmp_path: Path, team: Team, written: str, said: str) -> None:
    (tmp_path / "people.yaml").write_text(written)
    with pytest.raises(UserMistake) as caught:
        read_people_script(tmp_path / "people.yaml", team)
    assert caught.match(said)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_said_plainly(tmp_path: Path, team: Team) -> None:
    with pytest.raises(UserMistake, match=r"nowhere\.yaml cannot be read: No such file or directory\."):
        read_people_script(tmp_path / "nowhere.yaml", team)
    with pytest.raises(UserMistake, match="cannot be read: Is a directory"):
        read_people_script(tmp_path, team)
    (tmp_path / "latin.yaml").write_bytes("answers: [] # caf\u00e9".encode("latin-1"))
    with pytest.raises(UserMistake, match=r"latin\.yaml cannot be read"):
        read_people_script(tmp_path / "latin.yaml", team)


def test_somebody_answers_in_their_own_time(
    store: Store, clock: ManualClock, people: Callable[..., ScriptedPeople]
) -> None:
    script = people("answer: approve, person: ben, after_minutes: 5, reason: fine by me")
    assert script.next_at() is None
    approval = asked(store, running(store))
    assert script.next_at() == START + timedelta(minutes=5)
    script.act()
    assert state(store, approval) is ApprovalState.OPEN
    clock.move_to(START + timedelta(minutes=5))
    script.act()
    assert state(store, approval) is ApprovalState.APPROVED
    assert voters(store, approval) == [("ben", "script")]
    assert script.next_at() is None


def test_nobody_answers_nothing_and_lets_it_expire(store: Store, people: Callable[..., ScriptedPeople]) -> None:
    script = people("answer: nobody", "answer: approve, person: ben")
    approval = asked(store, running(store))
    script.act()
    assert (script.next_at(), state(store, approval)) == (None, ApprovalState.OPEN)


def test_a_line_with_times_is_used_so_often_and_the_next_one_then(
    store: Store, people: Callable[..., ScriptedPeople]
) -> None:
    script = people("answer: reject, person: ana, times: 1", "answer: approve, person: ben")
    first, second = (asked(store, running(store, key)) for key in ("a", "b"))
    script.act()
    assert sorted((state(store, first), state(store, second))) == [ApprovalState.APPROVED, ApprovalState.REJECTED]
    third = asked(store, running(store, "c"))
    script.act()
    assert state(store, third) is ApprovalState.APPROVED


def test_an_approval_that_is_decided_uses_up_no_second_line(
    store: Store, people: Callable[..., ScriptedPeople]
) -> None:
    script = people("answer: approve, person: ana, times: 1", "answer: reject, person: ben, times: 1")
    first = asked(store, running(store, "a"))
    script.act()
    second = asked(store, running(store, "b"))
    script.act()
    assert (state(store, first), state(store, second)) == (ApprovalState.APPROVED, ApprovalState.REJECTED)


def test_lines_about_another_agent_or_tool_are_passed_over(
    tmp_path: Path, store: Store, desk: Desk, people: Callable[..., ScriptedPeople]
) -> None:
    script = people("answer: approve, person: ana, agent: watch, tool: files.move", "answer: reject, person: ben")
    line, other = read_people_script(tmp_path / "people.yaml", desk.team).answers
    approval = asked(store, running(store))
    assert (line.fits(approval), other.fits(approval)) == (True, True)
    assert not line.fits(approval.model_copy(update={"agent_id": "notes"}))
    assert not line.fits(approval.model_copy(update={"tool": "files.remove"}))
    script.act()
    assert voters(store, approval) == [("ana", "script")]


def test_whoever_asked_for_the_run_does_not_answer_for_it(store: Store, people: Callable[..., ScriptedPeople]) -> None:
    script = people("answer: approve, person: ana", "answer: approve, person: ben")
    approval = asked(store, running(store, by=person("ana")))
    script.act()
    assert voters(store, approval) == [("ben", "script")]


def test_a_quorum_of_two_takes_two_lines_and_no_line_answers_twice(
    store: Store, people: Callable[..., ScriptedPeople]
) -> None:
    script = people("answer: approve, person: ana", "answer: approve, person: ben")
    approval = asked(store, running(store), quorum=2)
    script.act()
    assert state(store, approval) is ApprovalState.OPEN
    script.act()
    assert (state(store, approval), len(voters(store, approval))) == (ApprovalState.APPROVED, 2)


def test_a_person_without_the_role_is_refused_and_the_next_one_answers(
    store: Store, people: Callable[..., ScriptedPeople]
) -> None:
    script = people("answer: approve, person: eve", "answer: approve, person: ana")
    approval = asked(store, running(store))
    script.act()
    assert (state(store, approval), voters(store, approval)) == (ApprovalState.OPEN, [])
    script.act()
    assert voters(store, approval) == [("ana", "script")]
