"""What was found when a platform was asked whether everything is as it must be."""

from typing import NamedTuple


class Checked(NamedTuple):
    """One thing looked at. `ok` None: it could not be looked at, or is not there, and that is no fault."""

    what: str
    ok: bool | None
    said: str
