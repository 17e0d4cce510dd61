"""The agents on the home page: what each does now, what is next, what today cost, and how to steer it."""

from datetime import datetime

from blocks.cards.view import CardView
from blocks.elements import Button, Confirm, LinkButton, Option, Style
from blocks.home import HomeRow
from blocks.text import clip, count, one_line
from blocks.tokens import Verb, encode
from blocks.words import RUN_WORD
from store.kernel.money import format_usd
from store.records import AgentState, AgentView, Fleet, Run, RunState

ALL_AGENTS = "team"
"""The record that a press on everybody names."""

_DOING_CHARS = 120
_SIGN = {RunState.QUEUED: "🕐", RunState.RUNNING: "▶️", RunState.WAITING: "✋"}
_PAUSED, _IDLE = "⏸️", "⚪"


def is_working(agent: AgentView) -> bool:
    """True while a run of the agent is queued, running or waiting."""
    return agent.current is not None


def is_paused(agent: AgentView) -> bool:
    """True while no new run of the agent may start."""
    return agent.state is AgentState.PAUSED


def agent_row(agent: AgentView, as_of: datetime, channel_url: str | None, view: CardView) -> HomeRow:
    """One agent, with what can be asked of it."""
    name = one_line(agent.name)
    more = _more(agent, channel_url)
    return HomeRow(text=f"{_sign(agent)} {name} · {_doing(agent)}", detail=_detail(agent, as_of, view), more=more)


def switch_all_button(fleet: Fleet) -> Button:
    """Pauses everybody, or lets everybody work again once nobody does."""
    if all(is_paused(agent) for agent in fleet.agents):
        return Button(label="Resume all", token=encode(Verb.RESUME_ALL, ALL_AGENTS, 0), about="every agent of the team")
    confirm = Confirm(title="Pause every agent?", text=_what_pausing_does(fleet), verb="Pause all")
    token = encode(Verb.PAUSE_ALL, ALL_AGENTS, 0)
    return Button(label="Pause all", token=token, style=Style.DANGER, confirm=confirm, about="every agent of the team")


def _what_pausing_does(fleet: Fleet) -> str:
    going = sum(is_working(agent) for agent in fleet.agents)
    rest = f" What is under way ({count(going, 'run')}) is not stopped." if going else ""
    return f"No new run starts, and due times are recorded as skipped, until somebody resumes.{rest}"


def _sign(agent: AgentView) -> str:
    if agent.current is not None:
        return _SIGN.get(agent.current.state, _IDLE)
    return _PAUSED if is_paused(agent) else _IDLE


def _doing(agent: AgentView) -> str:
    paused = " (paused: nothing new starts)" if is_paused(agent) else ""
    if agent.current is None:
        return "Paused" if paused else "Idle"
    return clip(one_line(f"{_at_work(agent.current, agent.doing)}{paused}"), _DOING_CHARS)


def _at_work(run: Run, doing: str | None) -> str:
    word = RUN_WORD[run.state]
    if doing is None or doing == run.state.value:
        return word
    return f"{word} for {doing}" if run.state is RunState.WAITING else f"{word}: {doing}"


def _detail(agent: AgentView, as_of: datetime, view: CardView) -> str:
    due = f"next {view.at_time(agent.next_due_at, as_of)}" if agent.next_due_at else "nothing scheduled"
    spent, cap = format_usd(agent.spent_today_micros), agent.day_cap_micros
    money = f"{spent} today, no day cap" if cap is None else f"{spent} of {format_usd(cap)} today"
    return f"{due} · {money}"


def _more(agent: AgentView, channel_url: str | None) -> tuple[Option | LinkButton, ...]:
    more: list[Option | LinkButton] = []
    if is_paused(agent):
        more.append(Option(label="Resume", token=encode(Verb.RESUME, agent.agent_id, 0)))
    else:
        more.append(Option(label="Run now", token=encode(Verb.RUN_NOW, agent.agent_id, 0)))
        more.append(Option(label="Pause", token=encode(Verb.PAUSE, agent.agent_id, 0)))
    if agent.current is not None:
        more.append(Option(label="Stop this run", token=encode(Verb.STOP, agent.current.id, 0)))
    if channel_url:
        more.append(LinkButton(label="Open channel", url=channel_url))
    return tuple(more)
