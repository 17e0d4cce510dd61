"""Whether a call may be put to policy at all: the agent's scope, the shape of the arguments, the tool's own check."""

from agents.outcomes import Refusal
from agents.roster import AgentSpec
from agents.tools.fitness import objection_to_arguments
from agents.tools.spec import Means, Tool, ToolCall
from store.kernel.errors import Refused, UserMistake


def unfit(agent: AgentSpec, tool: Tool, call: ToolCall) -> Refusal | None:
    """Why the call cannot be made by this agent like this; None when it can. Changes nothing."""
    if tool.spec.name not in agent.tools:
        return Refusal("gate.scope", f"{tool.spec.name} is not among the tools of {agent.name}.")
    objection = objection_to_arguments(tool.spec, call.arguments)
    if objection is not None:
        return Refusal("gate.arguments", objection)
    return _objection_of_tool(tool, call)


def _objection_of_tool(tool: Tool, call: ToolCall) -> Refusal | None:
    if tool.check is None:
        return None
    try:
        tool.check(call)
    except (Refused, UserMistake) as error:
        return _refusal(error)
    return None


async def inadmissible(tool: Tool, call: ToolCall, means: Means) -> Refusal | None:
    """Why what is on record, or what the sources say, rules the call out; None when nothing does. Changes nothing."""
    if tool.admit is None:
        return None
    try:
        await tool.admit(call, means)
    except (Refused, UserMistake) as error:
        return _refusal(error)
    return None


def _refusal(error: Refused | UserMistake) -> Refusal:
    if isinstance(error, Refused):
        return Refusal(error.rule, error.message)
    return Refusal("gate.arguments", str(error))
