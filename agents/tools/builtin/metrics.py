"""metrics.record and metrics.read: the team's own series of readings."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from agents.tools.builtin.shapes import DECIMAL, METRIC, MOMENT, UNIT, closed, list_of, moment_of, shown
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.findings import record_readings
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake
from store.queries import findings
from store.records import Access, Reading

_READING = closed({"metric": METRIC, "at": MOMENT, "value": DECIMAL, "unit": UNIT})


async def _record(call: ToolCall, means: Means) -> JsonObject:
    readings = [_reading(call, one) for one in _items(call.arguments["readings"])]
    record_readings(means.store, readings)
    return {"recorded": len(readings)}


def _reading(call: ToolCall, given: JsonObject) -> Reading:
    return Reading(
        metric=str(given["metric"]),
        agent_id=call.agent.id,
        at=moment_of(str(given["at"])),
        value=str(given["value"]),
        unit=str(given["unit"]),
    )


def _require_moments(call: ToolCall) -> None:
    for one in _items(call.arguments["readings"]):
        moment_of(str(one["at"]))


RECORD_METRICS = Tool(
    spec=ToolSpec(
        name="metrics.record",
        description="Keeps readings in the agent's own series, once per metric and moment.",
        arguments=closed({"readings": list_of(_READING, at_least=1, at_most=50)}),
        result=closed({"recorded": {"type": "integer"}}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_record,
    summarise=lambda arguments: f"Keeps {len(_items(arguments['readings']))} readings.",
    check=_require_moments,
)


async def _read(call: ToolCall, means: Means) -> JsonObject:
    since, until = _window(call)
    names = [str(name) for name in _list(call.arguments["metrics"])]
    series: list[Json] = []
    for name in names:
        found = findings.readings(means.store, name, since, call.agent.id)
        inside = [one for one in found if one.at < until]
        series += [_summary(name, inside)] if inside else []
    return {"since": shown(since), "until": shown(until), "series": series}


def _window(call: ToolCall) -> tuple[datetime, datetime]:
    since = moment_of(str(call.arguments["since"]))
    until = call.arguments.get("until")
    return since, moment_of(until) if isinstance(until, str) else call.now


def _require_window(call: ToolCall) -> None:
    since, until = _window(call)
    if since >= until:
        raise UserMistake("The time from `since` to `until` is empty.")


def _summary(metric: str, readings: Sequence[Reading]) -> JsonObject:
    ordered = sorted(readings, key=lambda one: Decimal(one.value))
    return {
        "metric": metric,
        "unit": readings[-1].unit,
        "count": len(readings),
        "latest": readings[-1].value,
        "lowest": ordered[0].value,
        "median": ordered[(len(ordered) - 1) // 2].value,
        "highest": ordered[-1].value,
    }


READ_METRICS = Tool(
    spec=ToolSpec(
        name="metrics.read",
        description=(
            "Sums up the agent's own series from `since` (inclusive) to `until` (exclusive, default now): latest, "
            "lowest, median and highest. A metric without readings in that time is left out."
        ),
        arguments=closed(
            {"metrics": list_of(METRIC, at_least=1, at_most=50), "since": MOMENT, "until": MOMENT}, optional=("until",)
        ),
        result=closed(
            {
                "since": MOMENT,
                "until": MOMENT,
                "series": list_of(
                    closed(
                        {
                            "metric": METRIC,
                            "unit": UNIT,
                            "count": {"type": "integer"},
                            "latest": DECIMAL,
                            "lowest": DECIMAL,
                            "median": DECIMAL,
                            "highest": DECIMAL,
                        }
                    ),
                    at_most=50,
                ),
            }
        ),
        access=Access.READ,
    ),
    run=_read,
    summarise=lambda arguments: f"Reads the series of {len(_list(arguments['metrics']))} metrics.",
    check=_require_window,
)


def _items(value: Json) -> list[JsonObject]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
