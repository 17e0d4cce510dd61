"""What a button asks before it counts is found: on the card as it stands, or from the token of an answer's button."""

from collections.abc import Awaitable, Callable

import pytest

from agents.roster import Team
from blocks.elements import Button, find_pressable
from blocks.tokens import Verb, encode
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.inbound.allowing import rule_button
from bot.inbound.hiring import hire_button
from bot.inbound.questions import StoredQuestions
from bot.surfaces.memory import MemorySurface
from store.actions import Store
from store.actions.approvals import decide_approval
from store.records import Approval
from tests.store.samples import asked, running

ROLE = frozenset({"ana", "ben"})
Deliver = Callable[[], Awaitable[int]]


@pytest.fixture
def deliver(store: Store, team: Team, presenter: Presenter, surface: MemorySurface) -> Deliver:
    outbox = Outbox(store, team, presenter, (surface,))
    return lambda: outbox.deliver(surface)


@pytest.fixture
def questions(store: Store) -> StoredQuestions:
    return StoredQuestions(store, MemorySurface.name)


@pytest.fixture
async def final(store: Store, deliver: Deliver) -> Approval:
    approval = asked(store, running(store), irreversible=True)
    await deliver()
    return approval


def token(approval: Approval, revision: int | None = None, verb: Verb = Verb.APPROVE) -> str:
    return encode(verb, approval.id, approval.revision if revision is None else revision)


def place(surface: MemorySurface, approval: Approval) -> tuple[str, str]:
    [message] = [one for one in surface.messages if one.card.key == f"approval:{approval.id}"]
    return message.channel_id, message.id


def test_a_question_is_found_by_its_message_and_without_it(
    surface: MemorySurface, questions: StoredQuestions, final: Approval
) -> None:
    shown = next(one.card for one in surface.messages if one.card.key == f"approval:{final.id}")
    button = find_pressable(shown, token(final))
    assert isinstance(button, Button)
    assert button.confirm is not None
    assert questions(token(final), *place(surface, final)) == button
    assert questions(token(final), "elsewhere", "unknown") == button


def test_the_question_of_a_card_that_moved_on_is_the_present_one(
    surface: MemorySurface, questions: StoredQuestions, final: Approval
) -> None:
    found = questions(token(final, final.revision + 7), *place(surface, final))
    assert found is not None
    assert found.token == token(final)


def test_a_button_that_asks_nothing_has_no_question(
    surface: MemorySurface, questions: StoredQuestions, final: Approval
) -> None:
    assert questions(token(final, verb=Verb.ALLOW_LIKE), *place(surface, final)) is None
    assert questions(token(final, verb=Verb.REJECT), *place(surface, final)) is None


async def test_a_button_that_is_gone_has_no_question(
    store: Store, surface: MemorySurface, questions: StoredQuestions, deliver: Deliver, final: Approval
) -> None:
    decide_approval(store, final.id, person_id="ben", account="b", surface="console", approve=False, eligible=ROLE)
    await deliver()
    assert questions(token(final), *place(surface, final)) is None
    assert questions(token(final), "elsewhere", "unknown") is None


@pytest.mark.parametrize("wrong", ["", "q1:approve:nobody:1", "q2:approve:a:1", "?q1:approve:a:1"])
def test_nothing_is_found_for_what_is_not_ours(store: Store, questions: StoredQuestions, wrong: str) -> None:
    assert questions(wrong, "C1", "M1") is None


def test_buttons_of_answers_are_asked_about_from_their_token(store: Store, questions: StoredQuestions) -> None:
    hire, rule = hire_button("seo-watch/0123456789ab"), rule_button("apv_aaaaaaaaaaaaaaaa/7/0123456789ab")
    for button in (hire, rule):
        assert button.confirm is not None
        assert questions(button.token, "C1", "M1") == button
    assert hire.confirm is not None
    assert rule.confirm is not None
    assert (hire.confirm.title, rule.confirm.title) == ("Hire seo-watch?", "Allow this for 7 days?")
