"""Draws the pictures of docs/slack-cards.md and docs/discord-cards.md: python -m docs.pictures [NAME ...] [--check]."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from docs.pictures import gallery
from docs.pictures.camera import photograph
from docs.pictures.discord import gallery as discord_gallery
from docs.pictures.png import note_of
from docs.pictures.sheet import Sheet

IMAGES = Path(__file__).parents[1] / "images"


class Album(NamedTuple):
    """The pictures of one surface: their names, how each is made, and where they are kept."""

    names: tuple[str, ...]
    sheet: Callable[[str], Sheet]
    folder: Path

    def out_of_date(self) -> Iterator[str]:
        """The pictures that are missing, or were drawn from something else than would be drawn now."""
        for name in self.names:
            path = self.folder / f"{name}.png"
            if not path.exists() or note_of(path.read_bytes()) != self.sheet(name).stamp:
                yield name


ALBUMS: Mapping[str, Album] = MappingProxyType(
    {
        "slack": Album(gallery.NAMES, gallery.sheet, IMAGES / "slack"),
        "discord": Album(discord_gallery.NAMES, discord_gallery.sheet, IMAGES / "discord"),
    }
)
"""Surface → its pictures."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws the pictures named, or all of them; with `--check` only says which are out of date, and needs no browser.

    A name also stands for all that begin with it: `run` draws run, run-worst and run-dark, and `discord/run` those of
    one surface only. The exit code is 1 when something is out of date.
    """
    parser = argparse.ArgumentParser(prog="python -m docs.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--check", action="store_true", help="say which pictures no longer show what they are of")
    given = parser.parse_args(arguments)
    chosen = {surface: album._replace(names=_chosen(surface, album, given.names)) for surface, album in ALBUMS.items()}
    if not any(album.names for album in chosen.values()):
        there_are = ", ".join(f"{surface}/{name}" for surface, album in ALBUMS.items() for name in album.names)
        parser.error(f"no picture by that name; there are: {there_are}")
    return _check(chosen) if given.check else _draw(chosen)


def _chosen(surface: str, album: Album, asked: Sequence[str]) -> tuple[str, ...]:
    wanted = [one.removeprefix(f"{surface}/") for one in asked]
    found = (name for name in album.names if any(name == one or name.startswith(f"{one}-") for one in wanted))
    return album.names if not asked or surface in wanted else tuple(found)


def _check(albums: Mapping[str, Album]) -> int:
    old = [f"{surface}/{name}" for surface, album in albums.items() for name in album.out_of_date()]
    number = sum(len(album.names) for album in albums.values())
    print("\n".join(f"{name}: out of date" for name in old) or f"{number} pictures show what they are of")
    return 1 if old else 0


def _draw(albums: Mapping[str, Album]) -> int:
    for surface, album in albums.items():
        album.folder.mkdir(parents=True, exist_ok=True)
        for drawn, png in photograph(album.sheet(name) for name in album.names):
            (album.folder / f"{drawn.name}.png").write_bytes(png)
            print(f"{surface}/{drawn.name}.png {len(png) // 1000} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
