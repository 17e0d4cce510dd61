"""Where a running team can be reached by this machine's programs: one file in the private state folder."""

from pathlib import Path

ADDRESS_FILE = "address"


def write_address(folder: Path, url: str) -> None:
    """Says that a team runs at `url`."""
    (folder / ADDRESS_FILE).write_text(url, encoding="utf-8")


def read_address(folder: Path) -> str | None:
    """Where the team runs, or ran until it was killed; None when it was never started or has stopped."""
    try:
        return (folder / ADDRESS_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return None


def forget_address(folder: Path, url: str) -> None:
    """Says that no team runs at `url` any more; another process's address in the same folder stays."""
    if read_address(folder) == url:
        (folder / ADDRESS_FILE).unlink(missing_ok=True)
