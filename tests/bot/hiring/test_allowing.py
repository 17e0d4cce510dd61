"""Allow like this…: from a question or a refusal to a bounded rule with an end, by an owner who did not ask for it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agents.parts import SessionParts
from agents.readings.replay import Recording, ReplayReadings
from agents.session import run_segment
from blocks.cards import run_card
from blocks.elements import Button, Payload, pressables
from blocks.tokens import Verb, decode
from bot.foundation import lay_foundation, load_team
from bot.settings import Settings
from store.actions.runs import request_run
from store.handle import Store
from store.kernel.clock import WallClock
from store.kernel.errors import Refused, UserMistake
from store.kernel.ports import Segment
from store.queries import approvals, runs
from store.records import SYSTEM, Actor, ActorKind, Run, RunState, Trigger, TriggerKind
from tests.bot.hiring.test_audition import TIDY, shop
from tests.bot.hiring.test_hire import Office

ANN = Actor(kind=ActorKind.PERSON, id="ann", surface="console")


class TidyOffice(Office):
    """An office whose team has an agent that asks to move a file, and an engine that runs what is enqueued."""

    def works(self, by: Actor = SYSTEM) -> Run:
        """One run of it, as far as it goes without people."""
        store, team = self.desk.store, load_team(self.folder)
        trigger = Trigger(kind=TriggerKind.MANUAL, key=str(len(segments)), initiator=by)
        agent = team.agents["tidy"]
        run = request_run(store, agent_id="tidy", trigger=trigger, limits=agent.limits, workspace_digest=team.digest)
        parts = SessionParts(store, team, self.desk.tools, ReplayReadings(Recording()))
        run_segment(parts, segments[-1])
        return runs.run(store, run.id)


segments: list[Segment] = []


@pytest.fixture(params=["ask-for-writes", "watch-only"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TidyOffice]:
    folder = shop(tmp_path / "shop", request.param)
    block = "".join(f"    {line}\n" for line in TIDY.splitlines())
    file = folder / "team.yaml"
    file.write_text(file.read_text().replace("\n# Who we are.", f"  tidy:\n{block}\n# Who we are."))
    foundation = lay_foundation(folder, Settings())
    database = foundation.open_database()
    segments.clear()
    store = Store(database, WallClock(), lambda tx, segment: segments.append(segment))
    yield TidyOffice(foundation, store)
    database.close()


def proposed(office: TidyOffice, run: Run) -> tuple[str, list[str]]:
    """What is shown for the run's question, or its refusal: the difference, and the buttons' tokens."""
    asked = approvals.approvals_of_run(office.desk.store, run.id)
    card = office.says(f"allow {asked[0].id if asked else run.id}").card
    assert card is not None
    (payload,) = (element for element in card.elements if isinstance(element, Payload))
    return payload.text, [action.token for action in card.actions if isinstance(action, Button)]


def test_an_owner_allows_calls_like_this_for_a_time(office: TidyOffice) -> None:
    first = office.works()
    assert first.state in (RunState.WAITING, RunState.DONE)
    difference, tokens = proposed(office, first)
    for bound in ("args.folder: {eq:", "args.older_than_days: {eq: 30}", "until:", "instead_of: [starter.", "tainted:"):
        assert bound in difference
    with pytest.raises(Refused, match="owner"):
        office.presses(tokens[0], "ben")
    said = office.presses(tokens[0]).text
    assert "the policy" in (said or "")
    rule = next(one for one in load_team(office.folder).policy.rules if one.id.startswith("like-"))
    assert rule.until is not None
    left = rule.until - office.desk.store.clock.now()
    assert timedelta(days=7) < left < timedelta(days=8, hours=1)
    second = office.works()
    assert (second.state, approvals.approvals_of_run(office.desk.store, second.id)) == (RunState.DONE, [])
    assert (office.folder / "archive" / "2020-01-01-old.txt").exists()


def test_whoever_asked_for_it_makes_no_rule_for_it(office: TidyOffice) -> None:
    _, tokens = proposed(office, office.works(by=ANN))
    with pytest.raises(Refused, match="Whoever asked"):
        office.presses(tokens[0])


def test_the_team_s_own_refusal_is_not_excepted(office: TidyOffice) -> None:
    file = office.folder / "team.yaml"
    run = office.works()
    file.write_text(
        "\n".join(line for line in file.read_text().splitlines() if not line.startswith("policy:"))
        + "\npolicy:\n  rules:\n    - {id: never, effect: deny, agents: [tidy], tools: [files.move_old]}\n"
    )
    foundation = lay_foundation(office.folder, Settings())
    refusing = TidyOffice(foundation, office.desk.store)
    asked = approvals.approvals_of_run(office.desk.store, run.id)
    with pytest.raises(UserMistake, match="team's own refusal"):
        refusing.says(f"allow {asked[0].id if asked else run.id}")


def test_the_card_of_a_run_that_was_refused_offers_the_rule(office: TidyOffice) -> None:
    run = office.works()
    steps = runs.steps(office.desk.store, run.id)
    shown_card = run_card(run, steps, office.desk.presenter.view)
    offered = [one.token for one in pressables(shown_card) if decode(one.token).verb is Verb.ALLOW_LIKE]
    assert len(offered) == (1 if run.state is RunState.DONE else 0), "refused at once, or asked about"
    for token in offered:
        shown = office.presses(token).card
        assert shown is not None
        assert any(isinstance(one, Payload) for one in shown.elements)


def test_a_run_in_which_nothing_was_refused_has_nothing_to_allow(office: TidyOffice) -> None:
    with pytest.raises(UserMistake, match="Say which"):
        office.says("allow")
