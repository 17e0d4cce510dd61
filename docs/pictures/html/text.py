"""Text objects as HTML."""

from docs.pictures.block_kit.objects import AnyText, PlainText
from docs.pictures.html.emoji import with_emoji
from docs.pictures.html.markup import Page, tag
from docs.pictures.html.mrkdwn import mrkdwn


def text_html(text: AnyText, page: Page, cls: str = "") -> str:
    """The text in an element of its own, which finds its direction by its letters."""
    if isinstance(text, PlainText):
        return tag("div", plain_words(text), cls=f"text {cls}".strip(), dir="auto")
    return tag("div", mrkdwn(text.text, page, verbatim=text.verbatim), cls=f"text {cls}".strip(), dir="auto")


def plain_words(text: PlainText) -> str:
    """What a plain text reads as."""
    return with_emoji(text.text) if text.emoji else text.text
