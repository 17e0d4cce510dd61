"""Slack, Discord and the console together: one decision, whoever is first, and the same card on all of them."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from blocks.words import place
from store.queries import approvals, cards, findings, runs
from store.records import Approval, ApprovalState, CardKind, RunState, Vote, card_key
from tests.fake_discord.calls import Call
from tests.scenarios.three_surfaces import AT_ANY_PACE, DOT, PAIR, SURFACES, Everywhere, Seen, everywhere

SEED = 11
NAMES = {"ana": "Ana", "ben": "Ben", "cem": "Cem"}
AT_HOME = {"ana": "console", "ben": "slack", "cem": "discord"}
AGENTS = tuple(f"asker-{letter}" for letter in "abcdefghijklmnopqrst")
CHANGED_SECONDS = 15.0
"""Within this every surface shows the one decision that was just made; on an idle machine it takes about one."""

VOTED_ALREADY = "You have already voted on this; one person has one vote, whatever the account."

T = TypeVar("T")


@dataclass
class Tally:
    """What came of the races: who won, and how long the other two surfaces took to show it."""

    winners: Counter[str] = field(default_factory=Counter)
    executed: int = 0
    shown_seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        took = sorted(self.shown_seconds)
        middle, late, most = took[len(took) // 2], took[int(len(took) * 0.95)], took[-1]
        shown = f"shown after {middle:.1f} s, p95 {late:.1f} s, most {most:.1f} s"
        return f"{dict(self.winners)}, {self.executed} executed, {shown}"


@pytest.mark.timeout(180)
async def test_a_card_decided_on_one_surface_changes_on_all_within_seconds(tmp_path: Path) -> None:
    async with everywhere(tmp_path / "team", AGENTS[:3]) as floor:
        for person, approval in zip(NAMES, await floor.asked(AGENTS[:3]), strict=True):
            seen = await floor.seen(approval)
            assert set(seen.undecided.values()) == {True}
            begun = time.monotonic()
            await _decide(floor, seen, person)
            await floor.until("it is executed, and all show it", partial(_is_over, floor, approval), CHANGED_SECONDS)
            print(f"decided by {person}: everywhere after {time.monotonic() - begun:.2f} s")
            await _check_views(floor, approval)


@pytest.mark.timeout(240)
async def test_twenty_approvals_raced_for_from_three_surfaces_are_decided_once_each(tmp_path: Path) -> None:
    async with everywhere(tmp_path / "team", AGENTS, program=AT_ANY_PACE) as floor:
        print(await _races(floor, rounds=1, at_once=5))


@pytest.mark.timeout(180)
async def test_a_person_with_an_account_on_each_votes_once(tmp_path: Path) -> None:
    async with everywhere(tmp_path / "team", AGENTS[:1], program=AT_ANY_PACE) as floor:
        for approval in await floor.asked((PAIR,) * 3):
            seen = await floor.seen(approval, who="dot")
            told = Counter(await _dot_approves_everywhere(floor, seen))
            assert told == {"Your vote counts; 1 more needed.": 1, VOTED_ALREADY: 2}
            assert [vote.person_id for vote in approvals.votes(floor.store, approval.id)] == ["dot"]
            assert floor.now(approval).state is ApprovalState.OPEN
            assert await floor.approve_on_discord(floor.on_discord(approval)) == "Approved. Thank you."
            await floor.until("it is executed, and all show it", partial(_is_over, floor, approval))
            assert floor.now(approval).decided_by == ("dot", "cem")
        assert len(_readings(floor)) == 3


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_two_hundred_approvals_raced_for_from_three_surfaces(tmp_path: Path) -> None:
    async with everywhere(tmp_path / "team", AGENTS, program=AT_ANY_PACE) as floor:
        print(await _races(floor, rounds=10, at_once=10))


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(1200)
async def test_two_hundred_approvals_raced_for_on_postgresql(tmp_path: Path, postgres_database_url: str) -> None:
    async with everywhere(tmp_path / "team", AGENTS, postgres_database_url, AT_ANY_PACE) as floor:
        print(await _races(floor, rounds=10, at_once=10))


async def _races(floor: Everywhere, *, rounds: int, at_once: int) -> Tally:
    """Each agent asks once a round; of each question all three decide at the same moment, so many questions at once."""
    chance, tally, asked = random.Random(SEED), Tally(), list[Approval]()  # noqa: S311 - who is a little ahead
    for _ in range(rounds):
        found = await floor.asked(AGENTS)
        for start in range(0, len(found), at_once):
            await _race(floor, found[start : start + at_once], chance, tally)
        asked += found
    await floor.until("every run has ended", lambda: _all_done(floor, len(asked)))
    await floor.until("every card is settled", lambda: all(floor.settled(one) for one in asked))
    for approval in asked:
        await _check_views(floor, approval)
    _check_calls(floor, len(asked))
    assert tally.executed == len(_readings(floor))
    assert len(floor.discord.rest.called("guild.member")) >= tally.winners["discord"]  # asked again before execution
    assert tally.winners.total() == len(asked) == len(AGENTS) * rounds
    return tally


async def _race(floor: Everywhere, found: list[Approval], chance: random.Random, tally: Tally) -> None:
    told, begun = len(floor.slack.said_privately), time.monotonic()
    answers = await asyncio.gather(*(_all_decide(floor, one, chance) for one in found))
    await floor.until("Slack has answered", lambda: len(floor.slack.said_privately) == told + len(found))
    on_slack = Counter(str(each["text"]) for each in floor.slack.said_privately[told:])
    votes = [_only_vote(floor, one) for one in found]
    for vote, (console, discord) in zip(votes, answers, strict=True):
        expected = _told(vote)
        assert (console, discord) == (expected["console"], expected["discord"])
        tally.winners[vote.surface] += 1
        tally.executed += vote.approve
    assert on_slack == Counter(_told(vote)["slack"] for vote in votes)
    for approval in found:
        await floor.until("the buttons are gone", partial(floor.closed, approval))
        tally.shown_seconds.append(time.monotonic() - begun)


async def _all_decide(floor: Everywhere, approval: Approval, chance: random.Random) -> tuple[str, str]:
    """Ana at the console, Ben on Slack, Cem on Discord, a few milliseconds apart; what Ana and Cem are told."""
    seen, approve = await floor.seen(approval), chance.random() < 0.5
    console, _, discord = await asyncio.gather(
        _a_little_later(chance, floor.decide_at_console(seen.page, approve=approve)),
        _a_little_later(chance, floor.approve_on_slack(seen.slack)),
        _a_little_later(chance, floor.approve_on_discord(seen.discord)),
    )
    return console, discord


async def _decide(floor: Everywhere, seen: Seen, person: str) -> None:
    match AT_HOME[person]:
        case "console":
            await floor.decide_at_console(seen.page, approve=True)
        case "slack":
            await floor.approve_on_slack(seen.slack)
        case _:
            await floor.approve_on_discord(seen.discord)


async def _dot_approves_everywhere(floor: Everywhere, seen: Seen) -> list[str]:
    """From all of her accounts at the same moment; what she is told on each."""
    told = len(floor.slack.said_privately)
    console, discord, _ = await asyncio.gather(
        floor.decide_at_console(seen.page, approve=True, who="dot"),
        floor.approve_on_discord(seen.discord, floor.dot),
        floor.approve_on_slack(seen.slack, DOT),
    )
    await floor.until("Slack has answered", lambda: len(floor.slack.said_privately) == told + 1)
    return [console, discord, str(floor.slack.said_privately[told]["text"])]


async def _a_little_later(chance: random.Random, act: Awaitable[T]) -> T:
    await asyncio.sleep(chance.uniform(0.0, 0.05))
    return await act


def _only_vote(floor: Everywhere, approval: Approval) -> Vote:
    """The one vote that decided; nobody else's was counted."""
    [vote] = approvals.votes(floor.store, approval.id)
    decided = floor.now(approval)
    assert (decided.decided_by, decided.decided_on) == ((vote.person_id,), vote.surface)
    assert AT_HOME[vote.person_id] == vote.surface
    return vote


def _told(vote: Vote) -> dict[str, str]:
    """What each of the three is told: the first is thanked, the others learn who was first and where."""
    word = "approved" if vote.approve else "rejected"
    late = f"This was already {word} by {NAMES[vote.person_id]} {place(vote.surface)}."
    return {surface: f"{word.capitalize()}. Thank you." if surface == vote.surface else late for surface in SURFACES}


async def _check_views(floor: Everywhere, approval: Approval) -> None:
    """The same revision everywhere; nothing left to press; who decided, and where, to be read on all three."""
    seen, decided = await floor.seen(approval), floor.now(approval)
    assert set(seen.undecided.values()) == {False}
    [person] = decided.decided_by
    said = f"{NAMES[person]} {place(decided.decided_on or '')}"
    assert {surface: said in words for surface, words in seen.words.items()} == dict.fromkeys(SURFACES, True), (
        seen.words
    )
    key = card_key(CardKind.APPROVAL, approval.id)
    row, held = cards.card(floor.store, key), [cards.delivery(floor.store, key, surface) for surface in SURFACES]
    assert row is not None
    assert {one.revision for one in held if one is not None} == {row.revision}
    assert seen.slack["metadata"]["event_payload"]["revision"] == row.revision


def _check_calls(floor: Everywhere, asked: int) -> None:
    """Each question has called those who decide it, once, as it appeared; nothing else has called anybody."""
    posts, edits = (floor.discord.rest.called(f"messages.{act}") for act in ("create", "edit"))
    calling = {post.body["nonce"]: post.body["allowed_mentions"] for post in posts if _calls(post)}
    assert list(calling.values()) == [{"parse": [], "roles": [floor.role]}] * asked
    assert [edit.body for edit in edits if _calls(edit)] == []


def _calls(call: Call) -> bool:
    return bool(call.body["allowed_mentions"] != {"parse": []})


def _is_over(floor: Everywhere, approval: Approval) -> bool:
    return floor.now(approval).state is ApprovalState.EXECUTED and floor.settled(approval) and floor.closed(approval)


def _all_done(floor: Everywhere, expected: int) -> bool:
    found = runs.recent_runs(floor.store, limit=expected + 1)
    return len(found) == expected and {run.state for run in found} == {RunState.DONE}


def _readings(floor: Everywhere) -> list[object]:
    return list(findings.readings(floor.store, "asked", floor.store.clock.now().replace(year=2000)))
