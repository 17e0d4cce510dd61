"""Decisions, proposals and notes as people see and press them: cards, forms and commands."""

from dataclasses import replace

import pytest

from agents.roster import TopicSpec
from blocks.cards import proposal_card
from blocks.cards.proposal import READABLE_CHARS
from blocks.elements import Card, pressables
from blocks.render import text
from blocks.tokens import Verb, decode
from bot.delivery.present import Presenter
from bot.inbound.commands import command
from bot.inbound.desk import Desk
from bot.inbound.presses import press
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.actions.decisions import record_decision
from store.actions.notes import send_note
from store.actions.topics import propose_topic
from store.kernel.errors import Refused, UserMistake
from store.queries import cards, notes
from store.queries.decisions import decision, decisions, unacknowledged
from store.queries.topics import topic, waiting_proposals
from store.records import Actor, ActorKind, Decision, DecisionStanding, Note, Proposal
from tests.store.samples import person

WATCH = Actor(kind=ActorKind.AGENT, id="watch")


def decided(desk: Desk, name: str = "a", choice: str = "never", **changes: object) -> Decision:
    one = Decision(
        id=f"decision_{name}",
        subject="Deploys",
        subject_key="",
        choice=choice,
        decided_by=person("ana"),
        decided_at=desk.store.clock.now(),
    )
    return record_decision(desk.store, one.model_copy(update=changes))


def card(desk: Desk, key: str) -> Card:
    row = cards.card(desk.store, key)
    assert row is not None
    return desk.presenter.draw(row)


def pressed(desk: Desk, token: str, person_id: str = "ana", **fields: str) -> Answer:
    kind = InboundKind.SUBMIT if fields else InboundKind.PRESS
    key = f"{token}{person_id}{fields}"
    event = InboundEvent(surface="console", key=key, kind=kind, account=person_id, token=token, fields=fields)
    return press(desk, event, desk.team.people[person_id])


def offered(shown: Card) -> dict[Verb, str]:
    return {decode(one.token).verb: one.token for one in pressables(shown)}


def told(desk: Desk, line: str) -> Card:
    event = InboundEvent(surface="cli", key=line, kind=InboundKind.COMMAND, account="ana", text=line)
    answered = command(desk, event, desk.team.people["ana"]).card
    assert answered is not None
    return answered


def test_a_person_it_affects_acknowledges_it_and_another_is_refused(desk: Desk) -> None:
    decided(desk, affects=("ana", "watch"))
    acknowledge = offered(card(desk, "decision:decision_a"))[Verb.DECISION_ACKNOWLEDGE]
    with pytest.raises(Refused, match="does not ask ben"):
        pressed(desk, acknowledge, "ben")
    assert pressed(desk, acknowledge).text == "Acknowledged."
    assert pressed(desk, acknowledge, reason="twice").text == "You had acknowledged it already."
    assert [missing for _, missing in unacknowledged(desk.store)] == [("watch",)]
    assert Verb.DECISION_ACKNOWLEDGE not in offered(card(desk, "decision:decision_a")), "an agent has no button"


def test_of_two_that_contradict_each_other_a_person_lets_one_stand(desk: Desk) -> None:
    decided(desk, "a", "never")
    decided(desk, "b", "always")
    uphold = offered(card(desk, "decision:decision_b"))[Verb.DECISION_UPHOLD]
    assert pressed(desk, uphold).text == "It stands: always."
    assert decision(desk.store, "decision_a").standing is DecisionStanding.SUPERSEDED
    assert offered(card(desk, "decision:decision_a")) == {}
    assert Verb.DECISION_UPHOLD not in offered(card(desk, "decision:decision_b"))


def test_a_person_decides_anew(desk: Desk) -> None:
    decided(desk, affects=("ben",))
    supersede = offered(card(desk, "decision:decision_a"))[Verb.DECISION_SUPERSEDE]
    form = pressed(desk, supersede).form
    assert form is not None
    assert pressed(desk, form.token, choice="on Mondays", reason="quiet").text == "Decided: on Mondays."
    [stands] = decisions(desk.store)
    assert (stands.choice, stands.supersedes, stands.affects) == ("on Mondays", "decision_a", ("ben",))
    with pytest.raises(UserMistake, match="superseded already"):
        pressed(desk, form.token, "ben", choice="never mind")


def test_a_decision_is_made_from_the_list(desk: Desk) -> None:
    decided(desk)
    listed = told(desk, "decisions")
    assert "Deploys: never" in text.render(listed)
    form = pressed(desk, offered(listed)[Verb.MAKE_DECISION]).form
    assert form is not None
    said = pressed(desk, form.token, subject="deploys", choice="always", reason="", affects="Ben, watch").text
    assert said is not None
    assert "contradicts" in said
    assert {one.affects for one in decisions(desk.store)} == {(), ("ben", "watch")}
    with pytest.raises(UserMistake, match="nobody called"):
        pressed(desk, form.token, subject="x", choice="y", affects="nobody")
    with pytest.raises(UserMistake, match="what is decided"):
        pressed(desk, form.token, subject="x", choice=" ")


def with_topic(desk: Desk) -> Desk:
    team = desk.team.model_copy(update={"topics": {"site": TopicSpec(name="site", writer="watch")}})
    return replace(desk, team=team, presenter=Presenter(desk.store, team, "http://console.test"))


def proposed(desk: Desk, name: str = "a", *, tainted: bool = False) -> Proposal:
    proposal = Proposal(
        id=f"proposal_{name}",
        topic="site",
        agent_id="watch",
        text="The server moved.",
        why="it moved",
        proposed_by=WATCH,
        proposed_at=desk.store.clock.now(),
        based_on=0,
    )
    return propose_topic(desk.store, proposal, tainted=tainted)


def test_a_person_lets_words_out_of_quarantine_or_declines_them(desk: Desk) -> None:
    desk = with_topic(desk)
    proposed(desk, tainted=True)
    shown = card(desk, "proposal:proposal_a")
    assert "Only a person may let it in" in text.render(shown)
    pressed(desk, offered(shown)[Verb.PROPOSAL_ACCEPT])
    kept = topic(desk.store, "site")
    assert kept is not None
    assert (kept.text, kept.written_by.id) == ("The server moved.", "ana")
    assert offered(card(desk, "proposal:proposal_a")) == {}
    proposed(desk, "b")
    form = pressed(desk, offered(card(desk, "proposal:proposal_b"))[Verb.PROPOSAL_DECLINE]).form
    assert form is not None
    with pytest.raises(UserMistake, match="Say why"):
        pressed(desk, form.token, reason=" ")
    pressed(desk, form.token, reason="it did not")
    assert "It did not." in text.render(card(desk, "proposal:proposal_b"))
    assert waiting_proposals(desk.store) == []


def test_what_cannot_be_read_here_cannot_be_accepted_here(desk: Desk) -> None:
    desk = with_topic(desk)
    long = proposed(desk).model_copy(update={"id": "proposal_long", "text": "x" * (READABLE_CHARS + 1)})
    propose_topic(desk.store, long)
    shown = card(desk, "proposal:proposal_long")
    assert set(offered(shown)) == {Verb.PROPOSAL_DECLINE}
    assert "accepted on the topic's page" in text.render(shown)
    assert Verb.PROPOSAL_ACCEPT in offered(proposal_card(long, desk.presenter.view, whole=True))


def test_topics_are_listed_with_what_waits(desk: Desk) -> None:
    desk = with_topic(desk)
    proposed(desk)
    said = text.render(told(desk, "topics site"))
    assert "nothing written yet" in said
    assert "New text for site" in said
    with pytest.raises(UserMistake, match="There are site"):
        told(desk, "topics sight")


def test_a_person_acknowledges_a_note_for_its_reader(desk: Desk) -> None:
    note = Note(
        id="note_a", to_agent="watch", sender=person("ana"), text="Look there", created_at=desk.store.clock.now()
    )
    send_note(desk.store, note)
    listed = told(desk, "notes Watch")
    assert "Look there" in text.render(listed)
    assert "for Watch" in str(pressed(desk, offered(listed)[Verb.NOTE_ACKNOWLEDGE]).text)
    assert notes.unread_notes(desk.store) == []
    assert "Everything was acknowledged." in text.render(told(desk, "notes"))
    with pytest.raises(UserMistake, match="no agent 'nobody'"):
        told(desk, "notes nobody")
