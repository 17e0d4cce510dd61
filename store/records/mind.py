"""How an agent's mind was when a workspace was taken up, so that a run which waits can go on as it began."""

from datetime import datetime

from store.kernel.canonical import JsonObject
from store.records.record import Record


class KeptMind(Record):
    """The mind of one agent in one version of the workspace. `source` is a routine's code; None for any other mind.

    `superseded_at` is when another version took its place; None while it is the present one.
    """

    workspace_digest: str
    agent_id: str
    mind: JsonObject
    source: str | None = None
    superseded_at: datetime | None = None
