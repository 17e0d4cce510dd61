"""What the cards of alerts, incidents and digests say; a digest point by point of what it must be."""

from datetime import timedelta

import pytest

from blocks.cards import alert_card, digest_card, fleet_card, incident_card, whole_digest_card
from blocks.elements import Items, Table, Tone
from blocks.tokens import Press, Verb, decode
from store.records import AlertState, Digest, Figure, IncidentState, NeedsMe, Section
from tests.blocks.reading import in_words, offered
from tests.blocks.samples import NOW, VIEW, alert, digest, fleet, incident, quiet_digest


@pytest.mark.parametrize("state", AlertState)
def test_an_alert_asks_until_somebody_has_it(state: AlertState) -> None:
    asks = Verb.ACKNOWLEDGE in offered(alert_card(alert(state), VIEW, revision=2))
    assert asks is (state is AlertState.OPEN)


def test_an_alert_says_value_range_since_owner_and_next_step() -> None:
    said = in_words(alert_card(alert(), VIEW))
    for part in ("92.4 % (expected at most 85 %)", "13:45 CET", "45 min", "nobody yet", "free 6 GB by hand"):
        assert part in said


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Load per core is above its limit", "Load per core is above its limit: 92.4 %, expected at most 85 %"),
        ("Load per core is at 92.4 %", "Load per core is at 92.4 %, expected at most 85 %"),
        ("Load per core is at 192.4 %", "Load per core is at 192.4 %: 92.4 %, expected at most 85 %"),
    ],
)
def test_an_alert_says_its_value_once(title: str, line: str) -> None:
    card = alert_card(alert(title=title), VIEW)
    assert card.title == title
    assert card.summary.startswith(f"Alert: {line}, since ")
    needs = NeedsMe(alerts=(alert(title=title),))
    assert f"• Alert: {line} – for 45 min" in in_words(fleet_card(fleet(needs_me=needs), VIEW))


def test_a_cleared_alert_no_longer_says_what_to_do() -> None:
    card = alert_card(alert(AlertState.CLEARED), VIEW)
    assert card.summary == "Cleared after 45 min: Disk use of /. Expected at most 85 %."
    assert "Next step" not in in_words(card)
    assert "13:45 CET (lasted 45 min)" in in_words(card)
    assert "Was    92.4 %" in in_words(card)


def test_an_alert_of_one_reading_does_not_claim_to_last() -> None:
    assert "one reading so far" in in_words(alert_card(alert(since=NOW), VIEW))


def test_an_alert_without_numbers_has_no_chart() -> None:
    series = tuple(reading.model_copy(update={"value": "n/a"}) for reading in alert().series)
    assert "Readings" not in in_words(alert_card(alert(series=series), VIEW))


def test_an_incident_is_one_card_however_often_it_strikes() -> None:
    card = incident_card(incident(), VIEW, revision=3)
    said = in_words(card)
    assert "335 times" in said
    assert "… 333 more" in said
    assert said.index("14:00 CET · outcome: missed") < said.index("13:30 CET · outcome: missed")
    assert offered(card) == [Verb.CLOSE_INCIDENT]


@pytest.mark.parametrize("value", ["soon", "2026-11-21", "2026-11-21T12:30", "0001-01-01T00:00:00+23:59", 20261121])
def test_what_is_no_moment_is_told_as_it_was_recorded(value: str | int) -> None:
    assert f"• until: {value}\n" in in_words(incident_card(incident(examples=({"until": value, "why": None},)), VIEW))


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("machine-watch failed", "Machine Watch failed"),
        ("machine-watcher failed", "machine-watcher failed"),
        ("Work started late", "Work started late"),
    ],
)
def test_an_incident_calls_the_agent_by_its_name(title: str, said: str) -> None:
    card = incident_card(incident(title=title), VIEW)
    assert card.title == said
    assert card.summary.startswith(f"Incident: {said}, 335 times")
    assert f"• Incident: {said} – " in in_words(
        fleet_card(fleet(needs_me=NeedsMe(incidents=(incident(title=title),))), VIEW)
    )


def test_a_closed_incident_says_by_whom_or_that_it_passed() -> None:
    closed = incident(IncidentState.CLOSED)
    assert "by Ana Duarte" in in_words(incident_card(closed, VIEW))
    assert "the cause has passed" in in_words(incident_card(closed.model_copy(update={"closed_by": None}), VIEW))
    assert offered(incident_card(closed, VIEW)) == []


def test_digest_first_says_what_needs_you_or_nothing() -> None:
    assert _lines(digest())[2] == "Needs you"
    assert _lines(digest())[3].startswith("• Disk used 92.4 %")
    nothing = digest(figures=(), cannot_see=("swap",))
    assert _lines(nothing)[2:4] == ["Needs you", "Nothing."]


def test_digest_puts_the_writers_own_needs_first_wherever_they_were_written() -> None:
    sections = (*digest().sections, Section(heading="Needs you", lines=("Decide about the old reports",)))
    assert _lines(digest(sections=sections))[3] == "• Decide about the old reports"


@pytest.mark.parametrize("lines", [1, 30])
def test_digest_is_read_in_a_minute(lines: int) -> None:
    sections = tuple(
        Section(heading=f"Part {number}", lines=("something happened",) * lines) for number in range(lines)
    )
    card = digest_card(digest(sections=sections), VIEW)
    assert len(in_words(card)) <= 1500 + 300  # the address of the run and the padding of the table
    assert len(card.elements) <= 20


def test_digest_gives_every_figure_its_comparison() -> None:
    row = next(line for line in _lines(digest()) if line.startswith("Memory used"))
    assert row.split() == ["Memory", "used", "41.0", "%", "40.2", "%", "+0.8", "ok"]
    assert "nothing to compare with" in in_words(digest_card(quiet_digest(), VIEW))


def test_digest_never_drops_what_it_could_not_see() -> None:
    many = tuple(Section(heading=f"Part {number}", lines=("x" * 100,) * 9) for number in range(30))
    said = in_words(digest_card(digest(sections=many), VIEW))
    assert "Could not see\n• swap: the reading was refused" in said
    assert digest_card(digest(), VIEW).tone is Tone.WARNING
    assert "Could not see: swap" in digest_card(digest(), VIEW).summary


def test_digest_of_a_quiet_day_is_two_lines() -> None:
    words = [
        line for line in _lines(quiet_digest()) if line and not line.startswith(("window", "Open", "[Was", "[Why"))
    ]
    assert words[1] == "Needs you: nothing. A quiet day."
    assert words[2].startswith("4 figures as expected: Disk used 92.4 % (+11.1, usually 81.3 %); Memory used 41.0 %")
    assert len(words) == 3


def test_digest_is_not_quiet_when_something_is_missing() -> None:
    blind = quiet_digest().model_copy(update={"cannot_see": ("swap",)})
    assert "Could not see" in in_words(digest_card(blind, VIEW))


def test_a_column_in_which_no_figure_has_anything_is_left_out() -> None:
    def head(*figures: Figure) -> list[str]:
        tables = [part for part in digest_card(digest(figures=figures), VIEW).elements if isinstance(part, Table)]
        return [column.name for column in tables[0].columns]

    alone, compared = Figure(label="Load", value="0.8"), Figure(label="Runs", value="7", change="last week 6")
    assert head(alone) == ["Figure", "Now", "Status"]
    assert head(alone, compared) == ["Figure", "Now", "Against week before", "Status"]


def test_digest_states_window_zone_and_moment() -> None:
    assert "window Fri 20 Nov 2026, 14:30 CET to Sat 21 Nov 2026, 14:30 CET" in in_words(digest_card(digest(), VIEW))
    assert "as of" not in in_words(digest_card(digest(), VIEW))
    assert "as of 14:50" in in_words(digest_card(digest(published_at=NOW + timedelta(minutes=20)), VIEW))


def _lines(record: Digest) -> list[str]:
    return in_words(digest_card(record, VIEW)).split("\n")


def test_an_incident_calls_people_and_agents_by_name() -> None:
    told = incident(
        detail="What note-taker was to do is not done in time.", next_step="ana is asked to look. Open the run."
    )
    said = in_words(incident_card(told, VIEW))
    assert "What Note Taker was to do is not done in time." in said
    assert "Ana Duarte is asked to look. Open the run." in said


def test_a_digest_that_is_cut_can_be_read_whole() -> None:
    lines = tuple(f"Step {number}: {'a line worth reading ' * 3}" for number in range(40))
    long = digest().model_copy(update={"sections": (Section(heading="Done", lines=lines),)})
    card = digest_card(long, VIEW)
    assert decode(getattr(card.actions[0], "token", "")) == Press(Verb.SHOW_ALL, long.id, 0)
    assert "Step 39" not in in_words(card)
    assert "Step 39" in in_words(whole_digest_card(long, VIEW))
    assert Verb.SHOW_ALL not in offered(digest_card(quiet_digest(), VIEW))


def test_what_struck_opens_the_card_that_has_its_buttons() -> None:
    struck = incident(examples=({"task": "Renew the key", "due_at": None, "card": "task:task_a.team"},))
    [row] = next(one for one in incident_card(struck, VIEW).elements if isinstance(one, Items)).rows
    assert row.text == "task: Renew the key"
    assert row.url == VIEW.link("cards", "task:task_a.team")
