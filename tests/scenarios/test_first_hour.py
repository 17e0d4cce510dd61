"""The first hour, measured: somebody at a terminal, a folder of their own CSVs, and the first card, which is true."""

import csv
import json
import os
import pty
import re
import select
import time
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from bot.cli import exits
from tests.scenarios.commands import PROGRAM, ROOT, environment, here, quarterdeck, team_up, until

TWO_MINUTES = 120.0
DAYS = 90


def write_exports(folder: Path, last: date) -> None:
    """Sixty ordinary rows and a last day that is not, in two files; and what else lies in such folders."""
    folder.mkdir()
    days = [last - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    with (folder / "orders.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["order_date", "region", "Orders", "Revenue"])
        for number, day in enumerate(days):
            for region, share in (("north", 3), ("south", 2)):
                orders = 20 if day == last else 40 * share + (number * 7) % 11 - (20 if day.weekday() > 4 else 0)
                out.writerow([day.isoformat(), region, orders, f"{orders * 12.5:.2f}"])
    (folder / "signups.csv").write_text(
        "day;signups\n" + "".join(f"{day:%Y%m%d};{50 + (number * 5) % 7}\n" for number, day in enumerate(days))
    )
    (folder / "login.csv").write_text("<!DOCTYPE html><html>Sign in</html>")


def recomputed(folder: Path, day: date) -> dict[str, Decimal]:
    """The day's figures, by nothing but Python's own csv."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    with (folder / "orders.csv").open() as file:
        for row in csv.DictReader(file):
            if row["order_date"] == day.isoformat():
                found["Orders"] += Decimal(row["Orders"])
                found["Revenue"] += Decimal(row["Revenue"])
    with (folder / "signups.csv").open() as file:
        for row in csv.DictReader(file, delimiter=";"):
            if row["day"] == f"{day:%Y%m%d}":
                found["signups"] += Decimal(row["signups"])
    return dict(found)


class Keyboard:
    """Somebody at a terminal: types an answer once the question is there."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.seen = ""
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            os.chdir(folder)
            os.execve(PROGRAM[0], [*PROGRAM, *arguments], {**environment(), "PYTHONPATH": str(ROOT)})  # noqa: S606

    def answer(self, question: str, text: str) -> None:
        until(f"{question!r} is asked", lambda: question in self._read())
        self.seen = self.seen.partition(question)[2]
        os.write(self._terminal, f"{text}\n".encode())

    def ended(self) -> int:
        """Its exit code, with what it said last in `seen`."""
        while self._read_some():
            pass
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def _read(self) -> str:
        while select.select([self._terminal], [], [], 0)[0] and self._read_some():
            pass
        return self.seen

    def _read_some(self) -> bool:
        try:
            found = os.read(self._terminal, 65_536)
        except OSError:  # the other end is closed
            return False
        self.seen += found.decode(errors="replace").replace("\r\n", "\n")
        return bool(found)


def test_from_nothing_to_a_true_card_in_under_two_minutes(tmp_path: Path) -> None:
    folder, last = tmp_path / "my exports", datetime.now(UTC).date() - timedelta(days=1)
    write_exports(folder, last)
    began = time.monotonic()
    person = Keyboard(tmp_path, "init", str(folder))
    person.answer("1/5", "")
    person.answer("2/5", str(folder / "login.csv"))
    person.answer("is a web page, not a table", str(folder))
    person.answer("3/5", "25:00")
    person.answer("Write it like 08:00", "07:30")
    person.answer("4/5", "Ann, Ben")
    person.answer("5/5", "watch-only")
    person.answer("yes or no", "")
    assert person.ended() == exits.DONE, person.seen
    assert "Written. Start it:" in person.seen
    with team_up(folder) as team, httpx.Client(follow_redirects=True, timeout=30.0) as page:
        page.get(team.urls[""])
        address = re.match(r"http://[^/]+", team.urls[""])
        assert address is not None
        channel = f"{address.group()}/channels/export-watch"
        until("the first card is on the page", lambda: "Orders" in page.get(channel).text)
        took_seconds = time.monotonic() - began
        html = page.get(channel).text
    print(f"init to the first card: {took_seconds:.1f} s")
    assert took_seconds < TWO_MINUTES
    (digest,) = json.loads(quarterdeck("cards", "-w", folder, "--kind", "digest").stdout)
    truth = recomputed(folder, last)
    assert set(truth) == {"Orders", "Revenue", "signups"}
    figures = figures_of(digest)
    assert {label: figures[label] for label in truth} == truth
    assert f"{truth['Orders']:f}" in html
    assert "below what was expected" in json.dumps(digest)


def figures_of(card: dict[str, object]) -> dict[str, Decimal]:
    """Every figure of a digest's card, by its label."""
    found: dict[str, Decimal] = {}
    for cell in re.finditer(r'"([^"]+)", "(-?[\d,]+(?:\.\d+)?)', json.dumps(card)):
        found.setdefault(cell[1], Decimal(cell[2].replace(",", "")))
    return found


def test_exports_that_end_earlier_are_told_as_of_their_last_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, last = tmp_path / "old", date(2026, 3, 31)
    write_exports(folder, last)
    assert quarterdeck("init", folder, "--watch", folder, "--yes").returncode == exits.DONE
    with team_up(folder):
        until("there is a card", lambda: here(capsys, "cards", "-w", folder, "--kind", "digest").strip() != "[]")
        said = here(capsys, "cards", "-w", folder, "--kind", "digest")
    assert "orders has nothing for this time: it ends on 2026-03-31" in said
    figures = figures_of(json.loads(said)[0])
    truth = recomputed(folder, last)
    assert {label: figures[f"{label}, 2026-03-31"] for label in truth} == truth
