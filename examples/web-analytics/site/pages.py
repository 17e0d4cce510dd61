"""The invented company's pages: Lanternfish, which makes scheduling software for boatyards."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HOST = "www.lanternfish.example"


@dataclass(frozen=True)
class Page:
    """One page. `weight` is its share of views, `kilobytes` what a view of it transfers, files included.

    `organic` is its weight among what people find by searching, at `position`.
    """

    path: str
    title: str
    weight: float
    published: date
    tags: str
    words: int
    kilobytes: int
    organic: float
    position: float

    @property
    def slug(self) -> str:
        """The last part of the address, as a content system names it."""
        return self.path.rstrip("/").rsplit("/", 1)[-1] or "home"

    @property
    def url(self) -> str:
        """The whole address."""
        return f"https://{HOST}{self.path}"


def _page(row: dict[str, str]) -> Page:
    return Page(
        path=row["path"],
        title=row["title"],
        weight=float(row["weight"]),
        published=date.fromisoformat(row["published"]),
        tags=row["tags"],
        words=int(row["words"]),
        kilobytes=int(row["kilobytes"]),
        organic=float(row["organic"]),
        position=float(row["position"]),
    )


with Path(__file__).with_name("pages.csv").open(encoding="utf-8", newline="") as table:
    PAGES = tuple(_page(row) for row in csv.DictReader(table))

BY_PATH = {page.path: page for page in PAGES}

QUERIES = {
    "/": ("lanternfish", "lanternfish software", "lantern fish boatyard"),
    "/pricing": ("lanternfish pricing",),
    "/features/scheduling": ("boatyard scheduling software",),
    "/guides/haul-out-checklist": ("haul out checklist", "boat haul out list"),
    "/guides/winter-storage-contract": ("winter boat storage contract", "boat storage agreement template"),
    "/guides/bottom-paint-estimate": ("bottom paint cost per foot", "bottom paint estimate"),
    "/guides/travel-lift-safety": ("travel lift safety", "travel lift operator rules"),
    "/guides/spring-launch-plan": ("spring launch checklist boat",),
    "/blog/best-boatyard-software": ("best boatyard software", "boatyard management software", "marina software"),
    "/blog/boatyard-software-cost": ("boatyard software cost", "boatyard software pricing"),
    "/blog/boatyard-spreadsheet": ("boatyard spreadsheet", "boatyard work order template"),
    "/blog/boatyard-crm": ("boatyard crm", "marine crm"),
    "/blog/yard-labor-rates": ("boatyard labor rates", "marine mechanic hourly rate"),
    "/blog/hiring-riggers": ("how to hire a rigger",),
    "/blog/storm-season-plan": ("boatyard hurricane plan",),
}
"""What people search for when they find a page."""

GAPS = {
    "boat lift capacity calculator": (1900, 21.4),
    "shrink wrap disposal rules": (1250, 17.8),
    "fuel dock inventory sheet": (840, 24.9),
    "yard safety meeting template": (710, 18.6),
    "keel block placement chart": (520, 28.3),
}
"""What people search for and no page answers: impressions a week, and how far down the site stands all the same."""
