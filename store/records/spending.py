"""What was spent: one agent's money today and this week, as its caps count it."""

from store.records.record import Record


class Spending(Record):
    """One agent's money, in micro-dollars, by days of UTC: `today`, and `week` from Monday on with today in it.

    Held is reserved for calls under way; `day_cap_micros` None means the agent has no day cap.
    """

    agent_id: str
    today_spent_micros: int = 0
    today_held_micros: int = 0
    week_spent_micros: int = 0
    week_held_micros: int = 0
    day_cap_micros: int | None = None
