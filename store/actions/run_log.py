"""A run's log: a card in the thread of the run's card, begun by the first thing worth it, redrawn while it grows."""

from store.records.card import CardKind, card_key
from store.records.run import Run
from store.records.step import Step
from store.rules.run_log import worth_logging
from store.transaction import Tx


def log_step(tx: Tx, run: Run, step: Step) -> None:
    """Redraws the log for a step that has an outcome, and begins it when this is the first one worth it."""
    if worth_logging(run, step):
        show_log(tx, run)
    elif step.state.is_final:
        tx.redraw(CardKind.LOG, run.id, progress=True)


def show_log(tx: Tx, run: Run) -> None:
    """Redraws the run's log, and begins it when there is none."""
    thread = card_key(CardKind.RUN, run.trigger.slot or run.id)
    tx.show(CardKind.LOG, run.id, run.agent_id, thread_of=thread, progress=True)


def redraw_log(tx: Tx, run_id: str) -> None:
    """Redraws the run's log, if it has one, for something that was waited for: a decision, the run's end."""
    tx.redraw(CardKind.LOG, run_id)
