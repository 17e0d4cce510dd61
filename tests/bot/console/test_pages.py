"""Every page with nothing, with a day's worth, with more than fits, and with hostile text."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from blocks.cards import approval_card, run_card
from store.records import ApprovalState, RunState, UndoState
from tests.blocks import samples
from tests.blocks.samples import VIEW
from tests.bot.console.conftest import Console, Records, Start
from tests.bot.console.samples import busy_data, empty_data, hostile_data, many_data

PAGES = ["/", "/team", "/channels/machine-watch", "/runs", "/approvals", "/schedules", "/work", "/search?q=machine"]
RECORDS = ["/runs/run_aaaaaaaaaaaaaaaa", "/runs/run_failed", "/approvals/approval_bbbbbbbbbbbbbbbb"]
RECORDS += [
    "/approvals/approval_executed",
    "/cards/alert:alert_dddddddddddddddd",
    "/cards/incident:incident_eeeeeeeeeeeeeeee",
    "/tasks/task_aaaaaaaaaaaaaaaa",
    "/topics/site",
]


class Outline(HTMLParser):
    """What a reader or a screen reader meets: tags, ids, links, words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("records", [empty_data, busy_data, many_data, hostile_data])
async def test_a_page_has_landmarks_one_heading_and_no_id_twice(start: Start, records: Records) -> None:
    console = await start(records)
    await console.log_in()
    for path in PAGES if records is empty_data else PAGES + RECORDS:
        reply = await console.get(path)
        outline = Outline(reply.text)
        assert reply.status == 200, path
        levels = [int(tag[1]) for tag in outline.tags if re.fullmatch("h[1-6]", tag)]
        assert all(after <= before + 1 for before, after in pairwise(_in_main(levels))), (path, levels)
        assert {"nav", "main", "h1"} <= set(outline.tags), path
        assert outline.tags.count("h1") == 1, path
        assert outline.tags.count("main") == 1, path
        assert len(outline.ids) == len(set(outline.ids)), path


async def test_the_part_of_a_page_is_what_the_page_shows_inside(console: Console) -> None:
    for path in PAGES + RECORDS:
        part = await console.get(path + ("&" if "?" in path else "?") + "part=1")
        assert part.status == 200, path
        assert part.text.lstrip().startswith("<div class="), path
        assert "<html" not in part.text, path
        assert Outline(part.text).words.split() == _inside((await console.get(path)).text).split(), path


async def test_every_link_of_every_page_leads_somewhere(console: Console) -> None:
    found: set[str] = set()
    for path in PAGES + RECORDS:
        found |= set(re.findall(r'href="(/[^"#]*)', (await console.get(path)).text))
    for link in sorted(found):
        reply = await console.get(link.replace("&amp;", "&"))
        known = reply.status == 200 or link.startswith("/runs/run_last_")
        assert known, f"{link}: {reply.status}"


async def test_hostile_text_stays_text_everywhere(start: Start) -> None:
    console = await start(hostile_data)
    await console.log_in()
    for path in PAGES + RECORDS:
        reply = await console.get(path)
        outline = Outline(reply.text)
        assert reply.status == 200, path
        assert "alert(1)" in outline.words, path
        assert not {"b", "iframe", "marquee"} & set(outline.tags), path
        assert not {name for name in outline.attributes if name.startswith("on")}, path
        assert outline.tags.count("script") == 1, path
        # Only fields keep it: what stands in them is sent back, so it must not be changed.
        assert "\u202e" not in re.sub(r"(?s)<textarea.*?</textarea>", "", reply.text), path
        assert "49" not in outline.words.split(), path  # {{ 7*7 }} was not computed
        assert "https://evil.test" not in re.findall(r'href="([^"]*)"', reply.text), path


async def test_hostile_addresses_find_nothing_and_run_nothing(console: Console) -> None:
    for path in ("/runs/%3Cscript%3E", "/approvals/../../etc", "/cards/'%22%3E%3Cimg%20src=x%3E", "/channels/nobody"):
        reply = await console.get(path)
        assert reply.status == 404
        assert "<img src=x" not in reply.text
    reply = await console.get("/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in reply.text
    assert (await console.get("/runs?before=yesterday&state=odd&agent=%00")).status == 200
    assert (await console.get("/channels/machine-watch?before=-1")).status == 200


async def test_empty_pages_teach(quiet: Console) -> None:
    expected = {
        "/": "Nothing needs you.",
        "/channels/machine-watch": "No cards yet.",
        "/runs": "No runs yet.",
        "/approvals": "Nothing waits for a decision.",
        "/schedules": "This team has no schedules.",
        "/work": "Nothing is to be done.",
        "/search?q=nothing": "Nothing found.",
    }
    for path, words in expected.items():
        assert words in (await quiet.get(path)).text


async def test_the_title_counts_what_waits_for_a_person(console: Console, quiet: Console) -> None:
    assert "<title>(4) Bridge · First Light</title>" in (await console.get("/")).text
    assert "<title>Bridge · First Light</title>" in (await quiet.get("/")).text


async def test_the_bridge_answers_the_three_questions(console: Console) -> None:
    words = " ".join(Outline((await console.get("/")).text).words.split())
    assert "Moves 3 files older than 30 days to /srv/archive." in words
    assert "Machine Watch missed 335 due times" in words
    assert "Two tasks were not accounted for." in words
    assert "Disk use of /: 92.4 %, expected at most 85 %" in words
    assert "$1.71 of $2.00" in words
    assert "waits for ops" in words


async def test_simulated_time_is_marked_on_every_page(console: Console) -> None:
    assert "Simulated time" not in (await console.get("/")).text
    console.data.fleet_now = console.data.fleet_now.model_copy(update={"simulated": True})
    for path in PAGES:
        assert "Simulated time" in (await console.get(path)).text, path


async def test_times_are_exact_in_the_teams_zone(console: Console) -> None:
    page = (await console.get("/")).text
    assert (
        '<time datetime="2026-11-21T14:18:00+01:00" title="Sat 21 Nov 2026, 14:18 CET (14:18:00)" data-moment>14:18'
        in page
    )
    assert "20 Nov" not in page or "<time" in page


async def test_a_run_shows_what_it_did_knew_cost_and_who_let_it(console: Console) -> None:
    page = (await console.get("/runs/run_aaaaaaaaaaaaaaaa")).text
    words = " ".join(Outline(page).words.split())
    for expected in ("report-2026-08.pdf", "The folder /var/reports is not readable.", "waited 12 min", "3 attempts"):
        assert expected in words
    for expected in ("over the token budget", "run.requested", "$0.21 cap $1.00", "left out"):
        assert expected in words
    assert "q1:stop:run_aaaaaaaaaaaaaaaa:0" in page


async def test_an_approval_page_shows_the_payload_votes_and_trail(console: Console) -> None:
    page = (await console.get("/approvals/approval_bbbbbbbbbbbbbbbb")).text
    assert samples.approval().call_hash in page
    assert "approval.asked" in page
    assert "Nobody voted." in page
    assert "Ana Duarte" in (await console.get("/approvals/approval_executed")).text


async def test_the_pages_of_approvals_say_that_a_call_was_taken_back(console: Console) -> None:
    undone = samples.undo(UndoState.UNDONE).model_copy(update={"approval_id": "approval_executed"})
    console.data.undo_rows = [undone]
    page = (await console.get("/approvals/approval_executed")).text
    assert "Undone by Ana Duarte at" in page
    assert "q1:undo:" not in page
    assert "Undone" in (await console.get("/approvals")).text


async def test_a_decided_card_has_no_buttons_to_decide(console: Console) -> None:
    console.data.put(approval_card(samples.approval(ApprovalState.REJECTED), (), VIEW), "machine-watch")
    page = (await console.get("/cards/approval:approval_bbbbbbbbbbbbbbbb")).text
    assert "q1:approve:" not in page
    assert "Rejected" in page


async def test_older_cards_are_a_page_away_and_none_is_shown_twice(start: Start) -> None:
    console = await start(many_data)
    await console.log_in()
    seen: list[str] = []
    path: str | None = "/channels/machine-watch"
    while path:
        page = (await console.get(path)).text
        seen += re.findall(r'data-post="([^"]+)"', page)
        older = re.search(r'href="(/channels/machine-watch\?before=\d+)"', page)
        path = older[1] if older else None
    everything = [key for key, row in console.data.cards.items() if row.channel == "machine-watch"]
    assert sorted(seen) == sorted(everything)


async def test_runs_can_be_narrowed_and_paged(start: Start) -> None:
    console = await start(many_data)
    await console.log_in()
    assert _run_ids((await console.get("/runs?state=failed")).text) == ["run_failed"]
    assert _run_ids((await console.get("/runs?agent=note-taker")).text) == ["run_working", "run_done2"]
    ended = _run_ids((await console.get("/runs?state=ended&day=today")).text)
    assert "run_working" not in ended
    assert "run_done1" in ended
    seen, path = [], "/runs"
    while path:
        page = (await console.get(path)).text
        seen += _run_ids(page)
        older = re.search(r'href="(/runs\?before=[^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == len(console.data.runs)


async def test_search_finds_records_by_all_words_of_one_kind_where_asked(console: Console) -> None:
    page = (await console.get("/search?q=DISK+use&part=1")).text
    assert "/cards/alert:alert_dddddddddddddddd" in page
    assert "/cards/digest" in page
    assert "/cards/incident" not in page
    only_alerts = (await console.get("/search?q=DISK+use&kind=alert&part=1")).text
    assert "/cards/alert:alert_dddddddddddddddd" in only_alerts
    assert "/cards/digest" not in only_alerts
    assert 'href="/search?q=DISK+use&amp;kind=alert" aria-current="true"' in only_alerts
    assert "/approvals/approval_bbbbbbbbbbbbbbbb" in (await console.get("/search?q=bbbbbbbbbbbbbbbb")).text
    assert (await console.get("/search?q=x&kind=%22%3Eodd")).status == 200


async def test_a_card_that_was_never_drawn_or_cannot_be_read_does_not_break_its_channel(console: Console) -> None:
    row = console.data.put(run_card(samples.run(RunState.DONE, id="run_new"), (), VIEW), "machine-watch")
    console.data.cards["run:odd"] = row.model_copy(
        update={"key": "run:odd", "snapshot": {"key": "run:odd", "shape": "new"}}
    )
    console.data.cards["run:undrawn"] = row.model_copy(update={"key": "run:undrawn", "snapshot": None})
    page = (await console.get("/channels/machine-watch")).text
    assert "this version cannot read the card" in page
    assert "run:undrawn" not in page
    assert (await console.get("/cards/run:undrawn")).status == 404


async def test_charts_are_drawn_in_both_themes_and_kept(console: Console) -> None:
    light = await console.get("/charts/alert:alert_dddddddddddddddd/2.svg")
    dark = await console.get("/charts/alert:alert_dddddddddddddddd/2.svg?theme=dark")
    assert light.text.startswith("<svg")
    assert light.text != dark.text
    assert "immutable" in light.headers["Cache-Control"]
    assert "sandbox" in light.headers["Content-Security-Policy"]
    old = await console.get("/charts/alert:alert_dddddddddddddddd/1.svg")
    assert old.headers["Cache-Control"] == "no-store"
    for path in ("/charts/alert:nothing/1.svg", "/charts/digest:digest_ffffffffffffffff/1.svg", "/charts/x/1.gif"):
        assert (await console.get(path)).status == 404


async def test_a_failure_inside_is_said_plainly_and_not_in_detail(console: Console) -> None:
    console.data.schedule_rows = [None]  # type: ignore[list-item]  # a fault no page expects
    with capture_logs() as logs:
        reply = await console.get("/schedules")
    assert [entry["event"] for entry in logs] == ["console.request_failed"]
    assert reply.status == 500
    assert "Something went wrong inside the console." in reply.text
    assert "Traceback" not in reply.text
    assert "NoneType" not in reply.text


def _run_ids(page: str) -> list[str]:
    return re.findall(r'<tr data-key="(run_[^"]+)"', page)


def _in_main(levels: list[int]) -> list[int]:
    """The heading levels from the page's own heading on; the rail before it has headings of its own."""
    return levels[levels.index(1) :]


def _inside(text: str) -> str:
    inside = text[text.index('<div class="content') : text.rindex("</main>")]
    return Outline(inside).words
