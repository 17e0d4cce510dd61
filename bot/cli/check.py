"""`quarterdeck check`: every problem of a workspace at once."""

from agents.tools.registry import tool_facts
from bot.cli import exits
from bot.cli.opening import DEFAULT_WORKSPACE, Data, Place
from bot.foundation import known_tools
from bot.workspace import check_workspace


def check(workspace: Place = DEFAULT_WORKSPACE, /, *, data: Data = None) -> int:
    """Print every problem of a workspace, with file, line and the nearest valid name."""
    tools = known_tools()
    facts = {name: tool_facts(tool.spec) for name in tools.names if (tool := tools.find(name))}
    problems = check_workspace(workspace, known_tools=facts, data=data)
    for problem in problems:
        print(problem)
    if any(problem.severity == "error" for problem in problems):
        return exits.MISTAKE
    print(f"{workspace}: ready to run." if not problems else f"{workspace}: ready to run, with the warnings above.")
    return exits.DONE
