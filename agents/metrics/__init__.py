"""Expected ranges of a metric and what falls out of them: pure, causal, one configuration for each frequency.

`series` says what is judged, `method` how, `judge` does it point by point; docs/metrics.md tells it in plain words.
"""

from agents.metrics.judge import Judge, judge_series
from agents.metrics.method import DAILY, HOURLY, Method
from agents.metrics.series import Frequency, Kind, Point, Verdict

__all__ = ["DAILY", "HOURLY", "Frequency", "Judge", "Kind", "Method", "Point", "Verdict", "judge_series"]
