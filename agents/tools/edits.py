"""A call that a person changed before deciding: a new call, judged like any other, and asked about anew."""

from datetime import datetime

from agents.roster import Team
from agents.tools.asked import bound_call
from agents.tools.authorise import authorise, rule_of
from agents.tools.registry import Registry
from agents.tools.spec import ToolCall
from agents.tools.validity import unfit
from store.kernel.canonical import JsonObject
from store.kernel.errors import Refused, UserMistake
from store.records import Actor, Approval, EditedCall, Run


def edited_call(
    team: Team, tools: Registry, run: Run, approval: Approval, arguments: JsonObject, *, editor: Actor, now: datetime
) -> EditedCall:
    """The edited call, ready to be asked about. It is the editor's wish now, so the editor may not decide it.

    Raises UserMistake for arguments the tool does not take, and Refused when policy refuses the call as edited. A call
    that policy would now allow is still asked about, by the requirement it was asked under: it was in question.
    """
    tool = tools.find(approval.tool)
    agent = team.agents.get(approval.agent_id)
    if tool is None or agent is None:
        raise UserMistake(f"{approval.agent_id} or {approval.tool} is no longer part of this team.")
    call = ToolCall(
        agent=agent, run_id=run.id, arguments=arguments, idempotency_key=f"edit:{approval.id}", now=now, root=team.root
    )
    objection = unfit(agent, tool, call)
    if objection is not None:
        raise UserMistake(f"The call cannot be made like this. {objection.reason}")
    decision = authorise(team, run, approval.tool, arguments, now, initiator=editor)
    if decision.effect == "deny":
        raise Refused(decision.reason, rule_of(decision))
    return EditedCall(
        arguments=arguments,
        request=bound_call(agent.id, tool.spec, arguments, team.env),
        summary=tool.summarise(arguments),
        rule_id=rule_of(decision),
        rule_reason=decision.reason,
        requirement=decision.require or approval.requirement,
    )
