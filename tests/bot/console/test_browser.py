"""The console in a real browser: what a person clicks, types and sees."""

import asyncio
import re
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from blocks.cards import alert_card, approval_card, run_card
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.records import ApprovalState, NeedsMe, RunState
from tests.blocks import samples
from tests.bot.console.conftest import Console, Records, start_console
from tests.bot.console.samples import busy_data, empty_data, hostile_data, many_data

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),  # one browser for the whole file
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH: apt-get install chromium"),
]

THREADS = 8

PAGES = [
    "/",
    "/team",
    "/channels/machine-watch",
    "/runs",
    "/runs/run_aaaaaaaaaaaaaaaa",
    "/approvals",
    "/schedules",
    "/work",
]
PAGES += ["/search?q=machine", "/approvals/approval_bbbbbbbbbbbbbbbb", "/cards/incident:incident_eeeeeeeeeeeeeeee"]


@dataclass
class Visit:
    """One open page of a running console, and everything that went wrong on it."""

    console: Console
    page: Page
    problems: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        await self.page.goto(self.console.url + path)

    @property
    def acted(self) -> list[InboundEvent]:
        return self.console.inbound.acted


Open = Callable[..., Awaitable[Visit]]
APPROVAL = samples.approval()
APPROVAL_KEY = f"approval:{APPROVAL.id}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the whole file, and the threads its consoles work in, so that they belong to no single test."""
    with ThreadPoolExecutor(THREADS) as threads:
        together = threading.Barrier(THREADS)
        for started in [threads.submit(together.wait) for _ in range(THREADS)]:
            started.result()
        asyncio.get_running_loop().set_default_executor(threads)
        async with async_playwright() as playwright:
            running = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            yield running
            await running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a page of a new console with Ana logged in; anything a page complains about fails the test."""
    visits: list[Visit] = []

    async def run(path: str = "/", records: Records = busy_data, **options: object) -> Visit:
        console = await start_console(records, tmp_path)
        context = await browser.new_context(reduced_motion="reduce", **options)  # type: ignore[arg-type]  # test options
        opened = Visit(console, await context.new_page())
        _watch(opened)
        visits.append(opened)
        await opened.page.goto(console.surface.login_url("ana"))
        await opened.open(path)
        return opened

    yield run
    for opened in visits:
        await opened.page.context.close()
        await opened.console.close()
    assert [problem for opened in visits for problem in opened.problems] == []


def _watch(visit: Visit) -> None:
    page, problems = visit.page, visit.problems
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
    page.on("request", lambda asked: None if asked.url.startswith(visit.console.url) else problems.append(asked.url))


async def until(true: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


async def test_approve_answers_at_once_and_the_decided_card_loses_its_buttons(visit: Open) -> None:
    seen = await visit("/channels/machine-watch")
    card = seen.page.locator(f'[data-post="{APPROVAL_KEY}"]')
    seen.console.inbound.gate.clear()
    await card.get_by_role("button", name=re.compile("^Approve")).click()
    await expect(card.locator('[aria-busy="true"]')).to_have_text("Working…", timeout=100)
    seen.console.inbound.gate.set()
    await expect(seen.page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
    await until(lambda: len(seen.acted) == 1)
    assert (seen.acted[0].kind, seen.acted[0].token) == (InboundKind.PRESS, f"q1:approve:{APPROVAL.id}:1")

    decided = approval_card(samples.approval(ApprovalState.APPROVED), (), seen.console.surface._view)
    seen.console.data.put(decided, "machine-watch")
    await seen.console.surface.edit("machine-watch", decided.key, decided)
    await expect(card.get_by_text("Decided by")).to_be_visible()
    await expect(card.get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)


async def test_reject_asks_for_a_reason_first(visit: Open) -> None:
    seen = await visit("/approvals")
    await seen.page.get_by_label(re.compile("^Reject…")).click()
    await seen.page.get_by_role("button", name="Reject", exact=True).click()
    assert seen.acted == []  # the browser itself asks for the missing reason
    await seen.page.get_by_label("Why not?").fill("October stays.\nPlease.")
    await seen.page.get_by_role("button", name="Reject", exact=True).click()
    await until(lambda: len(seen.acted) == 1)
    assert seen.acted[0].kind is InboundKind.SUBMIT
    assert seen.acted[0].fields == {"reason": "October stays.\nPlease."}


async def test_edit_sends_every_field_and_only_what_was_typed_differs(visit: Open) -> None:
    seen = await visit("/approvals")
    await seen.page.get_by_label(re.compile("^Edit…")).click()
    await seen.page.get_by_label("older_than_days").fill("60")
    await seen.page.get_by_role("button", name="Ask again").click()
    await until(lambda: len(seen.acted) == 1)
    fields = seen.acted[0].fields
    assert fields["older_than_days"] == "60"
    assert fields["target"] == "/srv/archive"
    assert seen.acted[0].token == f"q1:edit:{APPROVAL.id}:1"


async def test_a_redraw_that_was_under_way_does_not_take_what_is_being_typed(visit: Open) -> None:
    seen = await visit("/approvals")
    release, asked = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        reply = await route.fetch()
        asked.set()
        await release.wait()
        await route.fulfill(response=reply)

    await seen.page.route(re.compile(r"/approvals\?part=1"), hold)
    seen.console.data.fleet_now = seen.console.data.fleet_now.model_copy(update={"needs_me": NeedsMe()})
    await seen.console.surface.post("machine-watch", approval_card(APPROVAL, (), seen.console.surface._view))
    await asked.wait()
    await seen.page.get_by_label(re.compile("^Edit…")).click()
    await seen.page.get_by_label("older_than_days").fill("60")
    seen.console.data.approvals.append(samples.approval().model_copy(update={"id": "approval_cccccccccccccccc"}))
    async with seen.page.expect_response(re.compile(r"/approvals\?part=1")):
        release.set()
    await expect(seen.page.get_by_label("older_than_days")).to_have_value("60")
    await seen.page.get_by_role("button", name="Ask again").click()
    await until(lambda: len(seen.acted) == 1)
    assert seen.acted[0].fields["older_than_days"] == "60"
    await expect(seen.page.locator('[data-post*="cccc"], [data-key*="cccc"]').first).to_be_visible()


async def test_stop_says_what_it_does_before_it_does_it(visit: Open) -> None:
    seen = await visit("/runs/run_aaaaaaaaaaaaaaaa")
    await seen.page.get_by_label("Stop: the run of Machine Watch").click()
    await expect(seen.page.get_by_text("Finished steps are kept.")).to_be_visible()
    assert seen.acted == []
    await seen.page.get_by_label("Stop run: the run of Machine Watch").click()
    await until(lambda: len(seen.acted) == 1)
    assert seen.acted[0].token == "q1:stop:run_aaaaaaaaaaaaaaaa:0"


async def test_run_now_can_be_pressed_again_once_it_was_answered(visit: Open) -> None:
    seen = await visit("/")
    button = seen.page.get_by_label("Run now: Machine Watch")
    for presses in (1, 2):
        await button.click()
        await until(lambda expected=presses: len(seen.acted) == expected)  # type: ignore[misc]  # bound per round
        await expect(button).to_have_text("Run now")
    assert [event.token for event in seen.acted] == ["q1:run_now:machine-watch:0"] * 2


async def test_a_schedule_is_paused_from_its_row(visit: Open) -> None:
    seen = await visit("/schedules")
    await seen.page.get_by_label("Pause: machine-watch/daily").click()
    await until(lambda: len(seen.acted) == 1)
    assert (seen.acted[0].kind, seen.acted[0].text) == (InboundKind.COMMAND, "pause machine-watch/daily")


@pytest.mark.parametrize("script", [True, False])
async def test_a_double_click_is_one_event(visit: Open, script: bool) -> None:
    seen = await visit("/approvals", java_script_enabled=script)
    seen.console.inbound.gate.clear()
    await seen.page.get_by_role("button", name=re.compile("^Approve")).dblclick(no_wait_after=True)
    await until(lambda: bool(seen.console.inbound.accepted))
    seen.console.inbound.gate.set()
    await expect(seen.page.get_by_text(re.compile("Done|already being done")).first).to_be_visible()
    await until(lambda: len(seen.acted) == 1)
    assert len(seen.console.inbound.accepted) == 1 or not script
    assert len({event.key for event in seen.console.inbound.accepted}) == 1


async def test_everything_works_without_script(visit: Open) -> None:
    seen = await visit("/approvals", java_script_enabled=False)
    await seen.page.get_by_label(re.compile("^Reject…")).click()
    await seen.page.get_by_label("Why not?").fill("No.")
    await seen.page.get_by_role("button", name="Reject", exact=True).click()
    await expect(seen.page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
    assert seen.page.url.startswith(f"{seen.console.url}/approvals")
    assert seen.acted[0].fields == {"reason": "No."}
    await seen.open("/channels/machine-watch")
    await seen.page.get_by_label("Command").fill("run machine-watch")
    await seen.page.get_by_role("button", name="Send").click()
    await until(lambda: len(seen.acted) == 2)
    assert seen.acted[1].text == "run machine-watch"


async def test_a_refusal_is_shown_as_one(visit: Open) -> None:
    seen = await visit("/approvals")
    seen.console.inbound.answer = Answer(text="Bo approved this a moment ago.", ok=False)
    await seen.page.get_by_role("button", name=re.compile("^Approve")).click()
    await expect(seen.page.get_by_role("alert")).to_have_text("Bo approved this a moment ago.")


async def test_a_command_is_answered_with_its_card(visit: Open) -> None:
    seen = await visit("/channels/machine-watch")
    seen.console.inbound.answer = Answer(card=alert_card(samples.alert(), seen.console.surface._view))
    await seen.page.get_by_label("Command").fill("status")
    await seen.page.keyboard.press("Enter")
    await expect(seen.page.get_by_role("dialog").get_by_role("heading").first).to_contain_text("Disk use of /")
    await seen.page.keyboard.press("Escape")
    await expect(seen.page.get_by_role("dialog")).to_be_hidden()
    await expect(seen.page.get_by_label("Command")).to_have_value("")


async def test_a_new_card_appears_is_announced_and_its_steps_move(visit: Open) -> None:
    seen = await visit("/channels/note-taker")
    view, surface = seen.console.surface._view, seen.console.surface
    card = run_card(samples.run(RunState.RUNNING, id="run_live"), samples.steps()[:1], view, revision=1)
    seen.console.data.put(card, "note-taker")
    await surface.post("note-taker", card)
    shown = seen.page.locator('[data-post="run:run_live"]')
    await expect(shown.get_by_text("1 of 3 steps finished")).to_be_visible()
    await expect(seen.page.locator("#said")).to_contain_text("New card.")
    await expect(seen.page.get_by_text("No cards yet.")).to_have_count(0)

    later = run_card(samples.run(RunState.RUNNING, id="run_live"), samples.steps(), view, revision=2)
    seen.console.data.put(later, "note-taker")
    await surface.edit("note-taker", later.key, later)
    await expect(shown.get_by_text("2 of 3 steps finished")).to_be_visible()
    await expect(shown.get_by_text("files.list")).to_be_visible()


async def test_an_answer_that_comes_late_never_shows_an_older_card(visit: Open) -> None:
    seen = await visit("/channels/note-taker")
    view, surface, release = seen.console.surface._view, seen.console.surface, asyncio.Event()
    answers: list[Route] = []

    async def hold_the_second(route: Route) -> None:
        answers.append(route)
        answer = await route.fetch()
        if len(answers) == 2:
            await release.wait()
        await route.fulfill(response=answer)

    await seen.page.route("**/cards/**", hold_the_second)
    shown = seen.page.locator('[data-post="run:run_live"] .card')
    for revision in (1, 2, 3):
        card = run_card(samples.run(RunState.RUNNING, id="run_live"), (), view, revision=revision)
        seen.console.data.put(card, "note-taker")
        await surface.edit("note-taker", card.key, card)
        await until(lambda expected=revision: len(answers) == expected)  # type: ignore[misc]  # bound per round
        if revision != 2:
            await expect(shown).to_have_attribute("data-revision", str(revision))
    async with seen.page.expect_response(lambda answer: "/cards/" in answer.url):
        release.set()
    other = run_card(samples.run(RunState.DONE, id="run_after"), (), view, revision=1)
    seen.console.data.put(other, "note-taker")
    await surface.post("note-taker", other)
    await expect(seen.page.locator('[data-post="run:run_after"]')).to_be_visible()
    await expect(shown).to_have_attribute("data-revision", "3")


async def test_what_a_person_is_writing_survives_an_edit_that_still_asks(visit: Open) -> None:
    seen = await visit("/channels/machine-watch")
    card = seen.page.locator(f'[data-post="{APPROVAL_KEY}"]')
    await card.get_by_label(re.compile("^Reject…")).click()
    await card.get_by_label("Why not?").fill("Half a sen")
    voted = approval_card(APPROVAL, (samples.vote(),), seen.console.surface._view, revision=7)
    seen.console.data.put(voted, "machine-watch")
    async with seen.page.expect_response(lambda reply: "/parts/rail" in reply.url):
        await seen.console.surface.edit("machine-watch", voted.key, voted)
    await expect(card.get_by_label("Why not?")).to_have_value("Half a sen")
    gone = approval_card(samples.approval(ApprovalState.EXPIRED), (), seen.console.surface._view, revision=8)
    seen.console.data.put(gone, "machine-watch")
    await seen.console.surface.edit("machine-watch", gone.key, gone)
    await expect(card.get_by_label("Why not?")).to_have_count(0)


async def test_the_title_and_badges_follow_what_waits(visit: Open) -> None:
    seen = await visit("/runs")
    await expect(seen.page).to_have_title("(4) Runs · First Light")
    seen.console.data.fleet_now = seen.console.data.fleet_now.model_copy(update={"needs_me": NeedsMe()})
    await seen.console.surface.edit(
        "machine-watch", APPROVAL_KEY, approval_card(APPROVAL, (), seen.console.surface._view)
    )
    await expect(seen.page).to_have_title("Runs · First Light")
    await expect(seen.page.locator("#rail .count")).to_have_count(0)


async def test_a_lost_connection_says_so_and_nothing_is_lost(visit: Open) -> None:
    seen = await visit("/channels/machine-watch")
    surface, inbound = seen.console.surface, seen.console.inbound
    await until(lambda: surface._hub.watching >= 1)
    await surface.stop()
    banner = seen.page.get_by_text("Connection lost.")
    await expect(banner).to_be_visible()
    await seen.page.get_by_role("button", name=re.compile("^Approve")).click()
    await expect(seen.page.get_by_role("alert")).to_contain_text("Press again; it counts once.")

    card = run_card(samples.run(RunState.DONE, id="run_meanwhile"), (), surface._view, revision=1)
    seen.console.data.put(card, "machine-watch")
    await surface.post("machine-watch", card)
    await surface.start(inbound)
    await expect(banner).to_be_hidden(timeout=10_000)
    await expect(seen.page.locator('[data-post="run:run_meanwhile"]')).to_be_visible()
    await seen.page.get_by_role("button", name=re.compile("^Approve")).click()
    await until(lambda: len(seen.acted) == 1)


async def test_keys_move_decide_search_and_go(visit: Open) -> None:
    seen = await visit("/channels/machine-watch")
    keyboard = seen.page.keyboard
    for _ in range(9):
        await keyboard.press("j")
    await expect(seen.page.locator(".card.is-current")).to_have_attribute("data-kind", "incident")
    await keyboard.press("k")
    await expect(seen.page.locator(".card.is-current")).to_have_attribute("data-key", APPROVAL_KEY)
    await keyboard.press("a")
    question = seen.page.get_by_role("dialog")
    await expect(question.get_by_text("files.move")).to_be_visible()
    await keyboard.press("Escape")
    assert seen.acted == []
    await keyboard.press("a")
    await keyboard.press("Enter")
    await until(lambda: len(seen.acted) == 1)
    assert seen.acted[0].token == f"q1:approve:{APPROVAL.id}:1"

    await keyboard.press("r")
    await expect(seen.page.get_by_label("Why not?")).to_be_focused()
    await keyboard.type("a ga r /")  # keys are letters while somebody writes
    await keyboard.press("Escape")
    await seen.page.locator("body").click(position={"x": 5, "y": 5})
    await keyboard.press("?")
    await expect(question.get_by_text("next and previous card")).to_be_visible()
    await keyboard.press("Escape")
    await keyboard.press("g")
    await keyboard.press("s")
    await expect(seen.page.get_by_role("heading", name="Schedules")).to_be_visible()
    await keyboard.press("g")
    await keyboard.press("2")
    await expect(seen.page.get_by_role("heading", name="Note Taker")).to_be_visible()
    await keyboard.press("/")
    await expect(seen.page.get_by_role("searchbox")).to_be_focused()


async def test_details_open_beside_the_page_and_close_again(visit: Open) -> None:
    seen = await visit("/", viewport={"width": 1440, "height": 900})
    link = seen.page.get_by_role("link", name=re.compile("Two tasks were not accounted for")).first
    await link.click()
    panel = seen.page.get_by_role("complementary", name="Details")
    await expect(panel.get_by_role("heading", name="Timeline")).to_be_visible()
    assert "panel=" in seen.page.url
    await seen.page.reload()
    await expect(panel.get_by_role("heading", name="Timeline")).to_be_visible()
    await seen.page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    assert "panel=" not in seen.page.url


@pytest.mark.parametrize("path", ["//evil.test/x", "/\\evil.test/x", "https://evil.test/x", "http://["])
async def test_a_panel_address_never_leads_away(visit: Open, path: str) -> None:
    seen = await visit("/?" + urlencode({"panel": path}))
    await until(lambda: seen.console.surface._hub.watching >= 1)
    assert seen.page.url.startswith(seen.console.url)
    await expect(seen.page.get_by_role("complementary", name="Details")).to_be_hidden()


async def test_a_login_that_ended_elsewhere_is_said(visit: Open) -> None:
    seen = await visit("/runs")
    await until(lambda: seen.console.surface._hub.watching >= 1)
    await seen.page.context.clear_cookies()
    await seen.console.surface.stop()
    await seen.console.surface.start(seen.console.inbound)
    await expect(seen.page.get_by_role("heading", name="Open your login link")).to_be_visible(timeout=15_000)


async def test_a_channel_opens_at_its_newest_card(visit: Open) -> None:
    seen = await visit("/", records=many_data)
    await seen.page.get_by_role("navigation").get_by_role("link", name=re.compile("Machine Watch")).click()
    newest = seen.page.locator(".post").last
    await expect(newest.locator(".card__title")).to_be_in_viewport()


async def test_the_rail_is_a_menu_on_a_small_screen(visit: Open) -> None:
    seen = await visit("/", viewport={"width": 390, "height": 844})
    rail = seen.page.get_by_role("navigation", name="Console")
    await expect(rail).to_be_hidden()
    await seen.page.get_by_role("link", name="Menu").click()
    await expect(rail).to_be_visible()
    await seen.page.keyboard.press("Escape")
    await expect(rail).to_be_hidden()


@pytest.mark.parametrize("records", [empty_data, busy_data, many_data, hostile_data])
async def test_nothing_overflows_and_everything_has_a_name(visit: Open, records: Records) -> None:
    seen = await visit("/", records=records)
    for width in (390, 900, 1440):
        await seen.page.set_viewport_size({"width": width, "height": 900})
        for path in PAGES if records is not empty_data else PAGES[:4]:
            await seen.open(path)
            assert await seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, width)
            assert await seen.page.evaluate(_NAMELESS) == [], path


async def test_times_are_relative_with_the_exact_time_on_hover(visit: Open) -> None:
    seen = await visit("/approvals/approval_bbbbbbbbbbbbbbbb")
    asked = seen.page.locator("time").filter(has_text="12 min ago").first
    await expect(asked).to_have_attribute("title", re.compile("Sat 21 Nov 2026, 14:18 CET"))


async def test_a_wrong_link_and_a_lost_login_are_explained(visit: Open) -> None:
    seen = await visit("/")
    await seen.page.get_by_role("button", name="Log out").click()
    await expect(seen.page.get_by_role("heading", name="Open your login link")).to_be_visible()
    await seen.open("/login?token=wrong")
    await expect(seen.page.get_by_role("heading", name="That login link is not valid.")).to_be_visible()


_NAMELESS = """
[...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea, img")]
  .filter((each) => !(each.getAttribute("aria-label") ?? each.getAttribute("alt") ?? each.labels?.[0]?.textContent
    ?? each.textContent).trim() && each.alt !== "")
  .map((each) => each.outerHTML.slice(0, 120))
"""


RECORDING = """
(() => {
  const asked = [], shown = [];
  const answers = { permission: localStorage.getItem("test.permission") ?? "default" };
  class Recorded {
    constructor(title, options) {
      if (window.testRefuses) throw new TypeError("Illegal constructor");
      this.onclick = null;
      shown.push({ title, ...options, click: () => this.onclick?.() });
    }
    close() {}
    static get permission() { return answers.permission; }
    static async requestPermission() {
      asked.push(1);
      answers.permission = "granted";
      localStorage.setItem("test.permission", "granted");
      return "granted";
    }
  }
  Object.defineProperty(window, "Notification", { value: Recorded });
  window.asked = asked;
  window.shown = shown;
})();
"""
"""Stands in for the browser's own notifications, which a headless one shows to nobody."""


async def shown(page: Page) -> list[dict[str, str]]:
    found: list[dict[str, str]] = await page.evaluate("window.shown.map(({title, body, tag}) => ({title, body, tag}))")
    return found


async def changed(visit: Visit) -> None:
    """Something changed: every open page looks again."""
    await visit.console.surface.post("machine-watch", approval_card(APPROVAL, (), visit.console.surface._view))


def needing(visit: Visit, *ids: str) -> None:
    waiting = tuple(APPROVAL.model_copy(update={"id": f"approval_{each}", "summary": f"Call {each}"}) for each in ids)
    needs = NeedsMe(approvals=waiting)
    visit.console.data.fleet_now = visit.console.data.fleet_now.model_copy(update={"needs_me": needs})


async def recording(visit: Open, **options: object) -> Visit:
    seen = await visit("/schedules", **options)
    await seen.page.context.add_init_script(RECORDING)
    await seen.page.reload()
    return seen


async def test_a_notification_is_asked_for_on_a_click_told_once_and_leads_to_its_card(visit: Open) -> None:
    seen = await recording(visit)
    needing(seen, "first")
    await changed(seen)
    await expect(seen.page).to_have_title(re.compile(r"^\(1\) "))
    assert await seen.page.evaluate("window.asked.length") == 0
    assert await shown(seen.page) == []

    await seen.page.get_by_role("button", name="Notify me").click()
    await expect(seen.page.get_by_role("button", name="Notifications are on")).to_be_visible()
    assert await seen.page.evaluate("window.asked.length") == 1
    other = await seen.page.context.new_page()
    await other.goto(seen.console.url + "/runs")
    await expect(other.get_by_role("button", name="Notifications are on")).to_be_visible()

    needing(seen, "first", "second")
    await changed(seen)
    for page in (seen.page, other):
        await expect(page).to_have_title(re.compile(r"^\(2\) "))
    told = [*await shown(seen.page), *await shown(other)]
    assert told == [
        {"title": "Something needs you", "body": "Machine Watch: Call second", "tag": "/approvals/approval_second"}
    ]

    teller = seen.page if await shown(seen.page) else other
    await teller.evaluate("window.shown[0].click()")
    await teller.wait_for_url("**/approvals/approval_second")
    for page in (seen.page, other):
        await page.goto(seen.console.url + "/team")
        await changed(seen)
        await expect(page.get_by_role("button", name="Notifications are on")).to_be_visible()
        assert await shown(page) == []


async def test_many_at_once_are_one_notification_and_off_is_off(visit: Open) -> None:
    seen = await recording(visit)
    needing(seen)
    await changed(seen)
    await seen.page.get_by_role("button", name="Notify me").click()
    needing(seen, "a", "b", "c", "d")
    await changed(seen)
    await until_async(lambda: shown(seen.page))
    assert [one["title"] for one in await shown(seen.page)] == ["4 things need you"]
    await seen.page.get_by_role("button", name="Notifications are on").click()
    await expect(seen.page.get_by_role("button", name="Notify me")).to_be_visible()
    needing(seen, "a", "b", "c", "d", "e")
    await changed(seen)
    await expect(seen.page).to_have_title(re.compile(r"^\(5\) "))
    assert len(await shown(seen.page)) == 1


async def test_words_of_strangers_stay_words_and_a_browser_that_refuses_is_left_in_peace(visit: Open) -> None:
    seen = await recording(visit)
    needing(seen)
    await changed(seen)
    await seen.page.get_by_role("button", name="Notify me").click()
    needing(seen, '"><img src=x onerror=alert(1)>')
    await changed(seen)
    await until_async(lambda: shown(seen.page))
    assert [one["body"] for one in await shown(seen.page)] == ['Machine Watch: Call "><img src=x onerror=alert(1)>']
    await seen.page.evaluate("window.testRefuses = true")
    needing(seen, "fresh")
    await changed(seen)
    await expect(seen.page.get_by_role("button", name="Notify me")).to_be_visible()


async def until_async(true: Callable[[], Awaitable[object]], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.02)
