"""When a run gets a log: not for each look around."""

from store.records.actor import ActorKind
from store.records.run import Run
from store.records.step import Access, Step, StepKind, StepState


def worth_logging(run: Run, step: Step) -> bool:
    """True for a finished step that somebody may want to read about later.

    Of a run that a person asked for, that is each; of any other, what went wrong or was refused, what cost money or
    judgement, what left the house, and what had to be asked.
    """
    if not step.state.is_final:
        return False
    if run.trigger.initiator.kind is ActorKind.PERSON or step.state is not StepState.DONE:
        return True
    thought = step.kind is StepKind.MODEL or step.spent_micros > 0
    return thought or step.access is Access.EGRESS or step.irreversible or step.approval_id is not None
