"""Home pages live: opened, pressed, published when they read differently, and never what somebody may not see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from agents.roster import Team
from blocks.cards import REASON_FIELD
from blocks.home import Home, HomeItem
from blocks.tokens import Verb, encode
from bot.delivery.present import Presenter
from bot.homes.pages import HomePages
from bot.homes.watch import APART, LOOK_ANYWAY, LOOK_EVERY, NOTE_FOR, WATCHED_FOR, HomeWatch
from bot.inbound.intake import Intake
from bot.inbound.presses import Desk, press
from bot.surfaces.base import Answer, HasHomes, HomeMoved, InboundEvent, InboundKind
from store.actions import Store
from store.actions.homes import open_home
from store.actions.runs import finish_run
from store.kernel.clock import ManualClock
from store.kernel.errors import QuarterdeckError, Refused, Retryable, UserMistake
from store.queries import approvals
from store.queries.homes import home
from store.records import AgentState, ApprovalState, HomeShow, RunState
from tests.store.samples import asked, person, running

ANA, BEN, NOBODY = "U000000001", "U000000002", "U999999999"


@dataclass
class Place:
    """Slack, as far as home pages go; `fails` is what the next publishings come to, in order."""

    name: str = "slack"
    shown: list[tuple[str, Home, int]] = field(default_factory=list)
    fails: list[QuarterdeckError | None] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)

    def channel_url(self, channel_id: str) -> str:
        return f"https://slack.test/{channel_id}"

    async def publish_home(self, account: str, home: Home, page: int, seen: str | None) -> str | None:
        failure = self.fails.pop(0) if self.fails else None
        if failure is not None:
            raise failure
        if seen is not None and seen != self.marks.get(account):
            raise HomeMoved("moved")
        self.shown.append((account, home, page))
        self.marks[account] = f"mark-{len(self.shown)}"
        return self.marks[account]

    def of(self, account: str) -> Home:
        return [home for whose, home, _ in self.shown if whose == account][-1]


@dataclass
class House:
    """A team whose people look at their pages."""

    store: Store
    team: Team
    clock: ManualClock
    watch: HomeWatch
    intake: Intake
    place: Place
    events: int = 0

    async def round(self, seconds: float = 0) -> int:
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))
        return await self.watch.round({"slack": self.place})

    async def opens(self, account: str, account_class: str = "member", key: str | None = None) -> None:
        mark = self.place.marks.get(account)
        await self._arrives(InboundKind.HOME, account, account_class, key, payload={"view_hash": mark} if mark else {})

    async def presses(self, account: str, token: str, account_class: str = "member", **fields: str) -> Answer:
        kind = InboundKind.SUBMIT if fields else InboundKind.PRESS
        return await self._arrives(
            kind, account, account_class, None, token=token, fields=fields, payload={"home": True}
        )

    async def _arrives(
        self, kind: InboundKind, account: str, account_class: str, key: str | None, **rest: object
    ) -> Answer:
        self.events += 1
        self.clock.move_to(self.clock.now() + timedelta(milliseconds=1))
        facts = {"surface": "slack", "key": key or f"e{self.events}", "kind": kind, "account": account, **rest}
        event = InboundEvent.model_validate({**facts, "account_class": account_class})
        return await self.intake.act(await self.intake.accept(event))


def _house(store: Store, team: Team, clock: ManualClock, desk: Desk, presenter: Presenter) -> House:
    watch = HomeWatch(store, team, HomePages(store, team, presenter))
    acts = {kind: lambda event, who: press(desk, event, who) for kind in (InboundKind.PRESS, InboundKind.SUBMIT)}
    intake = Intake(store, team, acts, {InboundKind.HOME: watch.opened}, watch.answered)
    return House(store, team, clock, watch, intake, Place())


@pytest.fixture
def house(store: Store, team: Team, clock: ManualClock, desk: Desk, presenter: Presenter) -> House:
    return _house(store, team, clock, desk, presenter)


@pytest.fixture
def restarted(store: Store, team: Team, clock: ManualClock, desk: Desk, presenter: Presenter) -> Callable[[], House]:
    return lambda: _house(store, team, clock, desk, presenter)


def labels(home: Home) -> list[str]:
    entries = home.sections[0].entries
    return [action.label for entry in entries if isinstance(entry, HomeItem) for action in entry.actions]


async def test_each_person_sees_what_is_theirs_to_decide(house: House) -> None:
    asked(house.store, running(house.store, by=person("ben")))
    for account in (ANA, BEN):
        await house.opens(account)
    assert await house.round() == 2
    assert "Approve" in labels(house.place.of(ANA))
    assert labels(house.place.of(BEN)) == []
    assert "1 approval waits for other people" in house.place.of(BEN).facts


@pytest.mark.parametrize(
    ("account", "account_class"), [(NOBODY, "member"), (ANA, "guest"), (ANA, "external"), (ANA, "unknown")]
)
async def test_strangers_guests_and_outsiders_see_nothing_of_the_team(
    house: House, account: str, account_class: str
) -> None:
    asked(house.store, running(house.store))
    await house.opens(account, account_class)
    await house.round()
    shown = house.place.of(account)
    assert not shown.for_members
    assert house.team.name not in shown.model_dump_json()
    assert labels(shown) == []


async def test_a_decision_on_the_page_counts_like_one_on_the_card_and_is_said_there(house: House) -> None:
    waiting = asked(house.store, running(house.store))
    await house.opens(ANA)
    await house.round()
    token = encode(Verb.APPROVE, waiting.id, waiting.revision)
    assert token in house.place.of(ANA).model_dump_json()
    await house.presses(ANA, token)
    assert approvals.approval(house.store, waiting.id).state is ApprovalState.APPROVED
    assert await house.round() == 1, "the answer of one's own press does not wait"
    assert house.place.of(ANA).note == "Approved. Thank you."
    assert "Approve" not in labels(house.place.of(ANA))


async def test_a_form_opens_from_the_page_and_its_sending_is_answered_there(house: House) -> None:
    waiting = asked(house.store, running(house.store))
    await house.opens(ANA)
    token = encode(Verb.REJECT, waiting.id, waiting.revision)
    opened = await house.presses(ANA, token)
    assert opened.form is not None
    assert approvals.approval(house.store, waiting.id).state is ApprovalState.OPEN
    await house.presses(ANA, opened.form.token, **{REASON_FIELD: "Not today"})
    assert approvals.approval(house.store, waiting.id).decision_reason == "Not today"
    await house.round()
    assert str(house.place.of(ANA).note).startswith("Rejected")


async def test_the_page_authorises_nothing(house: House) -> None:
    waiting = asked(house.store, running(house.store, by=person("ana")))
    await house.opens(ANA)
    await house.presses(ANA, encode(Verb.APPROVE, waiting.id, waiting.revision))
    assert approvals.approval(house.store, waiting.id).state is ApprovalState.OPEN
    await house.round()
    assert "somebody else has to decide" in str(house.place.of(ANA).note)


async def test_everybody_is_paused_only_by_who_may(house: House, desk: Desk) -> None:
    eve = house.team.people["eve"]
    event = InboundEvent(surface="console", key="1", kind=InboundKind.PRESS, account="eve")
    with pytest.raises(Refused, match="approver or operator"):
        press(desk, event.model_copy(update={"token": encode(Verb.PAUSE_ALL, "team", 0)}), eve)
    await house.presses(ANA, encode(Verb.PAUSE_ALL, "team", 0))
    assert _states(house, desk) == {AgentState.PAUSED}
    await house.presses(BEN, encode(Verb.RESUME_ALL, "team", 0))
    assert _states(house, desk) == {AgentState.ACTIVE}


def _states(house: House, desk: Desk) -> set[AgentState]:
    return {agent.state for agent in desk.presenter.fleet().agents}


async def test_a_page_is_turned_at_once_and_remembered(house: House) -> None:
    await house.opens(ANA)
    await house.round()
    await house.presses(ANA, encode(Verb.SHOW_HOME, "working", 2))
    assert await house.round() == 1
    account, shown, page = house.place.shown[-1]
    assert (account, shown.show, page) == (ANA, HomeShow.WORKING, 2)
    answer = await house.presses(ANA, encode(Verb.SHOW_HOME, "nonsense", 1))
    assert not answer.ok


async def test_a_page_that_reads_the_same_is_not_sent_again(house: House) -> None:
    await house.opens(ANA)
    assert await house.round() == 1
    for _ in range(5):
        assert await house.round(LOOK_ANYWAY.total_seconds() + 1) == 0
    await house.opens(ANA)
    assert await house.round() == 0, "what is shown is still ours and still true"


async def test_changes_come_together_and_not_sooner_than_a_while_apart(house: House) -> None:
    await house.opens(ANA)
    await house.round(1)
    sent = 0
    for number in range(20):
        asked(house.store, running(house.store, f"k{number}"))
        sent += await house.round(1)
    assert sent == 20 // APART.total_seconds()
    assert await house.round((APART + LOOK_EVERY).total_seconds()) == 1
    assert house.place.of(ANA).state == "20 things need you"


async def test_a_change_held_back_is_not_forgotten_when_nothing_else_happens(house: House) -> None:
    await house.opens(ANA)
    await house.round()
    asked(house.store, running(house.store))
    assert sum([await house.round(0.5) for _ in range(60)]) == 1
    assert house.place.of(ANA).state == "1 thing needs you"


async def test_who_stopped_looking_is_left_alone(house: House) -> None:
    await house.opens(ANA)
    await house.round()
    asked(house.store, running(house.store))
    assert await house.round(WATCHED_FOR.total_seconds() + 60) == 0
    await house.opens(ANA)
    assert await house.round() == 1


async def test_a_restart_sends_nothing_that_is_shown_and_all_that_is_new(
    house: House, restarted: Callable[[], House]
) -> None:
    await house.opens(ANA)
    await house.round()
    after = restarted()
    after.place = house.place
    assert await after.round(60) == 0
    asked(house.store, running(house.store))
    assert await after.round(60) == 1


async def test_an_event_that_comes_again_does_nothing_again(house: House) -> None:
    for _ in range(4):
        await house.opens(ANA, key="once")
    assert await house.round() == 1
    assert home(house.store, "slack", ANA) is not None
    await house.opens(ANA, key="once")
    assert await house.round() == 0


async def test_what_slack_lost_is_published_again(house: House) -> None:
    await house.opens(ANA)
    await house.round()
    house.place.marks.clear()
    await house.opens(ANA)
    assert await house.round() == 1


async def test_a_page_somebody_else_published_is_drawn_again(house: House) -> None:
    await house.opens(ANA)
    await house.round()
    house.place.marks[ANA] = "somebody else's"
    asked(house.store, running(house.store))
    assert await house.round(60) == 1
    known = home(house.store, "slack", ANA)
    assert known is not None
    assert known.view_hash == house.place.marks[ANA]


async def test_what_happens_while_a_page_is_sent_is_not_lost(house: House) -> None:
    await house.opens(ANA)
    seen = home(house.store, "slack", ANA)
    assert seen is not None

    class Slow(Place):
        async def publish_home(self, account: str, home: Home, page: int, seen: str | None) -> str | None:
            mark = await super().publish_home(account, home, page, seen)
            if len(self.shown) == 1:
                await house.presses(ANA, encode(Verb.SHOW_HOME, "paused", 1))
            return mark

    house.place = Slow()
    assert await house.round() == 1
    assert await house.round() == 1
    assert house.place.of(ANA).show is HomeShow.PAUSED


async def test_a_member_no_more_loses_the_page(house: House) -> None:
    await house.opens(ANA)
    house.place.fails = [Refused("no member", "home.outsider")]
    assert await house.round() == 0
    assert await house.round() == 1
    assert not house.place.of(ANA).for_members


@pytest.mark.parametrize(("failure", "after_seconds"), [(Retryable("busy", 30), 31), (UserMistake("no home tab"), 601)])
async def test_what_could_not_be_sent_is_tried_again_later_and_not_at_once(
    house: House, failure: QuarterdeckError, after_seconds: int
) -> None:
    await house.opens(ANA)
    house.place.fails = [failure]
    assert await house.round() == 0
    assert await house.round(1) == 0
    assert house.place.shown == []
    assert await house.round(after_seconds) == 1


async def test_a_change_that_could_not_be_sent_is_sent_later(house: House) -> None:
    await house.opens(ANA)
    await house.round()
    asked(house.store, running(house.store))
    house.place.fails = [Retryable("busy", 30)]
    assert await house.round(20) == 0
    assert await house.round(31) == 1


async def test_a_note_goes_away_by_itself(house: House) -> None:
    await house.opens(ANA)
    await house.presses(ANA, encode(Verb.PAUSE, "watch", 0))
    await house.round()
    assert house.place.of(ANA).note is not None
    await house.round((NOTE_FOR + LOOK_ANYWAY).total_seconds() + 1)
    assert house.place.of(ANA).note is None


async def test_a_guest_who_presses_is_not_taken_for_the_member_they_were(house: House) -> None:
    await house.opens(ANA, "guest")
    await house.presses(ANA, encode(Verb.PAUSE, "watch", 0), account_class="guest")
    await house.round()
    assert not house.place.of(ANA).for_members


async def test_what_finished_today_shows_without_a_press(house: House) -> None:
    await house.opens(ANA)
    await house.round()
    finish_run(house.store, running(house.store).id, state=RunState.DONE)
    await house.round(60)
    assert len(house.place.of(ANA).sections[2].entries) == 1


def test_a_page_never_opened_has_no_row_and_one_that_moved_keeps_its_press(store: Store, clock: ManualClock) -> None:
    assert home(store, "slack", ANA) is None
    open_home(store, surface="slack", account=ANA, person_id="ana", view_hash=None)
    known = home(store, "slack", ANA)
    assert known is not None
    assert (known.show, known.page, known.shown_digest) == (HomeShow.ALL, 1, None)


def test_the_place_of_these_tests_is_one_of_the_kind() -> None:
    assert isinstance(Place(), HasHomes)
