"""The table of commands and the one place where failures become a line and an exit code."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from types import MappingProxyType

from cyclopts import App, CycloptsError, Group

from bot.cli import (
    answers,
    audit,
    audition,
    backup,
    cards,
    check,
    digests,
    discord,
    doctor,
    exits,
    init,
    metrics,
    orders,
    reads,
    retention,
    search,
    slack,
    sources,
    up,
    work,
)
from bot.cli.local_api import NotRunning
from bot.logs import set_up_logs
from store.kernel.errors import QuarterdeckError

app = App(
    name="quarterdeck",
    help="Runs a team of AI agents as disciplined employees. Each command says more with --help.",
    version=lambda: metadata.version("quarterdeck"),
    version_flags=["--version"],
    result_action="return_value",
)
RUNNING = Group.create_ordered("Run the team")
LOOKING = Group.create_ordered("See what it does")
ORDERING = Group.create_ordered("Give it orders, while it runs")
OPTIONS = Group.create_ordered("Options")
COMMANDS: Mapping[Group, tuple[App | Callable[..., object], ...]] = MappingProxyType(
    {
        RUNNING: (
            init.init,
            audition.audition,
            up.up,
            check.check,
            doctor.doctor,
            slack.slack,
            discord.discord,
            backup.backup,
            backup.restore,
            retention.retention,
        ),
        LOOKING: (
            reads.status,
            answers.agents,
            answers.tasks,
            answers.alerts,
            work.notes,
            work.decisions,
            work.topics,
            reads.runs,
            reads.approvals,
            reads.schedules,
            sources.sources,
            answers.budget,
            answers.handoffs,
            answers.interruptions,
            answers.why,
            search.search,
            digests.digests,
            cards.cards,
            metrics.metrics,
            audit.audit,
        ),
        ORDERING: (orders.run, orders.stop, orders.pause, orders.resume, orders.reload, orders.approve, orders.reject),
    }
)
for group, commands in COMMANDS.items():
    for position, command in enumerate(commands):
        if isinstance(command, App):
            command.group, command.sort_key = group, position
            app.command(command)
        else:
            app.command(command, group=group, sort_key=position)
for flag in ("--help", "--version"):
    app[flag].group = OPTIONS


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits; see `bot.cli.exits` for the codes.

    A command says in words what it found: of the log only errors are shown, until `up` sets it up for the team.
    """
    set_up_logs("error", "text")
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
