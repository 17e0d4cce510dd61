"""What makes a redirect sound, beside those that are there already. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from store.kernel.errors import UserMistake

STATUSES = (301, 302, 307, 308)
PATH_MAX = 512
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()+,;=@%/-]*")
"""A path without query, fragment, wildcard or placeholder: each redirect is one address, so each can be checked."""
_LINE = re.compile(r"(\S+)[ \t]+(\S+)(?:[ \t]+(\d{3})!?)?[ \t]*(?:#.*)?")


class Redirect(NamedTuple):
    """From a path of the site to another, or to an address of an allowed host."""

    source: str
    target: str
    status: int

    @property
    def line(self) -> str:
        """The redirect as the file has it: https://docs.netlify.com/routing/redirects (2026-11-21)."""
        return f"{self.source} {self.target} {self.status}"


def written(content: str) -> list[Redirect]:
    """The redirects that a file holds; comments, blank lines and lines of another form are not among them."""
    found = (_LINE.fullmatch(line.strip()) for line in content.splitlines() if not line.lstrip().startswith("#"))
    return [Redirect(one[1], one[2], int(one[3] or STATUSES[0])) for one in found if one]


def require_sound(new: Sequence[Redirect], there: Iterable[Redirect], hosts: Collection[str]) -> None:
    """Raises UserMistake for the first redirect that is malformed, leads elsewhere, stands there, loops or chains."""
    known = {one.source: one for one in there}
    sources = {one.source for one in new} | set(known)
    targets = {one.target for one in known.values()}
    seen: set[str] = set()
    for one in new:
        require_path(one.source)
        _require_target(one.target, hosts)
        if one.source in seen or one.source in known:
            raise UserMistake(f"There are two redirects from {one.source}.", "Give each address one.")
        if one.target == one.source or known.get(one.target, one).target == one.source:
            raise UserMistake(f"The redirect from {one.source} would lead in a circle.")
        if one.target in sources or one.source in targets:
            raise UserMistake(f"The redirect from {one.source} would be one of a chain.", "Lead straight to the end.")
        seen.add(one.source)


def require_known(new: Iterable[Redirect], *, broken: Collection[str], pages: Collection[str]) -> None:
    """Raises UserMistake for a redirect from an address that is not broken, or to a page that is not there."""
    for one in new:
        if one.source not in broken:
            raise UserMistake(f"{one.source} is not among the broken addresses, so nothing is to be mended there.")
        if one.target.startswith("/") and (one.target not in pages or one.target in broken):
            raise UserMistake(f"{one.target} is not a page that is there.", "Lead to a page of the inventory.")


def require_path(path: str) -> None:
    """Raises UserMistake unless this is a path of the site, in its one plain form."""
    if len(path) > PATH_MAX or not _PATH.fullmatch(path) or "//" in path or _climbs(path):
        raise UserMistake(f"{path[:80]!r} is not a plain path of the site.", "Write it like /guides/checklist.")


def _require_target(target: str, hosts: Collection[str]) -> None:
    if target.startswith("/"):
        return require_path(target)
    try:
        parts = urlsplit(target)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or parts.netloc not in hosts or not _PATH.fullmatch(parts.path or "/"):
        raise UserMistake(f"{target[:80]!r} leads out of the site.", "Lead to a path of the site, or allow its host.")
    return None


def _climbs(path: str) -> bool:
    return any(part in (".", "..") for part in path.split("/"))
