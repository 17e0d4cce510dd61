"""The boot receipt: what a session knew when it began."""

from datetime import datetime

from store.kernel.canonical import JsonObject
from store.records.record import Record


class Layer(Record):
    """One layer of context, in boot order. `dropped` says why it was left out; None when it was given to the mind."""

    name: str
    owner: str
    version: str
    size_bytes: int
    dropped: str | None = None


class Receipt(Record):
    """Proof of what was loaded. Without one, no tool may be called. `digest` covers the layers' content."""

    run_id: str
    layers: tuple[Layer, ...]
    digest: str
    context: JsonObject
    booted_at: datetime
