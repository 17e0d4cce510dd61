"""The table of commands and the one place where failures become a line and an exit code."""

import sys
from collections.abc import Callable, Sequence
from importlib import metadata

from cyclopts import App, CycloptsError

from bot.cli import audit, cards, check, doctor, exits, orders, reads, up
from bot.cli.local_api import NotRunning
from store.kernel.errors import QuarterdeckError

app = App(
    name="quarterdeck",
    help="Runs a team of AI agents as disciplined employees.",
    version=lambda: metadata.version("quarterdeck"),
    version_flags=["--version"],
    result_action="return_value",
)
COMMANDS: tuple[Callable[..., object], ...] = (
    up.up,
    check.check,
    doctor.doctor,
    reads.status,
    reads.runs,
    reads.approvals,
    reads.schedules,
    orders.run,
    orders.stop,
    orders.pause,
    orders.resume,
    orders.approve,
    orders.reject,
    cards.cards,
)
for command in COMMANDS:
    app.command(command)
app.command(audit.audit)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits; see `bot.cli.exits` for the codes."""
    sys.exit(run_command(arguments))


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; a mistake is one plain line on standard error."""
    try:
        code = app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        print(str(error).strip(), file=sys.stderr)
        return exits.MISTAKE
    except NotRunning as error:
        print(str(error), file=sys.stderr)
        return exits.NOT_RUNNING
    except QuarterdeckError as error:
        print(str(error), file=sys.stderr)
        return exits.MISTAKE
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return exits.DONE
    return code if isinstance(code, int) else exits.DONE
