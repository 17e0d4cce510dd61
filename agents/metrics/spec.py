"""A metric as the workspace declares it."""

from typing import Literal

from agents.metrics.series import Frequency
from agents.sources.spec import Per
from store.records import Record


class MetricSpec(Record):
    """A figure that one agent watches. `value` is an aggregate in SQL over the rows of `source` that fit `where`.

    `watch` says which direction is worth a word: what leaves its range in the other one is normal. `country` (ISO 3166)
    names whose public holidays are not judged; None: none. `next_step` is what a person can do when it is out of range.
    """

    id: str
    name: str
    agent: str
    source: str
    value: str
    where: str | None = None
    per: Per
    unit: str
    watch: Literal["both", "up", "down"] = "both"
    country: str | None = None
    next_step: str

    @property
    def frequency(self) -> Frequency:
        """How far apart its points are."""
        return Frequency.DAILY if self.per == "day" else Frequency.HOURLY
