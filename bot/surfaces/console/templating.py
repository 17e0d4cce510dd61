"""Templates to HTML: everything that is not markup of ours is escaped, and what is invisible in it is written out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from blocks.cards.view import CardView
from blocks.text import visible
from store.kernel.clock import Clock
from store.kernel.money import format_usd

_TIME = Markup('<time datetime="{}" title="{}" data-moment>{}</time>')

STATIC_DIR = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Pages:
    """Draws pages. `static_version` changes whenever a style sheet, script or icon does, so browsers may keep them."""

    environment: Environment
    static_version: str

    def draw(self, template: str, facts: Mapping[str, object]) -> str:
        """The page as HTML."""
        return self.environment.get_template(template).render(facts)


def make_pages(view: CardView, clock: Clock) -> Pages:
    """Pages in the team's zone, with `clock` deciding what today is."""
    environment = Environment(
        loader=PackageLoader("bot.surfaces.console"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"usd": format_usd, "moment": _Moments(view, clock).written}
    version = _digest_of(STATIC_DIR)
    environment.globals |= {"static": f"/static/{version}", "view": view}
    return Pages(environment, version)


@dataclass(frozen=True)
class _Moments:
    view: CardView
    clock: Clock

    def written(self, moment: datetime | None, empty: str = "–") -> Markup | str:
        """A moment as a person reads it; the page's script makes it relative and keeps the exact time on hover."""
        if moment is None:
            return empty
        local = moment.astimezone(ZoneInfo(self.view.timezone))
        exact = f"{self.view.when(moment)} ({local:%H:%M:%S})"
        return _TIME.format(local.isoformat(timespec="seconds"), exact, self._short(moment))

    def _short(self, moment: datetime) -> str:
        zone = ZoneInfo(self.view.timezone)
        local, today = moment.astimezone(zone), self.clock.now().astimezone(zone)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        year = "" if local.year == today.year else f" {local.year}"
        return f"{local.day} {local:%b}{year}, {local:%H:%M}"


def _inert(value: object) -> object:
    """Applied to all that a template writes: our markup passes, text has what is invisible written out."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _digest_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]
