"""Allow like this…: from one question or refusal to a bounded rule with an end, which an owner adds."""

import json
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from agents.authority.rules import STARTER_PREFIX
from agents.tools.authorise import in_the_way
from blocks.cards import notice_card
from blocks.elements import Button, Card, Confirm, Payload, Text, Tone
from blocks.text import one_line
from blocks.tokens import Verb, encode
from bot.inbound.desk import Desk, Pressed
from bot.inbound.hiring import mark_of, require_owner, team_file, written
from bot.inbound.ordering import Order
from bot.reload.bench import Bench, bench_of
from bot.surfaces.base import Answer
from bot.workspace.editing import Edited
from bot.workspace.rule_editing import with_rule
from store.kernel.canonical import JsonObject
from store.kernel.errors import NotFound, Refused, UserMistake
from store.kernel.ids import derive
from store.queries import approvals, runs
from store.records import Actor, Run

DAYS = (7, 30)
"""How long such a rule may be made for."""
REASON_CHARS = 80


@dataclass(frozen=True)
class Asked:
    """One call that was asked about or refused; `wished_by` are all whose wish it was."""

    subject: str
    wished_by: tuple[Actor, ...]
    run: Run
    tool: str
    arguments: JsonObject
    summary: str


def propose(desk: Desk, pressed: Pressed) -> Answer:
    """Shows the rule that would allow calls like this, and what it adds to the workspace."""
    return Answer(card=_proposal(desk, pressed.press.record_id))


def propose_by_name(desk: Desk, order: Order) -> Answer:
    """The same for an approval or a run that is named: of a run, the last call that the policy refused."""
    if not order.argument:
        raise UserMistake("Say which approval or run.", "quarterdeck approvals and quarterdeck runs list them.")
    return Answer(card=_proposal(desk, order.argument))


def make_rule(desk: Desk, pressed: Pressed) -> Answer:
    """Adds exactly the rule that was shown and has it taken up.

    Raises Refused for anybody but an owner, and for whoever asked for the call; UserMistake when the workspace is not
    what was shown, or would have mistakes with the rule.
    """
    bench = bench_of(desk.bench)
    require_owner(desk.team, pressed)
    subject, days, mark = pressed.press.record_id.split("/")
    asked = _asked(desk, subject)
    if any(by.is_person and by.id == pressed.person.id for by in asked.wished_by):
        raise Refused("Whoever asked for a call makes no rule that allows it.", "rule.requester")
    edited = _edited(desk, bench, asked, int(days))
    if mark_of(edited) != mark:
        raise UserMistake("The workspace is not what it was when this was shown.", f"Look again: allow {subject}")
    return Answer(text=written(bench, edited, pressed))


def _proposal(desk: Desk, subject: str) -> Card:
    bench, asked = bench_of(desk.bench), _asked(desk, subject)
    card = notice_card("Allow like this", "", Tone.WAITING)
    edits = {days: _edited(desk, bench, asked, days) for days in DAYS}
    unbounded = _unbounded(asked.arguments)
    loose = f"\nThe rule bounds {', '.join(unbounded)} not at all: any value is allowed." if unbounded else ""
    elements = (
        Text(text=f"{asked.summary}\nAn owner who did not ask for it may make this a rule, for a time.{loose}"),
        Payload(label="Added to team.yaml", text=edits[DAYS[0]].diff, note="Shown for the shorter time."),
    )
    buttons = tuple(rule_button(f"{asked.subject}/{days}/{mark_of(edited)}") for days, edited in edits.items())
    return card.model_copy(
        update={"summary": f"Allow like this: {asked.summary}", "elements": elements, "actions": buttons}
    )


def rule_button(record_id: str) -> Button:
    """What makes the rule: the record is its subject, its days and the mark of what was shown."""
    days = record_id.split("/")[1]
    confirm = Confirm(
        title=f"Allow this for {days} days?", text="team.yaml is changed and taken up at once.", verb="Make the rule"
    )
    label = f"Make this a rule for {days} days"
    return Button(label=label, token=encode(Verb.ADD_RULE, record_id, 0), confirm=confirm)


def _asked(desk: Desk, subject: str) -> Asked:
    if subject.startswith("run_"):
        return _refused(desk, subject)
    approval = approvals.approval(desk.store, subject)
    run = runs.run(desk.store, approval.run_id)
    wished_by = (run.trigger.initiator, approval.requested_by)
    return Asked(approval.id, wished_by, run, approval.tool, approval.arguments, approval.summary)


def _refused(desk: Desk, run_id: str) -> Asked:
    run = runs.run(desk.store, run_id)
    refused = [one for one in runs.steps(desk.store, run_id) if one.refused_by_policy]
    if not refused:
        raise NotFound("The policy refused nothing in this run.")
    step = refused[-1]
    arguments = step.request.get("arguments")
    if not isinstance(arguments, dict):
        raise UserMistake("The refused call was not a call that could be made.", "Nothing can allow it.")
    tool = desk.tools.find(step.name)
    summary = tool.summarise(arguments) if tool is not None else step.name
    return Asked(run.id, (run.trigger.initiator,), run, step.name, arguments, summary)


def _edited(desk: Desk, bench: Bench, asked: Asked, days: int) -> Edited:
    now = desk.store.clock.now()
    rules = in_the_way(desk.team, asked.run, asked.tool, asked.arguments, now)
    own = next((one for one in rules if one.effect == "deny" and not one.id.startswith(STARTER_PREFIX)), None)
    if own is not None:
        raise UserMistake(f"Rule {own.id} is the team's own refusal.", "Change that rule itself.")
    until = (now.astimezone(ZoneInfo(desk.team.timezone)) + timedelta(days=days)).date()
    text = team_file(bench).read_text(encoding="utf-8")
    lines = [
        f"id: like-{derive('rule', asked.subject, until.isoformat()).removeprefix('rule_')[:8]}",
        "effect: allow",
        f"agents: [{asked.run.agent_id}]",
        f"tools: [{asked.tool}]",
        *_bounds(asked),
        f"until: {until.isoformat()}",
        *([f"instead_of: [{', '.join(sorted(one.id for one in rules))}]"] if rules else []),
        f"reason: {json.dumps(f'Allowed like this: {one_line(asked.summary)[:REASON_CHARS]}', ensure_ascii=False)}",
    ]
    return with_rule(text, "\n".join(lines))


def _bounds(asked: Asked) -> list[str]:
    """Each argument exactly as it was; and nothing that strangers wrote may have been read, where none had been."""
    bounds = [
        f"  args.{name}: {{eq: {json.dumps(value, ensure_ascii=False)}}}"
        for name, value in sorted(asked.arguments.items())
        if isinstance(value, str | int | bool)
    ]
    clean = [] if asked.run.tainted else ["  tainted: {eq: false}"]
    return ["when:", *bounds, *clean] if bounds or clean else []


def _unbounded(arguments: JsonObject) -> list[str]:
    return [name for name, value in sorted(arguments.items()) if not isinstance(value, str | int | bool)]
