"""First Light as a newcomer meets it: the two commands' second one, a browser, a click, an effect, and back again."""

import asyncio
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60.0

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH: apt-get install chromium"),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "first-light"
    shutil.copytree(ROOT / "examples" / "first-light", folder, ignore=shutil.ignore_patterns(".quarterdeck"))
    return folder


@pytest_asyncio.fixture
async def address(workspace: Path) -> AsyncIterator[str]:
    """The one address that `quarterdeck up` prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "up", str(workspace), "--port", "0"),
        cwd=ROOT,
        env={**os.environ, "QUARTERDECK_LOG_LEVEL": "warning"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    printed = (await asyncio.wait_for(process.stdout.readline(), WAIT_SECONDS)).decode().strip()
    yield printed
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), WAIT_SECONDS) == 0


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield await browser.new_page()
        await browser.close()


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def old_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("20*"))


async def test_a_newcomer_approves_sees_the_effect_and_takes_it_back(address: str, page: Page, workspace: Path) -> None:
    inbox, archive = workspace / "inbox", workspace / "archive"
    before = old_files(inbox)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/login\?token=\S+", address)
    assert before
    await page.goto(address)
    await page.get_by_role("link", name="Machine Watch").first.click()
    card = page.locator('article[data-key^="approval:"]')
    await card.wait_for()
    await card.get_by_role("button", name=re.compile("^Approve")).click()
    await card.locator(".badge", has_text="Executed").wait_for()
    await until(lambda: old_files(archive) == before and not old_files(inbox))
    await card.locator("summary", has_text="Undo").click()
    await page.locator(".confirm__panel:visible button, dialog[open] button", has_text="Undo").first.click()
    await until(lambda: old_files(inbox) == before and not old_files(archive))
