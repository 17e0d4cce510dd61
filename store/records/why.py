"""Why something is as it is: the run behind it, what that run knew, who let it act, and what it cost."""

from store.records.approval import Approval
from store.records.digest import Figure
from store.records.handoff import Handoff
from store.records.mark import Mark, OutputKind
from store.records.receipt import Receipt
from store.records.record import Record
from store.records.run import Run
from store.records.step import Step
from store.records.undo import Undo


class Why(Record):
    """Everything that answers "why?" for one subject. `approval` is the subject itself when it is an approval.

    `receipt` is None while the run has not booted; `approvals` are all the run asked for, oldest first; `undos` say
    which of their calls somebody asked to take back.
    """

    run: Run
    receipt: Receipt | None
    steps: tuple[Step, ...]
    approvals: tuple[Approval, ...]
    approval: Approval | None = None
    undos: tuple[Undo, ...] = ()


class Stop(Record):
    """One stop on a figure's way back: the work it was handed over in, or the step whose result it stood in.

    `path` is where in that payload or result; `agent_id` whose it was.
    """

    path: str
    agent_id: str
    handoff: Handoff | None = None
    step: Step | None = None


class FigureWhy(Record):
    """Everything that answers "why?" for one figure. `stops` leads back from the output, the nearest first.

    Empty `stops`: the figure stands in no tool's result that is still kept. `why` is of the run at which the way ends.
    """

    kind: OutputKind
    output_id: str
    number: int
    place: str
    figure: Figure
    stops: tuple[Stop, ...]
    marks: tuple[Mark, ...]
    why: Why
