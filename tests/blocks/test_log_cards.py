"""What the log of a run says."""

from datetime import timedelta

from blocks.cards import log_card
from blocks.cards.log import LOG_ROWS
from blocks.elements import Table
from blocks.fit import fit
from blocks.limits import SLACK
from store.records import ApprovalState, RunState, StepState
from tests.blocks.reading import in_words
from tests.blocks.samples import NOW, VIEW, approval, message, run, step, steps


def rows(card: object) -> list[tuple[str, ...]]:
    [table] = [element for element in getattr(card, "elements", ()) if isinstance(element, Table)]
    return list(table.rows)


def test_the_newest_comes_first_and_what_is_not_finished_not_at_all() -> None:
    written = message(at=NOW)
    card = log_card(run(), steps(), (), (written,), VIEW)
    assert rows(card) == [
        ("14:30:00", "Ana Duarte wrote: Leave the October reports where they are.", ""),
        ("14:02:03", "machine.memory", "done, 3.1 s"),
        ("14:01:03", "machine.disk", "done, 3.1 s"),
    ]
    assert card.live


def test_a_question_and_who_decided_it_are_two_entries() -> None:
    asked = approval(ApprovalState.REJECTED)
    decided, question = rows(log_card(run(), (), (asked,), (), VIEW))
    assert question[1] == "Asked: Moves 3 files older than 30 days to /srv/archive."
    assert decided[1].startswith("Rejected by Ana Duarte on Slack: Moves 3 files")
    assert decided[2] == "Keep October here."
    [waiting] = rows(log_card(run(), (), (approval(),), (), VIEW))
    assert waiting[2] == "waits for ops"


def test_an_expired_question_names_nobody() -> None:
    expired, _ = rows(log_card(run(), (), (approval(ApprovalState.EXPIRED),), (), VIEW))
    assert expired[1].startswith("Expired: Moves 3 files")


def test_what_failed_says_why_and_what_it_cost() -> None:
    [entry] = rows(log_card(run(), (step(0, StepState.FAILED, spent_micros=20_000),), (), (), VIEW))
    assert entry[2:] == ("failed, 3.1 s: The disk did not answer.", "$0.02")


def test_a_long_log_shows_its_latest_entries_and_counts_the_earlier_ones() -> None:
    many = tuple(
        step(number, name=f"tool.{number}", finished_at=NOW + timedelta(seconds=number)) for number in range(110)
    )
    card = log_card(run(RunState.FAILED, finished_at=NOW + timedelta(hours=1)), many, (), (), VIEW)
    assert len(rows(card)) == LOG_ROWS
    assert "… 61 earlier" in in_words(card)
    assert rows(card)[0][1:3] == ("Ended", "failed: The folder /var/reports is not readable.")
    assert rows(fit(card, SLACK)) == rows(card)
    assert not card.live
