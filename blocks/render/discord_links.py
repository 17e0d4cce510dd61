"""Which addresses a Discord message may offer on a button, and how the others are written."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from blocks.elements import LinkButton
from blocks.text import discord_markdown, one_line

LINKS_CHARS = 300
"""Of the line of links below the buttons; what does not fit in it is a button all the same."""


def is_for_everybody(url: str) -> bool:
    """False for an address that only opens on the machine it is on.

    Most readers could do nothing with such a button, and of some such addresses Discord says that they are none
    (URL_TYPE_INVALID_URL), which would cost the whole card.
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        address = ip_address(host)
    except ValueError:
        return True
    return not (address.is_loopback or address.is_unspecified)


def link_text(words: str, url: str) -> str:
    """The words with the address behind them, as safe markdown; a bracket in the address cannot end it."""
    return f"[{discord_markdown(one_line(words)) or '–'}]({url.replace('(', '%28').replace(')', '%29')})"


def links_line(links: list[LinkButton]) -> str | None:
    """The links that are no buttons, as one line of small print; None when there are none, or too long ones."""
    line = "-# " + " · ".join(link_text(link.label, link.url) for link in links)
    return line if links and len(line) <= LINKS_CHARS else None
