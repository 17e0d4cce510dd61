"""alert.raise and alert.clear: one open alert for each metric, with the readings that show it."""

from datetime import timedelta

from agents.tools.builtin.shapes import DECIMAL, METRIC, MOMENT, UNIT, closed, list_of, moment_of, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.alerts import clear_alert, raise_alert
from store.kernel.canonical import JsonObject
from store.kernel.errors import UserMistake
from store.kernel.ids import derive
from store.queries import findings
from store.records import Access, Alert, AlertKind, AlertSource, AlertState, Band, Reading

SERIES_WINDOW = timedelta(days=1)
"""How far back an alert's chart shows the metric."""
SERIES_POINTS = 200
NO_VALUE = "nothing"
"""What stands for the value of a metric that is missing."""
_OF_ONE = {"rows": "row", "files": "file"}
"""Units that are words, as they stand beside a single one."""
_WITHOUT_BOUNDS = frozenset({AlertKind.STUCK, AlertKind.MISSING})
_BAND = closed({"at": MOMENT, "value": DECIMAL, "lower": text(40, at_least=0), "upper": text(40, at_least=0)})
_ROWS = closed({"source": text(40), "rows": {"type": "integer", "minimum": 0}, "as_of": MOMENT})


async def _raise(call: ToolCall, means: Means) -> JsonObject:
    given = call.arguments
    metric, unit, kind = str(given["metric"]), str(given["unit"]), AlertKind(str(given.get("kind", "threshold")))
    lower, upper = _bound(given, "lower"), _bound(given, "upper")
    alert = raise_alert(
        means.store,
        Alert(
            id=derive("alert", call.agent.id, metric, call.idempotency_key),
            agent_id=call.agent.id,
            run_id=call.run_id,
            metric=metric,
            kind=kind,
            title=str(given["title"]),
            value=str(given.get("value", NO_VALUE)),
            unit=unit if "value" in given else "",
            expected=_expected(lower, upper, unit),
            lower=lower,
            upper=upper,
            formed=str(given.get("formed", "")),
            since=min(moment_of(str(given["since"])), call.now) if "since" in given else call.now,
            last_at=call.now,
            state=AlertState.OPEN,
            owner=means.owner,
            next_step=str(given["next_step"]),
            series=_given_series(call) or _series(call, means, metric),
            band=_band(call),
            source=_source(given),
        ),
    )
    return {"alert": alert.id, "since": alert.since.isoformat(timespec="seconds"), "state": alert.state.value}


def _series(call: ToolCall, means: Means, metric: str) -> tuple[Reading, ...]:
    since = call.now - SERIES_WINDOW
    return tuple(findings.readings(means.store, metric, since, call.agent.id, limit=SERIES_POINTS))


def _given_series(call: ToolCall) -> tuple[Reading, ...]:
    metric, unit = str(call.arguments["metric"]), str(call.arguments["unit"])
    return tuple(
        Reading(metric=metric, agent_id=call.agent.id, at=moment_of(str(one["at"])), value=str(one["value"]), unit=unit)
        for one in _points(call)
    )


def _band(call: ToolCall) -> tuple[Band, ...]:
    return tuple(
        Band(at=moment_of(str(one["at"])), lower=str(one["lower"]) or None, upper=str(one["upper"]) or None)
        for one in _points(call)
    )


def _points(call: ToolCall) -> list[JsonObject]:
    given = call.arguments.get("series")
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _source(given: JsonObject) -> AlertSource | None:
    source = given.get("source")
    return AlertSource.model_validate(source) if isinstance(source, dict) else None


def _bound(given: JsonObject, name: str) -> str | None:
    value = given.get(name)
    return value if isinstance(value, str) else None


def _expected(lower: str | None, upper: str | None, unit: str) -> str:
    if lower is None and upper is None:
        return "a new value"
    if lower is None:
        return f"at most {upper} {_counted(upper, unit)}".rstrip()
    if upper is None:
        return f"at least {lower} {_counted(lower, unit)}".rstrip()
    if lower == upper:
        return f"no {unit}".rstrip() if lower == "0" and unit else f"{lower} {_counted(lower, unit)}".rstrip()
    return f"between {lower} and {upper} {unit}".rstrip()


def _counted(bound: str | None, unit: str) -> str:
    return _OF_ONE.get(unit, unit) if bound == "1" else unit


def _require_bound(call: ToolCall) -> None:
    given = call.arguments
    kind = AlertKind(str(given.get("kind", "threshold")))
    if kind not in _WITHOUT_BOUNDS and "lower" not in given and "upper" not in given:
        raise UserMistake("An alert needs `lower` or `upper`: what was expected.")
    if kind is not AlertKind.MISSING and "value" not in given:
        raise UserMistake("An alert needs a `value`, unless what is wrong is that there is none: kind missing.")


RAISE_ALERT = Tool(
    spec=ToolSpec(
        name="alert.raise",
        description=(
            "Opens the one alert of a metric, or brings the open one up to date. `lower` or `upper` says what was "
            "expected; `next_step` what a person can do. `kind`, `since`, `formed`, `source` and `series` are as "
            "metrics.judge gives them; without a series, the agent's readings of the last day are the chart."
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
                "kind": {"enum": [kind.value for kind in AlertKind]},
                "since": MOMENT,
                "formed": text(200, at_least=0),
                "source": _ROWS,
                "series": list_of(_BAND, at_most=120),
            },
            optional=("value", "lower", "upper", "kind", "since", "formed", "source", "series"),
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
