"""One REST call as it came, and the table of everything that can be called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fake_discord.world import World


@dataclass(frozen=True)
class Upload:
    """One file of a multipart body; `field` is its form field, `files[N]`."""

    field: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """One call of the operation `name`. `body` is its JSON, None where it had none."""

    name: str
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    uploads: tuple[Upload, ...] = ()
    reason: str | None = None


Handler = Callable[["World", Call], Any]


@dataclass(frozen=True)
class Operation:
    """One line of the table. `schema` names what Discord's own description says of its body.

    `needs_token` is False where the path itself carries the right to call.
    """

    name: str
    method: str
    path: str
    handler: Handler
    schema: str | None = None
    needs_token: bool = True


OPERATIONS: dict[str, Operation] = {}


def operation(
    name: str, method: str, path: str, *, schema: str | None = None, needs_token: bool = True
) -> Callable[[Handler], Handler]:
    """Puts a handler into the table. It returns the JSON of a 200, or None for a 204."""

    def add(handler: Handler) -> Handler:
        OPERATIONS[name] = Operation(name, method, path, handler, schema, needs_token)
        return handler

    return add
