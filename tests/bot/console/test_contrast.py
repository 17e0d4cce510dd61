"""Text is readable in both schemes: WCAG 2.2 AA contrast of every pair of colours that meet, from the sheet itself."""

import re

import pytest

from bot.surfaces.console.templating import STATIC_DIR

TEXT, SHAPE = 4.5, 3.0
"""https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast, checked 2026-11-21."""

GROUNDS = ("ground", "surface", "raised")
PAIRS = [(ink, ground, TEXT) for ink in ("ink", "quiet", "accent", "bad") for ground in GROUNDS]
PAIRS += [("on-accent", "accent", TEXT), ("on-accent", "accent-strong", TEXT), ("accent-strong", "accent-soft", TEXT)]
PAIRS += [(tone, f"{tone}-soft", TEXT) for tone in ("good", "warning", "bad")]
PAIRS += [("warning", ground, TEXT) for ground in GROUNDS]
PAIRS += [("good", "surface", TEXT), ("quiet", "accent-soft", TEXT)]
PAIRS += [("line-strong", ground, SHAPE) for ground in ("ground", "surface")]


def schemes() -> dict[str, dict[str, str]]:
    sheet = (STATIC_DIR / "tokens.css").read_text()
    light, dark = sheet.split("@media")
    colours = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return {"light": colours[0], "dark": {**colours[0], **colours[1]}}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_that_meet_can_be_told_apart(scheme: str, front: str, back: str, least: float) -> None:
    colours = schemes()[scheme]
    assert contrast(colours[front], colours[back]) >= least


def test_the_measure_itself_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_dark_changes_every_colour_of_the_light_scheme() -> None:
    light, dark = schemes().values()
    assert {name for name in light if light[name] == dark[name]} == set()


def test_no_sheet_but_the_tokens_names_a_colour() -> None:
    for sheet in STATIC_DIR.glob("*.css"):
        if sheet.name != "tokens.css":
            assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb\(", sheet.read_text()) == []
