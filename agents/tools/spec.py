"""A tool: what it takes and gives, what it may do, and what is promised when its outcome is not known."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from agents.given import GivenContents
from agents.readings.port import Readings
from agents.roster import AgentSpec, Team
from agents.sources.port import NoSources, Sources
from store.handle import Store
from store.kernel.canonical import JsonObject
from store.records import Access

RESULT_MAX_BYTES = 256 * 1024
"""The largest result of a tool, as JSON in UTF-8; anything larger is kept elsewhere and referred to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """What is known of a tool without running it: policy, workspace check, prompts and documentation read this.

    `arguments` and `result` are JSON Schemas (2020-12) of objects. `idempotent` promises that a second execution with
    the same idempotency key changes nothing more and gives the same answer. `taints` says that the result holds text
    written by strangers. `undo_tool` names the tool that takes a call back; None: there is none. `version` grows when
    the same arguments come to mean something else, and is part of what an approval binds.
    """

    name: str
    description: str
    arguments: JsonObject
    result: JsonObject
    access: Access
    irreversible: bool = False
    idempotent: bool = False
    taints: bool = False
    undo_tool: str | None = None
    version: int = 1
    timeout_seconds: int = 30

    @property
    def may_repeat(self) -> bool:
        """True when executing it again after an unknown outcome can do no harm."""
        return not self.irreversible and (self.idempotent or self.access is Access.READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call on its way to a tool.

    `idempotency_key` is the same on every attempt at this call and different for every other call. `now` is the moment
    on the team's clock. `root` is the folder of the workspace.
    """

    agent: AgentSpec
    run_id: str
    arguments: JsonObject
    idempotency_key: str
    now: datetime
    root: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a tool may work with besides the call. `owner` is the person to ask about the run; None: nobody is known.

    `given` holds the files that came with requests; None: none are kept. `sources` reads the team's exports and logs.
    """

    store: Store
    team: Team
    readings: Readings
    sources: Sources = field(default_factory=NoSources)
    owner: str | None = None
    given: GivenContents | None = None


Run: TypeAlias = Callable[[ToolCall, Means], Awaitable[JsonObject]]
LookUp: TypeAlias = Callable[[ToolCall, Means], Awaitable[JsonObject | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool that can be executed; the gate has made sure of authority and arguments before any of this is called.

    `run` raises Retryable (nothing happened), UserMistake or Refused (nothing happened, and repeating fails alike) or
    OutcomeUnknown. `lookup` finds whether an earlier attempt with the same key took effect: its result, or None when it
    certainly did not take effect as a whole, so that running it again completes it. `check` raises UserMistake or
    Refused for a call that cannot be made and changes nothing: asked before people are bothered, and again before it is
    executed. `admit` does the same for what only the team's record or sources can tell; `run` looks at it again
    itself. `summarise` says in one sentence what the call does. `undo` builds the undo tool's arguments from the
    result of a call, None when there is nothing to take back; `undo_says` is what that does, in one sentence.
    `taints_with` says of one result whether it holds a stranger's words, for a tool whose results do not always.
    """

    spec: ToolSpec
    run: Run
    summarise: Callable[[JsonObject], str]
    check: Callable[[ToolCall], None] | None = None
    admit: Callable[[ToolCall, Means], Awaitable[None]] | None = None
    lookup: LookUp | None = None
    undo: Callable[[JsonObject], JsonObject | None] | None = None
    undo_says: str | None = None
    taints_with: Callable[[JsonObject], bool] | None = None

    def spec_for(self, result: JsonObject | None) -> ToolSpec:
        """The spec as it is recorded with this result: it taints the run when the result does."""
        if self.taints_with is None or result is None:
            return self.spec
        return replace(self.spec, taints=self.taints_with(result))
