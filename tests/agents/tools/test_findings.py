"""The tools that keep the team's own record, called through a whole session."""

from datetime import timedelta
from typing import Any

import pytest

from store.queries import findings
from store.records import AlertState, Run, RunState
from tests.agents.rig import AGENT, ASK_FOR_PUSH, START, Rig, person

READING = '{"metric": "m.x", "at": ctx.now().isoformat(), "value": "%s", "unit": "%%"}'


def result(rig: Rig, body: str, key: str = "k") -> Any:
    rig.routine(body)
    run = rig.run(key=key)
    assert run.state is RunState.DONE, run.reason
    return run.result


def failure(rig: Rig, call: str) -> str:
    rig.routine(
        f"""
        try:
            await ctx.call({call})
        except (ToolFailed, ToolRefused) as error:
            return {{"why": str(error)}}
        """
    )
    run = rig.run()
    return str((run.result or {})["why"])


def test_readings_are_kept_once_and_summed_up_over_a_half_open_time(rig: Rig) -> None:
    for hour, value in enumerate(("10.0", "30.0", "20.0", "40.0")):
        result(rig, f'return dict(await ctx.call("metrics.record", readings=[{READING % value}]))', key=str(hour))
        rig.later(hours=1)
    told = result(
        rig,
        f"""
        since, until = "{START.isoformat()}", "{(START + timedelta(hours=3)).isoformat()}"
        return dict(await ctx.call("metrics.read", metrics=["m.x", "m.none"], since=since, until=until))
        """,
    )
    assert told["series"] == [
        {
            "metric": "m.x",
            "unit": "%",
            "count": 3,
            "latest": "20.0",
            "lowest": "10.0",
            "median": "20.0",
            "highest": "30.0",
        }
    ]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ('"metrics.record", readings=[]', "should be non-empty"),
        ('"metrics.record", readings=[{"metric": "m", "at": "today", "value": "1", "unit": ""}]', "not a moment"),
        ('"metrics.record", readings=[{"metric": "m", "at": "2026-01-05T08:00:00", "value": "1", "unit": ""}]', "zone"),
        (
            '"metrics.record", readings=[{"metric": "m", "at": "2026-01-05T08:00:00Z", "value": "1e9", "unit": ""}]',
            "1e9",
        ),
        ('"metrics.read", metrics=["m"], since="2027-01-01T00:00:00Z"', "is empty"),
        ('"alert.raise", metric="m", title="t", value="1", unit="", next_step="n"', "`lower` or `upper`"),
        ('"digest.publish", headline="h", window_from="yesterday"', "not a moment"),
        ('"git.read"', "no setting `repository`"),
        ('"notes.changes", since="soon"', "not a moment"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(rig: Rig, call: str, says: str) -> None:
    assert says in failure(rig, call)


def test_an_alert_keeps_its_beginning_and_its_bounds_in_words(rig: Rig) -> None:
    raised = 'await ctx.call("alert.raise", metric="m.x", title="High", value="%s", unit="%%", %s, next_step="Look.")'
    result(rig, raised % ("91", 'upper="90"'))
    rig.later(hours=1)
    result(rig, raised % ("5", 'lower="10", upper="90"'), key="later")
    (alert,) = findings.open_alerts(rig.store)
    assert (alert.since, alert.last_at) == (START, START + timedelta(hours=1))
    assert (alert.value, alert.expected) == ("5", "between 10 and 90 %")
    result(
        rig, 'await ctx.call("alert.clear", metric="m.x")\nawait ctx.call("alert.clear", metric="m.none")', key="clear"
    )
    assert findings.alert(rig.store, alert.id).state is AlertState.CLEARED


def test_a_digest_of_a_routine_may_give_the_figures_it_computed_and_no_other_number(rig: Rig) -> None:
    figures = 'figures=[{"label": "Ships", "value": "12.5", "baseline": "10", "change": "+2.5"}]'
    assert "77" in failure(rig, f'"digest.publish", headline="77 ships", {figures}')
    rig.routine(f'await ctx.call("digest.publish", headline="12.50 ships, 2.5 more than 10", {figures})')
    run = rig.run(key="second")
    (digest,) = findings.digests_of_run(rig.store, run.id, AGENT, run.created_at)
    assert digest.written_by == "routine"
    assert digest.figures[0].change == "+2.5"


def test_the_window_of_a_digest_begins_where_the_last_one_ended(rig: Rig) -> None:
    publish = 'await ctx.call("digest.publish", name="daily", headline="Quiet")'
    windows = []
    for key, hours in (("a", 3), ("b", 50 * 24), ("c", 0)):
        rig.routine(publish)
        run = rig.run(key=key)
        (digest,) = findings.digests_of_run(rig.store, run.id, AGENT, run.created_at)
        windows.append((digest.window_from - START, digest.window_until - START))
        rig.later(hours=hours)
    assert windows[0] == (timedelta(days=-1), timedelta(0))
    assert windows[1] == (timedelta(0), timedelta(hours=3))
    last = timedelta(hours=3 + 50 * 24)
    assert windows[2] == (last - timedelta(days=31), last), "no window is longer than a month"


def told(rig: Rig, key: str) -> list[tuple[str, str]]:
    changes = result(rig, 'return dict(await ctx.call("notes.changes"))', key=key)
    return [(change["kind"], change["text"]) for change in changes["changes"]]


def test_changes_tell_what_people_and_others_did_and_not_what_the_agent_did_itself(rig: Rig) -> None:
    assert told(rig, "first") == []
    rig.later(seconds=1)
    rig.govern(*ASK_FOR_PUSH)
    rig.routine('await ctx.call("push", n=1)')
    rig.run(key="asks", by=person("cat"))
    rig.decide("ana")
    rig.drive()
    rig.change_team(agents={"other": rig.team.agents[AGENT].model_copy(update={"id": "other"}), **rig.team.agents})
    assert told(rig, "second") == [], "what the agent asked for itself is no news to it"


def test_changes_of_another_agent_are_told_in_words_and_counted(rig: Rig) -> None:
    rig.routine('await ctx.call("digest.publish", name="daily", headline="Quiet")\nraise ValueError("oh")')
    rig.run(key="x")
    rig.later(seconds=1)
    other = rig.team.agents[AGENT].model_copy(update={"id": "reader"})
    rig.change_team(agents={**rig.team.agents, "reader": other})
    rig.change_team(policy=rig.policy_for("reader"))
    run: Run = rig.run_as("reader", 'return dict(await ctx.call("notes.changes"))')
    changes = run.result or {}
    assert {"kind": "digest.published", "count": 1} in changes["counts"]  # type: ignore[operator] # JSON
    texts = [change["text"] for change in changes["changes"]]  # type: ignore[union-attr,index,call-overload] # JSON
    assert "worker published the digest daily" in texts
    assert "A run of worker ended as failed: ValueError: oh" in texts
    assert run.tainted


BAND = '[{"at": "2026-01-0%dT00:00:00Z", "value": "%d", "lower": "%s", "upper": "110"}]'


def judged(**changes: str) -> str:
    given = {
        "metric": '"users"',
        "title": '"Users is below its range."',
        "value": '"70"',
        "unit": '"users"',
        "lower": '"90"',
        "upper": '"110"',
        "next_step": '"Look."',
        "kind": '"low"',
        "since": '"2026-01-04T00:00:00Z"',
        "formed": '"median of the last 7 days"',
        "source": '{"source": "ga4", "rows": 12, "as_of": "2026-01-05T00:00:00Z"}',
        "series": BAND % (4, 70, "90"),
    }
    kept = {name: value for name, value in (given | changes).items() if value}
    return '"alert.raise", ' + ", ".join(f"{name}={value}" for name, value in kept.items())


def test_an_alert_takes_what_was_judged_with_it(rig: Rig) -> None:
    result(rig, f"return dict(await ctx.call({judged()}))")
    alert = findings.open_alert(rig.store, AGENT, "users")
    assert alert is not None
    assert (alert.kind.value, alert.formed, alert.since.isoformat()) == (
        "low",
        "median of the last 7 days",
        "2026-01-04T00:00:00+00:00",
    )
    assert [(one.value, one.unit) for one in alert.series] == [("70", "users")]
    assert [(one.lower, one.upper) for one in alert.band] == [("90", "110")]
    assert alert.source is not None
    assert (alert.source.source, alert.source.rows) == ("ga4", 12)


def test_a_beginning_in_the_future_is_now(rig: Rig) -> None:
    call = judged(since='"2030-01-01T00:00:00Z"')
    result(rig, f"return dict(await ctx.call({call}))")
    alert = findings.open_alert(rig.store, AGENT, "users")
    assert alert is not None
    assert alert.since == START


def test_what_is_missing_has_no_value_and_what_is_stuck_no_bounds(rig: Rig) -> None:
    call = judged(kind='"missing"', value="", lower="", upper="")
    result(rig, f"return dict(await ctx.call({call}))")
    alert = findings.open_alert(rig.store, AGENT, "users")
    assert alert is not None
    assert (alert.value, alert.unit, alert.expected) == ("nothing", "", "a new value")


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"lower": "", "upper": ""}, "needs `lower` or `upper`"), ({"value": ""}, "needs a `value`")],
)
def test_an_alert_that_says_too_little_is_refused(rig: Rig, changes: dict[str, str], says: str) -> None:
    assert says in failure(rig, judged(**changes))
