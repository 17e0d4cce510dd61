"""team.week: the last whole week of the team in figures, and the report on it ready to be published."""

from agents.tools.builtin.shapes import MOMENT, closed, list_of, moment_of, shown, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from agents.week_digest import week_digest
from store.kernel.canonical import Json, JsonObject
from store.queries.week import Span, last_whole_week, week
from store.records import Access, Feedback, Week

_AGENTS, _PEOPLE, _VERDICTS, _WORDS_CHARS = 200, 200, 100, 300
_COUNT: JsonObject = {"type": "integer", "minimum": 0}


async def _week(call: ToolCall, means: Means) -> JsonObject:
    given = call.arguments.get("until")
    span = last_whole_week(moment_of(given) if isinstance(given, str) else call.now, means.team.timezone)
    earlier = last_whole_week(span.start, means.team.timezone)
    this, before = _read(means, span), _read(means, earlier)
    return {
        "since": shown(this.window_from),
        "until": shown(this.window_until),
        "agents": _agents(this),
        "approvals": this.approvals.model_dump(mode="json"),
        "asked": [{**one.model_dump(mode="json"), "total": one.total} for one in this.asked[:_PEOPLE]],
        "feedback": [_verdict(one) for one in this.feedback[-_VERDICTS:]],
        "incidents": len(this.incidents),
        "late": this.late,
        "missed": this.missed,
        "tasks": this.tasks.model_dump(mode="json"),
        "answers": this.answers.model_dump(mode="json"),
        "digest": week_digest(this, before, means.team),
    }


def _read(means: Means, span: Span) -> Week:
    roles = {person.id: person.roles for person in means.team.people.values()}
    return week(means.store, span, tuple(means.team.agents), roles, means.team.timezone)


def _agents(this: Week) -> list[Json]:
    return [
        {
            "agent": one.agent_id,
            "runs": {state.value: count for state, count in sorted(one.runs.items())},
            "total": one.total,
            "cost_micros": one.spent_micros,
        }
        for one in this.agents[:_AGENTS]
    ]


def _verdict(one: Feedback) -> JsonObject:
    words = (one.words or "")[:_WORDS_CHARS]
    return {"agent": one.agent_id, "card": one.card_key, "by": one.person_id, "verdict": one.verdict, "words": words}


def _require_moment(call: ToolCall) -> None:
    given = call.arguments.get("until")
    if isinstance(given, str):
        moment_of(given)


_COUNTS: JsonObject = {"type": "object", "additionalProperties": _COUNT}
_AGENT = closed({"agent": text(64), "runs": _COUNTS, "total": _COUNT, "cost_micros": _COUNT})
_FEEDBACK = closed(
    {
        "agent": text(64),
        "card": text(200),
        "by": text(64),
        "verdict": text(20),
        "words": text(_WORDS_CHARS, at_least=0),
    }
)
_APPROVALS: JsonObject = {"type": "object", "additionalProperties": {"type": ["integer", "null"]}}
_ASKED: JsonObject = {"type": "object", "additionalProperties": {"type": ["integer", "string", "array"]}}

TEAM_WEEK = Tool(
    spec=ToolSpec(
        name="team.week",
        description=(
            "The last whole week of the team, Monday to Sunday in its time zone: runs by outcome, approvals and how "
            "long people took, how often each person was asked, feedback with its words, incidents, cost. `digest` is "
            "the report on it, ready to be given to digest.publish as it is."
        ),
        arguments=closed({"until": MOMENT}, optional=("until",)),
        result=closed(
            {
                "since": MOMENT,
                "until": MOMENT,
                "agents": list_of(_AGENT, at_most=_AGENTS),
                "approvals": _APPROVALS,
                "asked": list_of(_ASKED, at_most=_PEOPLE),
                "feedback": list_of(_FEEDBACK, at_most=_VERDICTS),
                "incidents": _COUNT,
                "late": _COUNT,
                "missed": _COUNT,
                "tasks": _COUNTS,
                "answers": _COUNTS,
                "digest": {"type": "object"},
            }
        ),
        access=Access.READ,
        taints=True,
    ),
    run=_week,
    summarise=lambda _: "Reads the team's last whole week.",
    check=_require_moment,
)
