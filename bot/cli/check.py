"""`quarterdeck check`: every problem of a workspace at once."""

from pathlib import Path

from agents.tools.registry import tool_facts
from bot.cli import exits
from bot.foundation import known_tools
from bot.workspace import check_workspace


def check(workspace: Path = Path(), /) -> int:
    """Check the team in WORKSPACE and print every problem with its file, line and nearest valid name."""
    tools = known_tools()
    facts = {name: tool_facts(tool.spec) for name in tools.names if (tool := tools.find(name))}
    problems = check_workspace(workspace, known_tools=facts)
    for problem in problems:
        print(problem)
    if any(problem.severity == "error" for problem in problems):
        return exits.MISTAKE
    print(f"{workspace}: ready to run." if not problems else f"{workspace}: ready to run, with the warnings above.")
    return exits.DONE
