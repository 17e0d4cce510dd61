"""A run's memory: its recorded steps by their place in the run, so that nothing finished is ever done again."""

from collections.abc import Sequence

from store.records import Step, StepState


class Memo:
    """The steps of one run as the present segment sees them. Used by one thread.

    A failed call that ended an earlier attempt of the run is forgotten, so that the retry really tries again: it
    was recorded in an earlier segment, nothing was recorded after it, and no person had approved it (an approval is
    used once). Every other recorded step is answered from here.
    """

    def __init__(self, steps: Sequence[Step], segment: int) -> None:
        self._steps = {step.key: step for step in steps}
        self._retried = _failed_last(steps, segment)
        self._visited: set[str] = set()

    def visit(self, key: str) -> Step | None:
        """The step recorded at this place; None when the run has not been here, or comes to try again."""
        self._visited.add(key)
        return None if key in self._retried else self._steps.get(key)

    def knows(self, key: str) -> bool:
        """True when anything was ever recorded at this place, forgotten or not."""
        return key in self._steps

    def keep(self, step: Step) -> Step:
        """Remembers the step as it now stands."""
        self._steps[step.key] = step
        self._retried.discard(step.key)
        self._visited.add(step.key)
        return step

    def position(self, key: str) -> int:
        """Where the step stands among the run's steps: as first recorded, or after all others."""
        known = self._steps.get(key)
        return known.position if known else 1 + max((step.position for step in self._steps.values()), default=0)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every recorded step, in the order they were first made."""
        return tuple(sorted(self._steps.values(), key=lambda step: (step.position, step.key)))

    @property
    def unvisited(self) -> tuple[Step, ...]:
        """Steps the mind has not come by, forgotten ones apart: if it ends so, it is not the mind that made them."""
        return tuple(step for step in self.steps if step.key not in self._visited | self._retried)


def _failed_last(steps: Sequence[Step], segment: int) -> set[str]:
    retried: set[str] = set()
    for step in sorted(steps, key=lambda step: step.position, reverse=True):
        if step.state is not StepState.FAILED or step.segment >= segment or step.approval_id is not None:
            break
        retried.add(step.key)
    return retried
