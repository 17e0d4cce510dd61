"""Which messages a run has read: what its recorded reads say."""

from collections.abc import Iterable

from store.records.step import Step

LISTEN = "run.messages"
"""The name of the step by which a run reads what was written to it."""


def read_up_to(steps: Iterable[Step]) -> int:
    """The position of the last message that these steps have read; 0 when they have read none."""
    return max((_last(step) for step in steps if step.name == LISTEN), default=0)


def _last(step: Step) -> int:
    listed = step.result.get("messages") if isinstance(step.result, dict) else None
    positions = [one.get("position") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return max((position for position in positions if isinstance(position, int)), default=0)
