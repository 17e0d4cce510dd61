"""Each card is visible exactly once, whatever the network does; a message always shows the newest card."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from blocks.elements import Card, Chart
from bot.surfaces.base import Paced, Placing
from bot.surfaces.discord import attachments
from bot.surfaces.discord.failures import MISSING_ACCESS, UNKNOWN_MESSAGE, DiscordRefusal
from bot.surfaces.discord.posting import Poster
from bot.surfaces.discord.sending import LATE_EDIT_DELAY_SECONDS, TOO_LARGE, TOO_MANY_LATE_EDITS
from bot.surfaces.discord.threads import ThreadRefused
from bot.surfaces.platform_clock import PlatformClock
from store.kernel.errors import OutcomeUnknown, Retryable
from tests.bot.discord.stage import APPROVERS, Stage, WorldTime, let_in, opened_stage
from tests.emulator.surfaces import a_card, a_chart, until
from tests.fake_discord.buckets import Buckets
from tests.fake_discord.faults import Fault
from tests.fake_discord.permissions import Permission

AFTER = [Fault.SERVER_ERROR_AFTER, Fault.LOST_AFTER, Fault.SILENT_AFTER]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with opened_stage() as opened:
        yield opened


def charted(key: str = "alert:a1", title: str = "Disk") -> Card:
    return a_card(key, kind="alert", elements=(a_chart(title),))


async def test_a_post_is_one_message_that_pings_nobody_and_names_its_nonce(stage: Stage) -> None:
    card = a_card("approval:a1")
    shown = await stage.poster.post(stage.channel, card)
    assert stage.shown(card) == [shown.message_id]
    assert shown.owes is None
    [call] = stage.rest.called("messages.create")
    assert call.body["enforce_nonce"] is True
    assert len(call.body["nonce"]) == 25
    assert call.body["allowed_mentions"] == {"parse": []}
    assert stage.rest.called("messages.edit") == []


async def test_whoever_a_card_calls_is_mentioned_when_it_is_posted_and_never_again(stage: Stage) -> None:
    calling = Placing(calls=("approver", "nobody-here"))
    shown = await stage.poster.post(stage.channel, a_card("approval:a1"), calling)
    [call] = stage.rest.called("messages.create")
    assert call.body["allowed_mentions"] == {"parse": [], "roles": [APPROVERS]}
    assert f"<@&{APPROVERS}>" in stage.words(shown.message_id)
    await stage.poster.edit(stage.channel, shown.message_id, a_card("approval:a1", revision=2), calling)
    [call] = stage.rest.called("messages.edit")
    assert call.body["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("fault", AFTER)
async def test_a_post_whose_answer_is_lost_is_found_by_its_key(stage: Stage, fault: Fault) -> None:
    await stage.poster.post(stage.channel, a_card("approval:other"))
    card = a_card("approval:a1")
    stage.faults("messages.create", fault)
    with pytest.raises(OutcomeUnknown):
        await stage.poster.post(stage.channel, card)
    assert [await stage.poster.find(stage.channel, card.key, stage.since)] == stage.shown(card)
    assert await stage.poster.find(stage.channel, "approval:a2", stage.since) is None


@pytest.mark.parametrize("fault", AFTER)
async def test_sending_again_while_the_nonce_is_remembered_makes_no_second_message(stage: Stage, fault: Fault) -> None:
    card = a_card("approval:a1")
    stage.faults("messages.create", fault)
    with pytest.raises(OutcomeUnknown):
        await stage.poster.post(stage.channel, card)
    stage.time.pass_(minutes=2)
    shown = await stage.another().post(stage.channel, card)
    assert stage.shown(card) == [shown.message_id]


async def test_the_librarys_own_repeats_make_no_second_message(stage: Stage) -> None:
    card = a_card("approval:a1")
    stage.faults("messages.create", Fault.BAD_GATEWAY_AFTER)
    shown = await stage.poster.post(stage.channel, card)
    assert stage.shown(card) == [shown.message_id]
    assert len(stage.rest.called("messages.create")) == 2


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.LOST])
async def test_a_post_that_came_to_nothing_is_not_found_and_can_be_sent_again(stage: Stage, fault: Fault) -> None:
    card = a_card("approval:a1")
    stage.faults("messages.create", fault)
    with pytest.raises(OutcomeUnknown):
        await stage.poster.post(stage.channel, card)
    assert await stage.poster.find(stage.channel, card.key, stage.since) is None
    assert stage.shown(card) == []
    await stage.poster.post(stage.channel, card)
    assert len(stage.shown(card)) == 1


async def test_a_repeat_that_meets_an_older_card_shows_the_new_one(stage: Stage) -> None:
    stage.faults("messages.create", Fault.LOST_AFTER)
    with pytest.raises(OutcomeUnknown):
        await stage.poster.post(stage.channel, a_card("approval:a1", revision=1))
    decided = a_card("approval:a1", revision=2, state="Approved", actions=())
    shown = await stage.poster.post(stage.channel, decided)
    assert stage.shown(decided) == [shown.message_id]
    assert "Approved" in stage.words(shown.message_id)


async def test_a_repeat_that_cannot_be_corrected_is_in_doubt_and_not_undone(stage: Stage) -> None:
    stage.faults("messages.create", Fault.LOST_AFTER)
    with pytest.raises(OutcomeUnknown):
        await stage.poster.post(stage.channel, a_card("approval:a1", revision=1))
    stage.faults("messages.edit", Fault.SERVER_ERROR)
    decided = a_card("approval:a1", revision=2, state="Approved", actions=())
    with pytest.raises(OutcomeUnknown):
        await stage.poster.post(stage.channel, decided)
    assert [await stage.poster.find(stage.channel, "approval:a1", stage.since)] == stage.shown(decided)


async def test_a_card_is_found_behind_pages_of_other_messages(stage: Stage) -> None:
    card = a_card("approval:a1")
    began = stage.since
    shown = await stage.poster.post(stage.channel, card)
    messages = stage.world.messages[stage.channel]
    for _ in range(250):
        message_id = stage.world.ids.next()
        messages[message_id] = {**messages[shown.message_id], "id": message_id, "components": []}
    assert await stage.poster.find(stage.channel, card.key, began) == shown.message_id
    assert len(stage.rest.called("messages.list")) == 3


async def test_what_was_posted_before_the_given_moment_is_not_found_but_on_simulated_time(stage: Stage) -> None:
    card = a_card("approval:a1")
    shown = await stage.poster.post(stage.channel, card)
    stage.time.pass_(hours=1)
    assert await stage.poster.find(stage.channel, card.key, stage.since) is None
    simulated = stage.another(simulated=True)
    assert await simulated.find(stage.channel, card.key, stage.since) == shown.message_id


async def test_a_card_is_found_by_discords_time_though_our_clock_is_wrong(stage: Stage) -> None:
    ours = WorldTime(timedelta(hours=3))
    async with let_in(stage.world.token, PlatformClock(ours)) as web:
        poster = Poster(web, stage.world.bot_id, stage.attachments[0], world=ours, simulated=False)
        since = ours.now()
        stage.faults("messages.create", Fault.LOST_AFTER)
        with pytest.raises(OutcomeUnknown):
            await poster.post(stage.channel, a_card("approval:a1"))
        assert [await poster.find(stage.channel, "approval:a1", since)] == stage.shown(a_card("approval:a1"))


async def test_somebody_elses_message_with_our_marks_is_not_our_card(stage: Stage) -> None:
    card = a_card("approval:a1")
    shown = await stage.poster.post(stage.channel, card)
    message = stage.world.messages[stage.channel][shown.message_id]
    message["author"] = stage.world.users[stage.world.add_member("mallory")]
    assert await stage.poster.find(stage.channel, card.key, stage.since) is None
    message["author"], message["webhook_id"] = stage.world.users[stage.world.bot_id], "77"
    assert await stage.poster.find(stage.channel, card.key, stage.since) is None


async def test_of_two_messages_of_a_card_the_older_one_is_it(stage: Stage) -> None:
    card, began = a_card("approval:a1"), stage.since
    first = await stage.poster.post(stage.channel, card)
    stage.time.pass_(minutes=4)
    await stage.another().post(stage.channel, card)
    assert stage.shown(card)[0] == first.message_id
    assert len(stage.shown(card)) == 2
    assert await stage.poster.find(stage.channel, card.key, began) == first.message_id


async def test_a_history_that_we_may_not_read_is_not_taken_for_an_empty_one(stage: Stage) -> None:
    await stage.poster.post(stage.channel, a_card("approval:a1"))
    stage.world.take_away(stage.channel, Permission.READ_MESSAGE_HISTORY)
    stage.refuse("messages.get", MISSING_ACCESS, 403)
    with pytest.raises(DiscordRefusal):
        await stage.poster.find(stage.channel, "approval:a1", stage.since)


async def test_a_channel_that_is_empty_now_is_empty(stage: Stage) -> None:
    shown = await stage.poster.post(stage.channel, a_card("approval:a1"))
    assert await stage.poster.find(stage.world.add_channel("new"), "approval:a1", stage.since) is None
    del stage.world.messages[stage.channel][shown.message_id]
    assert await stage.poster.find(stage.channel, "approval:a1", stage.since) is None


async def test_an_edit_replaces_the_whole_card_and_again_changes_nothing(stage: Stage) -> None:
    shown = await stage.poster.post(stage.channel, a_card("approval:a1"))
    decided = a_card("approval:a1", revision=2, state="Approved", actions=())
    for _ in range(2):
        assert (await stage.poster.edit(stage.channel, shown.message_id, decided)).message_id == shown.message_id
        assert "Approved" in stage.words(shown.message_id)
        assert "custom_id" not in stage.words(shown.message_id)
    assert all("content" not in call.body for call in stage.rest.called("messages.edit"))
    assert stage.shown(decided) == [shown.message_id]


async def test_an_older_revision_never_replaces_a_newer_one(stage: Stage) -> None:
    shown = await stage.poster.post(stage.channel, a_card("approval:a1"))
    await stage.poster.edit(stage.channel, shown.message_id, a_card("approval:a1", revision=3, state="Approved"))
    await stage.poster.edit(stage.channel, shown.message_id, a_card("approval:a1", revision=2, state="Asked again"))
    assert "Approved" in stage.words(shown.message_id)


@pytest.mark.parametrize("fault", [*AFTER, Fault.SERVER_ERROR, Fault.LOST])
async def test_an_edit_whose_answer_is_lost_may_be_repeated(stage: Stage, fault: Fault) -> None:
    shown = await stage.poster.post(stage.channel, a_card("approval:a1"))
    stage.faults("messages.edit", fault)
    with pytest.raises(Retryable):
        await stage.poster.edit(stage.channel, shown.message_id, a_card("approval:a1", revision=2))


async def test_too_many_edits_of_an_old_message_are_waited_out(stage: Stage) -> None:
    shown = await stage.poster.post(stage.channel, a_card("approval:a1"))
    stage.refuse("messages.edit", TOO_MANY_LATE_EDITS)
    with pytest.raises(Retryable) as raised:
        await stage.poster.edit(stage.channel, shown.message_id, a_card("approval:a1", revision=2))
    assert raised.value.delay_seconds == LATE_EDIT_DELAY_SECONDS


async def test_a_message_that_somebody_deleted_is_a_refusal(stage: Stage) -> None:
    shown = await stage.poster.post(stage.channel, a_card("approval:a1"))
    del stage.world.messages[stage.channel][shown.message_id]
    with pytest.raises(DiscordRefusal) as raised:
        await stage.poster.edit(stage.channel, shown.message_id, a_card("approval:a1", revision=2))
    assert raised.value.code == UNKNOWN_MESSAGE
    with pytest.raises(DiscordRefusal):  # and it does not come back by a repeat of its posting
        await stage.poster.post(stage.channel, a_card("approval:a1"))


async def test_a_chart_is_an_attached_picture_with_its_finding_as_alt_text(stage: Stage) -> None:
    shown = await stage.poster.post(stage.channel, charted())
    [attachment] = stage.world.messages[stage.channel][shown.message_id]["attachments"]
    assert attachment["filename"] == "disk.png"
    assert attachment["description"] == "Disk rose from 2 to 5."
    [content] = stage.world.files.values()
    assert content.startswith(b"\x89PNG")


async def test_a_chart_is_sent_anew_with_every_edit_and_goes_when_the_card_has_none(stage: Stage) -> None:
    shown = await stage.poster.post(stage.channel, charted())
    await stage.poster.edit(stage.channel, shown.message_id, charted().model_copy(update={"revision": 2}))
    message = stage.world.messages[stage.channel][shown.message_id]
    assert [each["filename"] for each in message["attachments"]] == ["disk.png"]
    assert "attachment://" not in str(message["components"])
    plain = a_card("alert:a1", revision=3, kind="alert")
    await stage.poster.edit(stage.channel, shown.message_id, plain)
    assert stage.world.messages[stage.channel][shown.message_id]["attachments"] == []


async def test_a_chart_that_is_not_drawn_in_time_is_owed_and_comes_by_an_edit(stage: Stage) -> None:
    hasty = stage.another(patience_seconds=0.0)
    shown = await hasty.post(stage.channel, charted(title="Slow"))
    assert shown.owes == attachments.OWED_CHART
    assert "not shown here" in stage.words(shown.message_id)
    await stage.attachments[-1]._drawing(a_chart("Slow").spec)
    completed = await hasty.edit(stage.channel, shown.message_id, charted(title="Slow"))
    assert completed.owes is None
    assert len(stage.world.messages[stage.channel][shown.message_id]["attachments"]) == 1


async def test_a_chart_that_cannot_be_drawn_is_said_in_words_and_not_owed(stage: Stage) -> None:
    hopeless = Chart.model_copy(a_chart(), update={"spec": {"mark": 5}})
    shown = await stage.poster.post(stage.channel, a_card("alert:a1", kind="alert", elements=(hopeless,)))
    assert shown.owes is None
    assert "not shown here" in stage.words(shown.message_id)


@pytest.mark.parametrize("missing", [Permission.ATTACH_FILES, None])
async def test_a_card_whose_files_are_refused_is_shown_without_them(stage: Stage, missing: Permission | None) -> None:
    if missing is None:
        stage.refuse("messages.create", TOO_LARGE, 413)
    else:
        stage.world.take_away(stage.channel, missing)
    shown = await stage.poster.post(stage.channel, charted())
    assert stage.shown(charted()) == [shown.message_id]
    assert "not shown here" in stage.words(shown.message_id)
    if missing is not None:
        await stage.poster.edit(stage.channel, shown.message_id, charted().model_copy(update={"state": "Newer"}))
        assert "Newer" in stage.words(shown.message_id)


async def test_a_channel_in_which_we_may_not_write_is_a_refusal_with_files_and_without(stage: Stage) -> None:
    stage.world.take_away(stage.channel, Permission.SEND_MESSAGES)
    for card in (charted(), a_card("approval:a1")):
        with pytest.raises(DiscordRefusal):
            await stage.poster.post(stage.channel, card)


async def test_a_chart_too_big_for_discord_is_said_in_words(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_FILE_BYTES", 10)
    shown = await stage.poster.post(stage.channel, charted())
    assert shown.owes is None
    assert stage.world.messages[stage.channel][shown.message_id]["attachments"] == []


# Rates


async def test_a_channel_that_takes_no_more_for_now_holds_up_no_other(stage: Stage) -> None:
    stage.rest.buckets = Buckets(stage.time.seconds, limit=2, per_seconds=5.0)
    full, other = stage.channel, stage.world.add_channel("decisions")
    progress = [asyncio.create_task(stage.poster.post(full, a_card(f"run:r{number}"))) for number in range(6)]
    await until(lambda: len(stage.world.visible(full)) == 2)
    began_at = asyncio.get_running_loop().time()
    await stage.poster.post(other, a_card("approval:a1"))
    assert asyncio.get_running_loop().time() - began_at < 3
    assert len(stage.world.visible(full)) == 2
    for each in progress:
        each.cancel()
    await asyncio.gather(*progress, return_exceptions=True)


def live(card: Card) -> Card:
    return card.model_copy(update={"live": True})


async def test_progress_leaves_the_last_call_that_a_channel_takes_to_other_cards(stage: Stage) -> None:
    card = a_card("run:r1", kind="run")
    shown = await stage.poster.post(stage.channel, card)
    decided = await stage.poster.post(stage.channel, a_card("approval:a1"))
    stage.rest.buckets = Buckets(stage.time.seconds, limit=3, per_seconds=20.0)
    for revision in (2, 3):
        await stage.poster.edit(stage.channel, shown.message_id, live(card.model_copy(update={"revision": revision})))
    with pytest.raises(Paced) as raised:
        await stage.poster.edit(stage.channel, shown.message_id, live(card.model_copy(update={"revision": 4})))
    assert 0 < raised.value.delay_seconds <= 20
    last = asyncio.create_task(stage.poster.edit(stage.channel, decided.message_id, a_card("approval:a1", revision=2)))
    await until(lambda: len(stage.rest.called("messages.edit")) == 3)
    last.cancel()  # the library sleeps before it says so
    await asyncio.gather(last, return_exceptions=True)


async def test_a_card_that_is_not_posted_for_its_pace_was_not_posted(stage: Stage) -> None:
    stage.rest.buckets = Buckets(stage.time.seconds, limit=3, per_seconds=20.0)
    for number in range(2):
        await stage.poster.post(stage.channel, live(a_card(f"run:r{number}", kind="run")))
    with pytest.raises(Paced):
        await stage.poster.post(stage.channel, live(a_card("run:r3", kind="run")))
    assert len(stage.world.visible(stage.channel)) == 2
    other = stage.world.add_channel("other")
    await stage.poster.post(other, live(a_card("run:r3", kind="run")))


async def test_a_channel_that_takes_one_call_at_a_time_takes_progress_too(stage: Stage) -> None:
    stage.rest.buckets = Buckets(stage.time.seconds, limit=1, per_seconds=0.1)
    for number in range(3):
        await stage.poster.post(stage.channel, live(a_card(f"run:r{number}", kind="run")))
    assert len(stage.world.visible(stage.channel)) == 3


# Threads


async def in_thread(stage: Stage) -> tuple[str, Placing]:
    parent = await stage.poster.post(stage.channel, a_card("run:r1", kind="run"))
    return parent.message_id, Placing(thread_id=parent.message_id)


def a_log(revision: int = 1, state: str = "Log") -> Card:
    return a_card("log:r1", revision, kind="log", state=state, title="Machine watch, 12:00", actions=())


async def test_a_card_of_a_thread_stands_in_the_one_of_its_cards_message(stage: Stage) -> None:
    parent, placing = await in_thread(stage)
    shown = await stage.poster.post(stage.channel, a_log(), placing)
    assert stage.shown(a_log(), parent) == [shown.message_id]
    assert stage.shown(a_log()) == []
    assert stage.world.channels[parent]["name"] == "Log · Machine watch, 12:00"
    assert await stage.poster.find(stage.channel, "log:r1", stage.since, parent) == shown.message_id
    await stage.poster.edit(stage.channel, shown.message_id, a_log(2), placing)
    assert len(stage.shown(a_log(), parent)) == 1


async def test_a_thread_is_named_within_discords_limit(stage: Stage) -> None:
    parent, placing = await in_thread(stage)
    await stage.poster.post(stage.channel, a_log().model_copy(update={"title": "long\nname " * 40}), placing)
    assert len(stage.world.channels[parent]["name"]) == 100
    assert "\n" not in stage.world.channels[parent]["name"]


@pytest.mark.parametrize("fault", AFTER)
async def test_a_thread_whose_start_is_in_doubt_is_started_once(stage: Stage, fault: Fault) -> None:
    parent, placing = await in_thread(stage)
    stage.faults("threads.start", fault)
    with pytest.raises(Retryable):
        await stage.poster.post(stage.channel, a_log(), placing)
    assert await stage.poster.find(stage.channel, "log:r1", stage.since, parent) is None
    shown = await stage.poster.post(stage.channel, a_log(), placing)
    assert stage.shown(a_log(), parent) == [shown.message_id]


async def test_nothing_stands_in_a_thread_that_was_never_started(stage: Stage) -> None:
    parent, _ = await in_thread(stage)
    assert await stage.poster.find(stage.channel, "log:r1", stage.since, parent) is None


async def test_an_archived_thread_is_opened_for_an_edit(stage: Stage) -> None:
    parent, placing = await in_thread(stage)
    shown = await stage.poster.post(stage.channel, a_log(), placing)
    stage.world.channels[parent]["thread_metadata"]["archived"] = True
    await stage.poster.edit(stage.channel, shown.message_id, a_log(2, state="Ended"), placing)
    assert "Ended" in stage.words(shown.message_id, parent)
    assert not stage.world.channels[parent]["thread_metadata"]["archived"]


@pytest.mark.parametrize("missing", [Permission.CREATE_PUBLIC_THREADS, Permission.SEND_MESSAGES_IN_THREADS])
async def test_a_thread_that_we_may_not_have_is_no_loss_of_the_channel(stage: Stage, missing: Permission) -> None:
    _, placing = await in_thread(stage)
    stage.world.take_away(stage.channel, missing)
    with pytest.raises(ThreadRefused, match="Threads"):
        await stage.poster.post(stage.channel, a_log(), placing)


async def test_a_thread_that_somebody_deleted_is_no_loss_of_the_channel(stage: Stage) -> None:
    parent, placing = await in_thread(stage)
    shown = await stage.poster.post(stage.channel, a_log(), placing)
    stage.world.delete_channel(parent)
    with pytest.raises(ThreadRefused):
        await stage.poster.edit(stage.channel, shown.message_id, a_log(2), placing)


async def test_a_channel_that_is_gone_is_said_as_such_in_a_thread_too(stage: Stage) -> None:
    _, placing = await in_thread(stage)
    stage.world.delete_channel(stage.channel)
    with pytest.raises(DiscordRefusal, match="10003"):
        await stage.poster.post(stage.channel, a_log(), placing)


# Pins


async def test_a_pinned_card_is_pinned_once_and_leaves_no_line_about_it(stage: Stage) -> None:
    pinned = Placing(pinned=True)
    shown = await stage.poster.post(stage.channel, a_card("role:a1", kind="role"), pinned)
    await stage.poster.edit(stage.channel, shown.message_id, a_card("role:a1", revision=2, kind="role"), pinned)
    assert stage.world.pins[stage.channel] == [shown.message_id]
    assert len(stage.rest.called("pins.add")) == 1
    assert list(stage.world.messages[stage.channel]) == [shown.message_id]


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.SERVER_ERROR_AFTER])
async def test_a_pin_that_fails_for_now_is_owed(stage: Stage, fault: Fault) -> None:
    stage.faults("pins.add", fault)
    card, pinned = a_card("role:a1", kind="role"), Placing(pinned=True)
    shown = await stage.poster.post(stage.channel, card, pinned)
    assert shown.owes == "pin"
    assert (await stage.poster.edit(stage.channel, shown.message_id, card, pinned)).owes is None
    assert stage.world.pins[stage.channel] == [shown.message_id]


async def test_a_pin_that_we_may_not_make_is_given_up(stage: Stage) -> None:
    stage.world.take_away(stage.channel, Permission.PIN_MESSAGES)
    for number in range(3):
        card = a_card(f"role:a{number}", kind="role")
        assert (await stage.poster.post(stage.channel, card, Placing(pinned=True))).owes is None
    assert len(stage.rest.called("pins.add")) == 1


async def test_a_line_about_a_pin_that_cannot_be_taken_away_harms_nobody(stage: Stage) -> None:
    stage.faults("messages.delete", Fault.SERVER_ERROR)
    shown = await stage.poster.post(stage.channel, a_card("role:a1", kind="role"), Placing(pinned=True))
    assert shown.owes is None
