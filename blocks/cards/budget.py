"""The money of a team: spent, held and allowed, for each agent and together. Told once, never redrawn."""

from collections.abc import Sequence

from blocks.cards.notice import notice_card
from blocks.cards.view import CardView
from blocks.elements import Align, Card, Column, Context, Table, Tone
from store.kernel.money import format_usd
from store.records import Spending

_COLUMNS = (
    Column(name="Agent"),
    Column(name="Spent today", align=Align.RIGHT),
    Column(name="Held", align=Align.RIGHT),
    Column(name="Day cap", align=Align.RIGHT),
    Column(name="This week", align=Align.RIGHT),
)
_DAYS = Context(parts=("days are UTC, as the caps count them", "a week begins on Monday", "held is not spent yet"))


def budget_card(spent: Sequence[Spending], view: CardView) -> Card:
    """One row for each agent and one for the team, whose cap is the sum of the agents' caps where all have one."""
    together = team_spending(spent)
    rows = (*(_row(view.agent(one.agent_id), one) for one in spent), _row("The team", together))
    table = Table(columns=_COLUMNS, rows=rows, total_rows=len(rows), total_columns=len(_COLUMNS), caption="Money")
    said = f"{format_usd(together.today_spent_micros)} spent today, {format_usd(together.week_spent_micros)} this week."
    card = notice_card("Budget", "", Tone.NEUTRAL, simulated=view.simulated)
    return card.model_copy(update={"elements": (table, _DAYS), "summary": f"Budget: {said}"})


def team_spending(spent: Sequence[Spending]) -> Spending:
    """The sum of the agents' money; without a cap when any agent has none."""
    caps = [one.day_cap_micros for one in spent]
    return Spending(
        agent_id="team",
        today_spent_micros=sum(one.today_spent_micros for one in spent),
        today_held_micros=sum(one.today_held_micros for one in spent),
        week_spent_micros=sum(one.week_spent_micros for one in spent),
        week_held_micros=sum(one.week_held_micros for one in spent),
        day_cap_micros=None if None in caps or not caps else sum(cap for cap in caps if cap is not None),
    )


def _row(name: str, money: Spending) -> tuple[str, ...]:
    cap = "none" if money.day_cap_micros is None else format_usd(money.day_cap_micros)
    today, held = format_usd(money.today_spent_micros), format_usd(money.today_held_micros)
    return (name, today, held, cap, format_usd(money.week_spent_micros))
