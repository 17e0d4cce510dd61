"""alert.raise and alert.clear: one open alert for each metric, with the readings that show it."""

from datetime import timedelta

from agents.tools.builtin.shapes import DECIMAL, METRIC, UNIT, closed, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.alerts import clear_alert, raise_alert
from store.kernel.canonical import JsonObject
from store.kernel.errors import UserMistake
from store.kernel.ids import derive
from store.queries import findings
from store.records import Access, Alert, AlertState, Reading

SERIES_WINDOW = timedelta(days=1)
"""How far back an alert's chart shows the metric."""
SERIES_POINTS = 200


async def _raise(call: ToolCall, means: Means) -> JsonObject:
    given = call.arguments
    metric, unit = str(given["metric"]), str(given["unit"])
    lower, upper = _bound(given, "lower"), _bound(given, "upper")
    alert = raise_alert(
        means.store,
        Alert(
            id=derive("alert", call.agent.id, metric, call.idempotency_key),
            agent_id=call.agent.id,
            run_id=call.run_id,
            metric=metric,
            title=str(given["title"]),
            value=str(given["value"]),
            unit=unit,
            expected=_expected(lower, upper, unit),
            lower=lower,
            upper=upper,
            since=call.now,
            last_at=call.now,
            state=AlertState.OPEN,
            owner=means.owner,
            next_step=str(given["next_step"]),
            series=_series(call, means, metric),
        ),
    )
    return {"alert": alert.id, "since": alert.since.isoformat(timespec="seconds"), "state": alert.state.value}


def _series(call: ToolCall, means: Means, metric: str) -> tuple[Reading, ...]:
    since = call.now - SERIES_WINDOW
    return tuple(findings.readings(means.store, metric, since, call.agent.id, limit=SERIES_POINTS))


def _bound(given: JsonObject, name: str) -> str | None:
    value = given.get(name)
    return value if isinstance(value, str) else None


def _expected(lower: str | None, upper: str | None, unit: str) -> str:
    if lower is None:
        return f"at most {upper} {unit}".rstrip()
    if upper is None:
        return f"at least {lower} {unit}".rstrip()
    return f"between {lower} and {upper} {unit}".rstrip()


def _require_bound(call: ToolCall) -> None:
    if "lower" not in call.arguments and "upper" not in call.arguments:
        raise UserMistake("An alert needs `lower` or `upper`: what was expected.")


RAISE_ALERT = Tool(
    spec=ToolSpec(
        name="alert.raise",
        description=(
            "Opens the one alert of a metric, or brings the open one up to date, with the agent's readings of the last "
            "day as its chart. `lower` or `upper` says what was expected; `next_step` what a person can do."
        ),
        arguments=closed(
            {
                "metric": METRIC,
                "title": text(120),
                "value": DECIMAL,
                "unit": UNIT,
                "lower": DECIMAL,
                "upper": DECIMAL,
                "next_step": text(300),
            },
            optional=("lower", "upper"),
        ),
        result=closed({"alert": text(64), "since": text(40), "state": text(20)}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_raise,
    summarise=lambda arguments: f"Raises the alert: {arguments['title']}.",
    check=_require_bound,
)


async def _clear(call: ToolCall, means: Means) -> JsonObject:
    metric = str(call.arguments["metric"])
    clear_alert(means.store, call.agent.id, metric)
    return {"metric": metric, "state": AlertState.CLEARED.value}


CLEAR_ALERT = Tool(
    spec=ToolSpec(
        name="alert.clear",
        description="Clears the agent's open alert of a metric; when none is open, nothing happens.",
        arguments=closed({"metric": METRIC}),
        result=closed({"metric": METRIC, "state": text(20)}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_clear,
    summarise=lambda arguments: f"Clears the alert of {arguments['metric']}.",
)
