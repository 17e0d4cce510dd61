"""Draws the pictures of docs/slack-cards.md: python -m docs.pictures [NAME ...] [--check]."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.pictures.camera import photograph
from docs.pictures.gallery import NAMES, sheet
from docs.pictures.png import note_of

FOLDER = Path(__file__).parents[1] / "images" / "slack"


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws the pictures named, or all of them; with `--check` only says which are out of date, and needs no browser.

    A name also stands for all that begin with it: `run` draws run, run-worst and run-dark. The exit code is 1 when
    something is out of date.
    """
    parser = argparse.ArgumentParser(prog="python -m docs.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--check", action="store_true", help="say which pictures no longer show what they are of")
    given = parser.parse_args(arguments)
    chosen = _chosen(given.names)
    if not chosen:
        parser.error(f"no picture by that name; there are: {', '.join(NAMES)}")
    return _check(chosen) if given.check else _draw(chosen)


def out_of_date(names: Sequence[str], folder: Path = FOLDER) -> Iterator[str]:
    """The pictures that are missing, or were drawn from something else than would be drawn now."""
    for name in names:
        path = folder / f"{name}.png"
        if not path.exists() or note_of(path.read_bytes()) != sheet(name).stamp:
            yield name


def _chosen(names: Sequence[str]) -> tuple[str, ...]:
    asked = tuple(name for name in NAMES if any(name == one or name.startswith(f"{one}-") for one in names))
    return asked if names else NAMES


def _check(names: Sequence[str]) -> int:
    old = list(out_of_date(names))
    print("\n".join(f"{name}: out of date" for name in old) or f"{len(names)} pictures show what they are of")
    return 1 if old else 0


def _draw(names: Sequence[str]) -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for drawn, png in photograph(sheet(name) for name in names):
        (FOLDER / f"{drawn.name}.png").write_bytes(png)
        print(f"{drawn.name}.png {len(png) // 1000} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
