"""The run as it is at this moment, asked before every call: may it still go on?"""

from agents.outcomes import Halt, halt_now
from agents.parts import Session
from store.queries import runs
from store.records import Run, RunState


def live_run(session: Session) -> Run:
    """The run as it is now. Raises Halt when somebody stopped it or its time is over."""
    run = runs.run(session.store, session.run.id)
    early = halt_now(run, session.store.clock.now())
    if early is not None:
        raise early
    return run


def run_with_room(session: Session) -> Run:
    """The run as it is now. Raises Halt when it should stop or may not make another step."""
    run = live_run(session)
    if run.step_count >= run.limits.max_steps:
        raise Halt(RunState.NEEDS_ATTENTION, f"The run's limit of {run.limits.max_steps} steps is reached.")
    return run
