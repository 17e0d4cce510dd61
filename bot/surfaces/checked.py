"""What was found when a platform was asked whether everything is as it must be, and what is wrong with a secret."""

from typing import NamedTuple

from store.kernel.errors import UserMistake


class Checked(NamedTuple):
    """One thing looked at. `ok` None: it could not be looked at, or is not there, and that is no fault."""

    what: str
    ok: bool | None
    said: str


class BadSecret(UserMistake):
    """A secret that cannot work. `field` is its setting's name."""

    def __init__(self, field: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.field = field
