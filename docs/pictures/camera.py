"""Photographs documents with Chromium, without a network."""

import base64
import shutil
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from blocks.charts import draw_png
from docs.pictures.png import palette_png
from docs.pictures.sheet import Sheet

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SHARP, _PLAIN = 1.5, 1.0
_TALL_PX = 1000
"""Above this height a picture is taken with one pixel to a pixel: it is there to be scrolled through."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_SETTINGS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none", "--disable-lcd-text"]
_FONTS = ("Lato Regular", "Noto Color Emoji", "Liberation Mono", "DejaVu Sans")
_MISSING_FONTS = """async (names) => {
  const found = await Promise.allSettled(names.map((name) => new FontFace(name, `local("${name}")`).load()));
  return names.filter((_, number) => found[number].status === "rejected");
}"""
_READ_PIXELS = """async (address) => {
  const image = await createImageBitmap(await (await fetch(address)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const bytes = canvas.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return [image.width, image.height, btoa(text)];
}"""


def photograph(sheets: Iterable[Sheet]) -> Iterator[tuple[Sheet, bytes]]:
    """Each sheet with its picture. Raises FileNotFoundError when Chromium or a font is not there."""
    from playwright.sync_api import sync_playwright

    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError(f"Pictures need a browser; none of {', '.join(_BROWSERS)} is on the PATH.")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=_SETTINGS)
        sharp, plain = (browser.new_page(device_scale_factor=scale, offline=True) for scale in (_SHARP, _PLAIN))
        if missing := plain.evaluate(_MISSING_FONTS, list(_FONTS)):
            raise FileNotFoundError(f"These fonts are not installed: {', '.join(missing)}.")
        for sheet in sheets:
            document = _with_charts(sheet)
            sharp.set_content(document)
            tall = sharp.evaluate("document.body.scrollHeight") > _TALL_PX
            yield sheet, _taken(plain if tall else sharp, document, sheet.stamp)
        browser.close()


def _taken(page: "Page", document: str, note: str) -> bytes:
    page.set_content(document)
    shot = page.locator("body").screenshot(animations="disabled")
    width, height, pixels = page.evaluate(_READ_PIXELS, _data_address(shot))
    return palette_png(base64.b64decode(pixels), width, height, note)


def _with_charts(sheet: Sheet) -> str:
    document = sheet.document
    for address, spec in sheet.charts.items():
        document = document.replace(address, _data_address(draw_png(spec)))
    return document


def _data_address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()
