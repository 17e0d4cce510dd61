"""`quarterdeck audit verify`: whether the audit trail is whole."""

from cyclopts import App

from bot.cli import exits
from bot.cli.opening import DEFAULT_WORKSPACE, Simulated, Workspace, open_record
from store.queries.audit import verify_audit

audit = App(name="audit", help="The audit trail.")


@audit.command
def verify(*, workspace: Workspace = DEFAULT_WORKSPACE, simulated: Simulated = False) -> int:
    """Check every event of the audit trail against the chain of hashes. Exit code 3 when it does not hold."""
    with open_record(workspace, simulated=simulated) as (store, _):
        head, broken = verify_audit(store)
    if broken is not None:
        print(f"BROKEN at event {broken.seq}: {broken.reason}.")
        return exits.BROKEN_AUDIT
    print(f"Whole: {head.seq} events. Head {head.hash}")
    print("Write the head down elsewhere: with it, a trail rewritten or cut as a whole is found too.")
    return exits.DONE
