"""Why a figure says what it says, and "this is wrong": through a chain of hands, on every card that used it."""

from typing import Any

import pytest

from agents.contracts import Contract
from agents.roster import Team
from blocks.cards.marks import FIGURE_FIELD, WRONG_FIELD
from blocks.elements import Card, find_pressable, pressables
from blocks.render import slack
from blocks.render.slack_check import problems
from blocks.render.text import render
from blocks.tokens import Verb, decode, encode
from bot.delivery.present import Presenter
from bot.inbound.desk import Desk
from bot.inbound.handed_over import handoffs_card, handoffs_of
from bot.inbound.listings import answer_why
from bot.inbound.presses import press
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.actions.runs import request_run
from store.kernel.errors import NotFound, Refused, UserMistake
from store.queries import cards, findings, handoffs
from store.queries.audit import events_for
from store.queries.marks import marks_on
from store.records import SYSTEM, CardKind, Digest, OutputKind, RunState, Trigger, TriggerKind
from tests.agents.conftest import rig as rig  # noqa: PLC0414 - the fixture, by its own name
from tests.agents.rig import AGENT, LIMITS, Rig
from tests.agents.test_contracts import BODY

WORKER = """
reading = {"metric": "users", "at": "2026-01-05T07:00:00Z", "value": "71.4", "unit": ""}
await ctx.call("metrics.record", readings=[reading])
await ctx.call("metrics.read", metrics=["users"], since="2026-01-05T00:00:00Z")
await ctx.call("alert.raise", metric="users", title="Users are low", value="71.4", unit="users", lower="90",
    next_step="Look at the tag")
await ctx.call("handoff.send", to="chief", contract="finding@1", confidence="0.9",
    payload={"kind": "anomaly", "title": "Users fell", "value": "71.4"})
await ctx.call("digest.publish", name="own", headline="As it was.",
    figures=[{"label": "Users", "value": "71.4", "lower": "90", "upper": "110", "formed": "median of 12 Mondays"},
             {"label": "Made up", "value": "5"}])
"""
CHIEF = """
found = await ctx.call("handoff.list", since="2026-01-01T00:00:00Z")
users = found["handoffs"][0]["payload"]["value"]
await ctx.call("digest.publish", name="team", headline=f"Users are at {users}.", scope="team",
    figures=[{"label": "Users", "value": users, "baseline": "100"}])
await ctx.call("push", n=1, label=users)
"""


class World:
    """A worker and a chief that have worked, and whoever presses on their cards."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.store, self._presses = rig, rig.store, 0
        worker = rig.team.agents[AGENT]
        chief = worker.model_copy(update={"id": "chief", "name": "Chief"})
        contract = Contract(name="finding", version=1, body=BODY)
        rig.change_team(agents={AGENT: worker, "chief": chief}, contracts={"finding@1": contract})
        rig.change_team(policy=rig.policy_for("chief"))
        rig.routine(WORKER)
        assert rig.run(key="worker").state is RunState.DONE
        done = rig.run_as("chief", CHIEF)
        assert done.state is RunState.DONE, done.reason

    @property
    def desk(self) -> Desk:
        team: Team = self.rig.team
        presenter = Presenter(self.store, team, "http://127.0.0.1:8420")
        return Desk(self.store, team, self.rig.tools, presenter)

    def digest(self, name: str) -> Digest:
        return next(one for one in findings.recent_digests(self.store) if one.name == name)

    def card(self, kind: CardKind, record_id: str) -> Card:
        row = next(one for one in cards.all_cards(self.store, kind) if one.record_id == record_id)
        return self.desk.presenter.draw(row)

    def press(self, token: str, person: str = "ana", **fields: str) -> Answer:
        self._presses += 1
        kind = InboundKind.SUBMIT if fields else InboundKind.PRESS
        event = InboundEvent(
            surface="slack", key=str(self._presses), kind=kind, account=person, token=token, fields=fields
        )
        return press(self.desk, event, self.rig.team.people[person])


@pytest.fixture
def world(rig: Rig) -> World:
    return World(rig)


def token(world: World, verb: Verb, name: str = "team", number: int = 0) -> str:
    return encode(verb, f"digest/{world.digest(name).id}/{number}", 0)


def revisions(world: World) -> dict[str, int]:
    return {row.key: row.revision for row in cards.all_cards(world.store)}


def test_every_figure_of_a_digest_can_be_asked_about(world: World) -> None:
    card = world.card(CardKind.DIGEST, world.digest("own").id)
    asked = [one.token for one in pressables(card) if decode(one.token).verb is Verb.WHY]
    assert asked == [token(world, Verb.WHY, "own", 0), token(world, Verb.WHY, "own", 1)]
    assert problems(slack.render(card)) == []


def test_why_leads_through_the_handoff_to_the_rows_the_range_and_the_run(world: World) -> None:
    answer = world.press(token(world, Verb.WHY))
    assert answer.card is not None
    said = render(answer.card)
    [handoff] = handoffs.handoffs(world.store)
    for part in (
        "usually 100",
        "Handed over by Worker under finding@1, at /value",
        "confidence 0.9",
        "Worker read it with metrics.read, step 2, at /series/0/",
        '"metric":"users"',
        "What it knew",
        "On whose authority",
        "At what cost",
        handoff.run_id,
    ):
        assert part in said, part
    assert answer.card.summary == "Users 71.4: from Worker, read with metrics.read."
    own = world.press(token(world, Verb.WHY, "own")).card
    assert own is not None
    assert "median of 12 Mondays" in render(own)
    assert problems(slack.render(own)) == []


def test_a_figure_nobody_can_trace_says_so(world: World) -> None:
    answer = world.press(token(world, Verb.WHY, "own", 1))
    assert answer.card is not None
    assert "It stands in no tool's result: its author's own." in render(answer.card)


def test_wrong_is_said_on_every_card_that_used_the_figure_and_on_no_other(world: World) -> None:
    own, team = world.digest("own"), world.digest("team")
    [alert] = findings.open_alerts(world.store)
    before = revisions(world)
    form = world.press(token(world, Verb.WRONG, "own")).form
    assert form is not None
    assert [field.name for field in form.fields] == [FIGURE_FIELD, WRONG_FIELD]
    said = world.press(form.token, **{FIGURE_FIELD: "0", WRONG_FIELD: "the tag was off"})
    assert said.text == "Marked: Users 71.4. Every card that used it says so now."
    first = render(world.card(CardKind.DIGEST, own.id))
    assert "Ana says Users 71.4 is wrong – the tag was off (Mon 5 Jan 2026, 08:00 UTC)" in first
    for kind, record_id in ((CardKind.DIGEST, team.id), (CardKind.ALERT, alert.id)):
        card = world.card(kind, record_id)
        assert "Uses a figure Ana says is wrong: Users 71.4" in " ".join(render(card).split())
        assert "the tag was off" in render(card)
        assert problems(slack.render(card)) == []
    after = revisions(world)
    redrawn = {key for key in after if after[key] > before[key]}
    assert redrawn == {f"digest:{own.id}", f"digest:{team.id}", f"alert:{alert.id}"}
    assert [event.kind for event in events_for(world.store, "digest", own.id)][-1] == "figure.marked_wrong"


def test_a_mark_made_at_the_end_of_the_chain_reaches_its_beginning(world: World) -> None:
    world.press(token(world, Verb.WRONG), **{WRONG_FIELD: "no"})
    assert [one.by for one in marks_on(world.store, OutputKind.DIGEST, world.digest("own").id)] == ["ana"]


def test_another_figure_of_the_same_digest_is_not_touched(world: World) -> None:
    world.press(token(world, Verb.WRONG, "own"), **{FIGURE_FIELD: "1", WRONG_FIELD: "a guess"})
    assert len(marks_on(world.store, OutputKind.DIGEST, world.digest("own").id)) == 1
    assert marks_on(world.store, OutputKind.DIGEST, world.digest("team").id) == []


def test_what_uses_the_figure_later_says_so_from_its_first_card(world: World) -> None:
    world.press(token(world, Verb.WRONG), **{WRONG_FIELD: "no"})
    world.rig.later(hours=1)
    trigger = Trigger(kind=TriggerKind.MANUAL, key="later", initiator=SYSTEM)
    world.rig.routine(CHIEF.replace('name="team"', 'name="later"'))
    request_run(world.store, agent_id="chief", trigger=trigger, limits=LIMITS, workspace_digest="d")
    world.rig.drive()
    later = world.card(CardKind.DIGEST, world.digest("later").id)
    assert "Uses a figure Ana says is wrong" in render(later)


def test_a_mark_is_taken_back_everywhere_by_its_author_or_an_approver(world: World) -> None:
    world.press(token(world, Verb.WRONG), person="cat", **{WRONG_FIELD: "no"})
    [mark] = marks_on(world.store, OutputKind.DIGEST, world.digest("team").id)
    answer = world.press(token(world, Verb.WHY))
    assert answer.card is not None
    back = encode(Verb.WITHDRAW_WRONG, mark.id, 0)
    assert find_pressable(answer.card, back) is not None
    dan = world.rig.team.people["cat"].model_copy(update={"id": "dan"})
    world.rig.change_team(people={**world.rig.team.people, "dan": dan})
    with pytest.raises(Refused):
        world.press(back, person="dan")
    world.press(back, person="cat")
    world.press(back, person="ana")
    for name in ("team", "own"):
        assert "wrong" not in render(world.card(CardKind.DIGEST, world.digest(name).id)).replace("figure is wrong…", "")


@pytest.mark.parametrize(
    ("subject", "error"),
    [("digest/digest_none/0", NotFound), ("run/run_a/0", UserMistake), ("digest/x", UserMistake)],
)
def test_what_is_no_figure_is_said(world: World, subject: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        world.press(encode(Verb.WHY, subject, 0))


def test_a_mark_without_a_reason_is_not_made(world: World) -> None:
    with pytest.raises(UserMistake, match="Say what is wrong"):
        world.press(token(world, Verb.WRONG), **{WRONG_FIELD: "  ", FIGURE_FIELD: "0"})


def test_the_command_line_and_chat_name_a_figure_by_its_number(world: World) -> None:
    team = world.digest("team")
    card = answer_why(world.store, world.desk.presenter, f"{team.id}/1")
    assert card.title == "Why: Users 71.4"
    with pytest.raises(NotFound, match="no figure 2"):
        answer_why(world.store, world.desk.presenter, f"{team.id}/2")
    [sent] = handoffs.handoffs(world.store)
    assert "Worker" in answer_why(world.store, world.desk.presenter, sent.id).summary


def test_the_whole_answer_fits_wherever_it_is_shown(world: World) -> None:
    answer: Any = world.press(token(world, Verb.WHY)).card
    assert problems(slack.render(answer)) == []


def test_work_handed_over_can_be_listed_and_what_waits_too_long_stands_first(world: World) -> None:
    presenter = world.desk.presenter
    fresh = render(handoffs_card(world.store, presenter, ""))
    assert "finding@1: Worker to Chief, sent" in fresh
    assert "Waits for its receiver" not in fresh
    world.rig.later(days=2)
    late = render(handoffs_card(world.store, presenter, "Chief"))
    assert late.index("Waits for its receiver") < late.index("Newest first")
    assert "for 2 d" in late
    assert handoffs_of(world.store, presenter, "nobody") == []


def test_a_task_made_by_an_agent_answers_why_too(world: World) -> None:
    world.rig.routine('return dict(await ctx.call("task.create", title="Put the tag back"))')
    run = world.rig.run(key="task")
    assert run.result is not None
    why = render(answer_why(world.store, world.desk.presenter, str(run.result["task"])))
    assert run.id in why


def test_a_digest_that_was_cut_is_shown_whole_to_whoever_asks(world: World) -> None:
    digest = world.digest("team")
    shown = world.press(encode(Verb.SHOW_ALL, digest.id, 0)).card
    assert shown is not None
    assert digest.headline in render(shown)
    with pytest.raises(NotFound):
        world.press(encode(Verb.SHOW_ALL, "digest_gone", 0))
