"""What agents measure. Numbers live here; prose never carries one of its own."""

from datetime import datetime

from store.records.record import Record


class Reading(Record):
    """One measured value at one moment. `value` is exact in `unit` as a decimal string ("71.4" of "%")."""

    metric: str
    agent_id: str
    at: datetime
    value: str
    unit: str
