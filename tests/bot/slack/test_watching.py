"""Watched channels from Slack's payloads to the record: by events, and by the history that finds what none brought."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from agents.roster import Team
from bot.inbound.intake import Intake
from bot.surfaces.base import Accepted, InboundKind
from bot.surfaces.slack import SlackSurface, Transport
from bot.surfaces.slack.catchup import CatchUp
from bot.surfaces.slack.history import PAGES, HistoryReader
from bot.surfaces.slack.overheard import moment_of
from bot.surfaces.slack.timing import Timing
from bot.watching.arrivals import keep_told
from bot.watching.watchbook import Watchbook
from store.actions import Store
from store.actions.watching import install_watches
from store.kernel.clock import ManualClock
from store.queries import incidents
from store.queries.watching import cursor, messages, offers
from store.records import AuthorKind, IncidentState
from tests.bot.slack import payloads
from tests.bot.slack.conftest import member
from tests.bot.slack.payloads import changed, deleted, event
from tests.emulator.fake_slack import BOT, FakeSlack, Fault
from tests.emulator.surfaces import QUICK, fast_pacer, settings, until
from tests.store.watched import a_reader

CHANNEL = "C0ALERTS1"
BEGAN = datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)
"""As a ts: 1795000000.000000"""
SLOW = QUICK.model_copy(update={"catch_up_every_seconds": 3600.0})


def said(store: Store) -> list[str]:
    return [one.text for one in messages(store, "slack", CHANNEL)]


def alert(number: int, text: str | None = None, **more: Any) -> dict[str, Any]:
    message = {"type": "message", "bot_id": "B0GRAFANA", "username": "Grafana", "ts": f"1795000{number:03d}.000100"}
    return {**message, "text": f"alert {number}" if text is None else text, **more}


@pytest.fixture
def intake(store: Store, team: Team) -> Intake:
    """The real way in, with the one telling that counts here."""
    tellings = {InboundKind.WATCHED: lambda told: keep_told(store, told.surface, told.payload)}
    return Intake(store, team, {}, tellings)


@pytest.fixture
def book(store: Store, clock: ManualClock) -> Watchbook:
    clock.move_to(BEGAN + timedelta(minutes=10))
    install_watches(store, [a_reader(began_at=BEGAN)])
    return Watchbook(store, "slack", frozenset({CHANNEL}))


@pytest.fixture
async def surface(fake: FakeSlack, intake: Intake, book: Watchbook) -> AsyncIterator[SlackSurface]:
    made = make_surface(fake, book)
    await made.start(intake)
    await until(lambda: fake.greeted)
    yield made
    await made.stop()


def make_surface(fake: FakeSlack, book: Watchbook, timing: Timing = SLOW) -> SlackSurface:
    chosen = settings(fake.api_url, Transport.SOCKET)
    return SlackSurface(chosen, book.clock, pacer=fast_pacer(), timing=timing, book=book)


def catch_up(surface: SlackSurface) -> CatchUp:
    assert surface._parts is not None
    assert surface._parts.catch_up is not None
    return surface._parts.catch_up


async def deliver(fake: FakeSlack, *bodies: dict[str, Any]) -> None:
    for number, body in enumerate(bodies):
        envelope = f"e{len(fake.acks)}-{number}"
        await fake.deliver(envelope, "events_api", body)
        await until(partial(fake.acknowledged, envelope))


async def test_an_event_becomes_a_message_on_record_once_under_whatever_event_id(
    surface: SlackSurface, fake: FakeSlack, store: Store
) -> None:
    await deliver(fake, event(payloads.GRAFANA), event(payloads.GRAFANA), event(payloads.GRAFANA, event_id="Ev2"))
    await until(lambda: said(store))
    [kept] = messages(store, "slack", CHANNEL)
    assert (kept.author, kept.author_kind, kept.version) == ("Grafana", AuthorKind.APP, 1)
    assert len(offers(store, "watch")) == 1


async def test_who_wrote_is_told_apart(surface: SlackSurface, fake: FakeSlack, store: Store) -> None:
    fake.users["U0GUEST"] = member("U0GUEST", is_restricted=True)
    fake.users["U0FAR"] = member("U0FAR", team_id="T0ELSE")
    for number, account in enumerate(("U0DANA", "U0GUEST", "U0FAR", "U0NOBODY")):
        await deliver(fake, event({**payloads.PERSON, "user": account, "ts": f"179500000{number}.000100"}))
    await until(lambda: len(said(store)) == 4)
    assert [one.author_kind.value for one in messages(store, "slack", CHANNEL)] == [
        "person",
        "guest",
        "external",
        "unknown",
    ]


async def test_an_edit_and_a_deletion_change_the_row(surface: SlackSurface, fake: FakeSlack, store: Store) -> None:
    await deliver(fake, event(alert(1)), changed(alert(1), "1795000500.000000", text="resolved"))
    await until(lambda: said(store) == ["resolved"])
    await deliver(fake, deleted(alert(1), "1795000600.000000"))
    await until(lambda: said(store) == [""])
    assert offers(store, "watch") == []


async def test_nothing_is_stored_of_other_channels_nor_of_our_own_messages(
    surface: SlackSurface, fake: FakeSlack, store: Store
) -> None:
    own = {**alert(2), "bot_id": "B0DECK001"}
    await deliver(fake, event(alert(1), channel="C0PAYROLL"), event(own), event({**own, "user": BOT}))
    await deliver(fake, event(alert(3)))
    await until(lambda: said(store))
    assert said(store) == ["alert 3"]
    with store.database.read() as connection:  # not even as an event
        assert connection.exec_driver_sql("SELECT count(*) FROM qd_inbox").scalar() == 1


async def test_what_was_stored_and_not_kept_before_a_crash_is_kept_after_it(
    intake: Intake, book: Watchbook, store: Store, fake: FakeSlack
) -> None:
    class Dying:
        async def accept(self, told: Any) -> Accepted:
            return await intake.accept(told)

        async def act(self, accepted: Accepted) -> Any:
            raise ConnectionAbortedError("the process dies here")

    made = make_surface(fake, book)
    await made.start(Dying())
    await deliver(fake, event(alert(1)))
    await made.stop()
    assert said(store) == []
    await intake.recover(timedelta(seconds=-1))
    assert said(store) == ["alert 1"]


async def test_the_start_finds_what_was_written_while_nobody_listened(
    fake: FakeSlack, intake: Intake, book: Watchbook, store: Store
) -> None:
    fake.write(CHANNEL, *(alert(number) for number in range(5)), {"ts": "1795000009.1", "subtype": "channel_join"})
    made = make_surface(fake, book)
    await made.start(intake)
    await until(lambda: checked(store))
    await made.stop()
    assert said(store) == [f"alert {number}" for number in range(5)]
    known = cursor(store, "slack", CHANNEL)
    assert known is not None
    assert (known.read_up_to, known.problem) == (moment_of("1795000009.1"), None)


def checked(store: Store) -> bool:
    known = cursor(store, "slack", CHANNEL)
    return known is not None and known.checked_at is not None


async def test_a_dropped_event_is_found_after_a_while(
    fake: FakeSlack, intake: Intake, book: Watchbook, store: Store
) -> None:
    made = make_surface(fake, book, QUICK)
    await made.start(intake)
    await until(lambda: checked(store))
    fake.write(CHANNEL, alert(1))
    await until(lambda: said(store) == ["alert 1"])
    await made.stop()


async def test_a_new_connection_is_followed_by_a_look_at_the_history(
    surface: SlackSurface, fake: FakeSlack, store: Store
) -> None:
    await until(lambda: checked(store))
    fake.write(CHANNEL, alert(1))
    await fake.disconnect()
    await until(lambda: said(store) == ["alert 1"])


@pytest.mark.parametrize("oldest_first", [True, False])
async def test_history_is_read_whole_over_many_pages_and_past_failures(
    fake: FakeSlack, surface: SlackSurface, store: Store, book: Watchbook, *, oldest_first: bool
) -> None:
    await until(lambda: checked(store))
    fake.oldest_first = oldest_first
    fake.retry_after = "0"
    fake.write(CHANNEL, *(alert(number) for number in range(300)))
    fake.faults["conversations.history"].extend([Fault.RATE_LIMITED, None, Fault.SERVER_ERROR, None, Fault.LOST])
    await smaller(surface, book, page=2).once(deep=False)
    assert said(store) == [f"alert {number}" for number in range(300)]


def smaller(surface: SlackSurface, book: Watchbook, page: int) -> CatchUp:
    """The surface's own catch-up with smaller pages, so that 300 messages are too many for one window."""
    whole = catch_up(surface)
    assert page * PAGES < 300
    assert surface._web is not None
    return CatchUp(HistoryReader(surface._web, page), whole._listening, book, surface._vitals, SLOW)


async def test_what_fails_on_the_way_is_read_again_and_nothing_is_passed_by(
    fake: FakeSlack, surface: SlackSurface, store: Store, book: Watchbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(lambda: checked(store))
    monkeypatch.setattr("bot.surfaces.slack.catchup.UNITS_AT_ONCE", 3)
    fake.write(CHANNEL, *(alert(number) for number in range(10)))
    keep, calls = book.keep, 0

    async def failing(*arguments: Any) -> int:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise ConnectionAbortedError("the process dies here")
        return await keep(*arguments)

    monkeypatch.setattr(book, "keep", failing)
    with pytest.raises(ConnectionAbortedError):
        await catch_up(surface).once(deep=False)
    assert len(said(store)) == 6
    known = cursor(store, "slack", CHANNEL)
    assert known is not None
    assert known.read_up_to == moment_of(alert(5)["ts"])
    await catch_up(surface).once(deep=False)
    assert said(store) == [f"alert {number}" for number in range(10)]


async def test_answers_in_threads_are_found_with_their_threads(
    fake: FakeSlack, surface: SlackSurface, store: Store
) -> None:
    await until(lambda: checked(store))
    root = alert(1)
    answers = [alert(number, f"answer {number}", thread_ts=root["ts"]) for number in (2, 3)]
    shown = alert(4, "shown to all", thread_ts=root["ts"], subtype="thread_broadcast")
    fake.write(CHANNEL, root, *answers, shown)
    await catch_up(surface).once(deep=False)
    assert said(store) == ["alert 1", "answer 2", "answer 3", "shown to all"]
    assert [one.thread_id for one in messages(store, "slack", CHANNEL)] == [None, root["ts"], root["ts"], None]


async def test_a_late_answer_in_an_old_thread_is_found_by_the_deep_look(
    fake: FakeSlack, surface: SlackSurface, store: Store, clock: ManualClock
) -> None:
    await until(lambda: checked(store))
    root, later = alert(1), {**alert(2), "ts": "1795020000.000100"}
    fake.write(CHANNEL, root, later)
    await catch_up(surface).once(deep=False)
    fake.write(CHANNEL, {**alert(3, "late answer"), "ts": "1795020001.000100", "thread_ts": root["ts"]})
    await catch_up(surface).once(deep=False)
    assert "late answer" not in said(store)
    await catch_up(surface).once(deep=True)
    assert "late answer" in said(store)


async def test_threads_nobody_wants_are_not_asked_for(
    fake: FakeSlack, intake: Intake, book: Watchbook, store: Store
) -> None:
    install_watches(store, [a_reader(began_at=BEGAN, threads=False)])
    fake.write(CHANNEL, alert(1), alert(2, "answer", thread_ts=alert(1)["ts"]))
    made = make_surface(fake, book)
    await made.start(intake)
    await until(lambda: checked(store))
    await made.stop()
    assert (said(store), fake.called("conversations.replies")) == (["alert 1"], [])


async def test_an_edit_whose_event_was_lost_is_found_in_the_history(
    fake: FakeSlack, surface: SlackSurface, store: Store, clock: ManualClock
) -> None:
    await until(lambda: checked(store))
    fake.write(CHANNEL, alert(1), alert(2))
    await catch_up(surface).once(deep=False)
    fake.messages[CHANNEL][0]["text"] = "resolved"
    clock.move_to(clock.now() + timedelta(minutes=1))
    await catch_up(surface).once(deep=False)
    assert said(store) == ["resolved", "alert 2"]


@pytest.mark.parametrize(
    "refusal",
    [
        ("not_in_channel", "Quarterdeck is not in the Slack channel C0ALERTS1. Invite it there"),
        ("channel_not_found", "Slack shows no channel C0ALERTS1"),
        ("missing_scope", "Update the app from what"),
    ],
    ids=lambda refusal: refusal[0],
)
async def test_a_channel_that_cannot_be_read_is_a_problem_a_person_sees(
    fake: FakeSlack, intake: Intake, book: Watchbook, store: Store, refusal: tuple[str, str]
) -> None:
    code, words = refusal
    fake.refuse["conversations.history"] = lambda _: code
    made = make_surface(fake, book, QUICK)
    await made.start(intake)
    await until(lambda: len(fake.called("conversations.history")) > 2)
    known = cursor(store, "slack", CHANNEL)
    assert known is not None
    assert words in str(known.problem)
    [incident] = incidents.open_incidents(store)
    assert (incident.count, incident.detail) == (1, known.problem)
    del fake.refuse["conversations.history"]
    await until(lambda: checked(store))
    assert incidents.incident(store, incident.id).state is IncidentState.CLOSED
    await made.stop()


async def test_one_channel_that_cannot_be_read_holds_up_no_other(
    fake: FakeSlack, intake: Intake, store: Store, book: Watchbook
) -> None:
    install_watches(store, [a_reader(began_at=BEGAN), a_reader(channel_id="C0AAAAAA1", watch="first", began_at=BEGAN)])
    fake.refuse["conversations.history"] = lambda form: "not_in_channel" if form["channel"] != CHANNEL else None
    fake.write(CHANNEL, alert(1))
    made = make_surface(fake, book)
    await made.start(intake)
    await until(lambda: said(store) == ["alert 1"])
    await made.stop()
