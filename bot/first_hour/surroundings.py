"""What the machine already knows, so that nobody is asked: the account's name, the time zone, a name for the team."""

import getpass
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.first_hour.choices import id_of
from store.kernel.errors import UserMistake

ZONE_LINK = Path("/etc/localtime")
ZONE_FOLDER = "zoneinfo"


def local_timezone(link: Path = ZONE_LINK) -> str:
    """The machine's time zone by its name; UTC where it has none that can be told."""
    parts = link.resolve().parts
    if ZONE_FOLDER not in parts:
        return "UTC"
    name = "/".join(parts[parts.index(ZONE_FOLDER) + 1 :])
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return "UTC"
    return "UTC" if name in ("Etc/UTC", "UCT", "Universal", "Zulu", "Etc/UCT") else name


def account_name() -> str:
    """Whoever runs this, as a name that a person of the team can have."""
    try:
        return id_of(getpass.getuser())
    except (UserMistake, OSError, KeyError):
        return "captain"


def team_name(folder: Path) -> str:
    """A name for the team of this folder."""
    words = folder.resolve().name.replace("_", " ").replace("-", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words)[:60] or "My Team"
