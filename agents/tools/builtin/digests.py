"""digest.publish: a typed report on its own card, whose words give no number that is not on record."""

from datetime import datetime, timedelta

from agents.digests import asking, compared, week_before
from agents.numerals import digest_figures, digest_prose, invented, record_of
from agents.origins import origins_of
from agents.roster import AgentSpec, ModelMind
from agents.tools.builtin.shapes import DECIMAL, MOMENT, UNIT, closed, list_of, moment_of, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.findings import publish_digest
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake
from store.kernel.ids import derive
from store.queries import findings, runs
from store.queries.frames import frame
from store.records import Access, Digest, Figure, Recommendation, Section

DEFAULT_WINDOW = timedelta(days=1)
_LOOK_BACK_MAX = timedelta(days=31)


async def _publish(call: ToolCall, means: Means) -> JsonObject:
    _require_numbers_on_record(call, means)
    digest = _digest(call, means)
    publish_digest(means.store, digest)
    return {"digest": digest.id, "name": digest.name}


def _require_numbers_on_record(call: ToolCall, means: Means) -> None:
    """Raises UserMistake for a number that stands in no result of this run and not in what the session knew.

    A routine computes its figures in code, so its prose may repeat them; a model's figures must be on record too.
    """
    receipt = runs.receipt(means.store, call.run_id)
    record = record_of(runs.steps(means.store, call.run_id), receipt.context if receipt else {})
    prose, figures = digest_prose(call.arguments), digest_figures(call.arguments)
    written = [*prose, *figures] if _is_model(call.agent) else prose
    unknown = invented(written, record if _is_model(call.agent) else [*record, *figures])
    if unknown:
        raise UserMistake(
            f"These numbers stand in no result of this session: {', '.join(unknown)}.",
            "Give only figures that a tool returned, exactly as returned.",
        )


def _digest(call: ToolCall, means: Means) -> Digest:
    given = call.arguments
    name = str(given.get("name") or "digest")
    window_from, window_until = _window(call, means, name)
    figures = tuple(Figure.model_validate(one) for one in _list(given.get("figures")))
    wanted = asking(means.team, call.agent, window_from, call.now, whole_team=given.get("scope") == "team")
    return Digest(
        id=derive("digest", call.idempotency_key),
        agent_id=call.agent.id,
        run_id=call.run_id,
        name=name,
        title=str(given.get("title") or call.agent.name),
        window_from=window_from,
        window_until=window_until,
        headline=str(given["headline"]),
        figures=compared(figures, week_before(means.store, call.agent.id, name, call.now)),
        sections=tuple(Section.model_validate(one) for one in _list(given.get("sections"))),
        recommendations=tuple(Recommendation.model_validate(one) for one in _list(given.get("recommendations"))),
        cannot_see=tuple(str(one) for one in _list(given.get("cannot_see"))),
        late=tuple(str(one) for one in _list(given.get("late"))),
        written_by=_writer(call.agent),
        due_at=runs.run(means.store, call.run_id).trigger.due_at,
        frame=frame(means.store, wanted),
        origins=origins_of(given, runs.steps(means.store, call.run_id)),
        published_at=call.now,
    )


def _window(call: ToolCall, means: Means, name: str) -> tuple[datetime, datetime]:
    """As given; left out, it runs from the agent's last digest of that name (at most a month back) until now."""
    start, end = call.arguments.get("window_from"), call.arguments.get("window_until")
    until = moment_of(end) if isinstance(end, str) else call.now
    if isinstance(start, str):
        return moment_of(start), until
    last = findings.last_digest(means.store, call.agent.id, name, until)
    return max(last.window_until, until - _LOOK_BACK_MAX) if last else until - DEFAULT_WINDOW, until


def _require_window(call: ToolCall) -> None:
    for name in ("window_from", "window_until"):
        given = call.arguments.get(name)
        if isinstance(given, str):
            moment_of(given)


def _writer(agent: AgentSpec) -> str:
    if isinstance(agent.mind, ModelMind):
        return f"model {agent.mind.model}" if agent.mind.model else "no model"
    return "routine"


def _is_model(agent: AgentSpec) -> bool:
    return isinstance(agent.mind, ModelMind)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


_COMPARED: JsonObject = {
    "baseline": DECIMAL,
    "lower": DECIMAL,
    "upper": DECIMAL,
    "expected": text(40),
    "formed": text(120),
    "same_weekday": DECIMAL,
    "change": text(40),
}
"""What a figure may be held against, and how that came about."""
_FIGURE = closed(
    {
        "label": text(60),
        "value": DECIMAL,
        "unit": UNIT,
        **_COMPARED,
        "as_of": MOMENT,
        "status": text(20),
        "source": text(120),
    },
    optional=("unit", *_COMPARED, "as_of", "status", "source"),
)
_RECOMMENDATION = closed(
    {"text": text(140), "effect": text(120), "evidence": list_of(text(120), at_least=1, at_most=3)}
)
_SECTION = closed({"heading": text(80), "lines": list_of(text(300), at_most=12)})

_OPTIONAL = (
    "name",
    "title",
    "figures",
    "sections",
    "recommendations",
    "cannot_see",
    "late",
    "scope",
    "window_from",
    "window_until",
)

PUBLISH_DIGEST = Tool(
    spec=ToolSpec(
        name="digest.publish",
        description=(
            "Publishes a digest on its own card. Every number in its words must be a figure of the digest or stand in "
            "a result of this session. `cannot_see` names what was expected and is missing, `late` data that came too "
            "late. What needs people, standing alerts, who did not run, tasks and money are added from the record, of "
            "this agent or, with `scope: team`, of all. The window defaults to the time since the agent's last digest "
            "of this name."
        ),
        arguments=closed(
            {
                "name": text(40),
                "title": text(120),
                "headline": text(200),
                "figures": list_of(_FIGURE, at_most=20),
                "sections": list_of(_SECTION, at_most=8),
                "recommendations": list_of(_RECOMMENDATION, at_most=3),
                "cannot_see": list_of(text(200), at_most=10),
                "late": list_of(text(200), at_most=10),
                "scope": {"enum": ["own", "team"]},
                "window_from": MOMENT,
                "window_until": MOMENT,
            },
            optional=_OPTIONAL,
        ),
        result=closed({"digest": text(64), "name": text(40)}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_publish,
    summarise=lambda arguments: f"Publishes a digest: {arguments['headline']}",
    check=_require_window,
)
