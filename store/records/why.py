"""Why something is as it is: the run behind it, what that run knew, who let it act, and what it cost."""

from store.records.approval import Approval
from store.records.receipt import Receipt
from store.records.record import Record
from store.records.run import Run
from store.records.step import Step


class Why(Record):
    """Everything that answers "why?" for one subject. `approval` is the subject itself when it is an approval.

    `receipt` is None while the run has not booted; `approvals` are all the run asked for, oldest first.
    """

    run: Run
    receipt: Receipt | None
    steps: tuple[Step, ...]
    approvals: tuple[Approval, ...]
    approval: Approval | None = None
