"""The secrets a chat platform needs: found, asked for without showing them, and kept readable by this account alone."""

import asyncio
import getpass
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import SecretStr

from bot.env_file import keep_variables
from bot.settings import Settings, effective, env_file, variable
from bot.surfaces.checked import BadSecret
from store.kernel.errors import UserMistake

Platform = TypeVar("Platform")

TRIES = 3
"""So often the same secret is asked for; then something else is wrong."""


class Asked(NamedTuple):
    """What is asked for: secrets by their settings' names, what each is called, and `how` it is found.

    `steps` are shown before the first, and say where with {file}.
    """

    fields: Sequence[str]
    names: Mapping[str, str]
    how: Mapping[str, str]
    steps: str


class Secrets:
    """The secrets of one workspace's app on one platform, as they are found and as they are typed in."""

    def __init__(self, workspace: Path, settings: Settings, asked: Asked, *, may_ask: bool) -> None:
        self.settings = settings
        self.may_ask = may_ask
        self._asked = asked
        self._file = env_file(workspace)
        self._from_environment = {
            row.name for row in effective(settings, workspace) if row.origin == "environment" and row.value
        }
        self._typed: dict[str, str] = {}
        self._tries: dict[str, int] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        """The settings that the platform cannot be reached without and that have no value."""
        return tuple(field for field in self._asked.fields if getattr(self.settings, field) is None)

    def ask_for_missing(self) -> None:
        """Asks for what is needed and not set. Raises UserMistake when it may not ask."""
        if self.missing and not self.may_ask:
            names = " and ".join(variable(field) for field in self.missing)
            hint = f"Set them in the environment or in {self._file}; run in a terminal, this asks for them."
            raise UserMistake(f"{names} {'is' if len(self.missing) == 1 else 'are'} not set.", hint)
        if self.missing:
            print(self._asked.steps.format(file=self._file))
        for field in self.missing:
            self._ask(field)

    def ask_again(self, field: str, bad: UserMistake) -> None:
        """Asks for a secret that cannot work. Raises `bad` where asking helps nothing."""
        name, tries = variable(field), self._tries.get(field, 0)
        if not self.may_ask or tries >= TRIES:
            raise bad
        if name in self._from_environment:
            raise UserMistake(
                f"{bad} It comes from the environment variable {name}.", "Set that anew, or take it away."
            )
        print(f"FAIL {bad}")
        self._ask(field)

    def until_taken(
        self, read: Callable[[Settings], Platform | None], check: Callable[[Platform], Coroutine[Any, Any, object]]
    ) -> Platform:
        """What `read` makes of secrets that `check` takes; those that were typed in are kept once it does.

        Raises what `check` raises, but for BadSecret, after which the secret is asked for again where that may help.
        """
        self.ask_for_missing()
        while True:
            settings = read(self.settings)
            if settings is None:
                raise AssertionError("what is missing was asked for")
            try:
                asyncio.run(check(settings))
            except BadSecret as bad:
                self.ask_again(bad.field, bad)
            else:
                self.keep()
                return settings

    def keep(self) -> None:
        """Writes what was typed in to the workspace's `.env`."""
        if self._typed:
            keep_variables(self._file, {variable(field): value for field, value in self._typed.items()})
            print(f"ok   kept in {self._file}, readable by you alone; keep it out of version control")

    def _ask(self, field: str) -> None:
        self._tries[field] = self._tries.get(field, 0) + 1
        print(self._asked.how[field])
        typed = getpass.getpass(f"{self._asked.names[field]}, not shown: ").strip()
        self._typed[field] = typed
        self.settings = self.settings.model_copy(update={field: SecretStr(typed)})
