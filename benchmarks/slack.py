"""Slack: from click to answer at fifty a second, cards a second, closeness to its limits, memory of live cards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.databases import BOTH, SQLITE, databases
from benchmarks.measure import Comparison, Report
from benchmarks.pressing import Pressing
from benchmarks.slack_cards import Sending, compare_memory, compare_paces, compare_rates
from benchmarks.slack_clicks import compare_clicks


@dataclass(frozen=True)
class Size:
    """How much is pressed and how much is sent; the first round of each warms up and is not counted."""

    pressing: Pressing
    sending: Sending
    databases: Sequence[str]

    @property
    def rounds(self) -> int:
        """Rounds of presses."""
        return self.pressing.rounds


FULL = Size(
    pressing=Pressing(presses=100, per_second=50, rounds=3),
    sending=Sending(cards=100, live=500, rounds=3, paced_seconds=75, paced_cards=480),
    databases=BOTH,
)
TINY = Size(
    pressing=Pressing(presses=1, per_second=50, rounds=1),
    sending=Sending(cards=2, live=1, rounds=1, paced_seconds=0.5, paced_cards=16),
    databases=(SQLITE,),
)

NOTES = """\
- Slack is the fake of the tests in a process of its own, on loopback: no network, and no Slack that thinks. Times are
  taken there, from the moment a press is sent. Presses come on time whether or not the one before has been answered.
- A whole team is pressed: engine, outbox, console, Slack, ten people, eight agents with a channel each. A press is
  stored before it is acknowledged, and answered once its decision is committed, which sets free a run that executes
  its call: fifty runs a second, and three or more edits for each. The bare Bolt app acknowledges, answers and edits
  the same kind of card; with one UPDATE it first commits that, on our engine. Neither would survive a crash.
- Bolt looks every 10 ms whether a listener has acknowledged; ours acknowledges before listeners, in a middleware.
- Every pace is off where presses and cards a second are timed: in Slack itself, edits come at 50 a minute, so that the
  cards of fifty presses a second would be a minute behind for each second of it. Answers have no such limit.
- A person's first press in five minutes waits for users.info before it is acknowledged, 1.2 s at most. The round of
  warming up has those presses; with Slack a network away they are slower by that one call.
- A card delivered is its drawing, its snapshot, the intent to post (not for edits) and the message's id on record:
  two or three transactions, on SQLite each with its flush. slack_sdk is handed one finished message of the same card
  and keeps nothing. One channel is one lane: its cards follow one another.
- At Slack's paces there is always more to send than may be. Slack names 50 a minute for edits and one a second for
  posts into a channel, and tolerates bursts without saying which; for posts into a workspace it says "several hundred",
  of which we take 240. The busiest minute is the first, with its burst.
- Live cards are runs that have begun and made a step, posted and edited once. Runs are made in another process. Nothing
  is kept for a card that is delivered: Python holds as many objects after 1,400 of them as after 200. What grows is
  outside of them (SQLite keeps up to 2 MB of pages a connection), and levels off.
"""


def run(size: Size) -> Report:
    """Everything on every database; paces and memory, which do not depend on it, on the first."""
    return Report("slack", "How fast, how close to Slack's limits, how large?", tuple(_compared(size)), NOTES)


def _compared(size: Size) -> Iterator[Comparison]:
    with databases(size.databases) as new:
        for kind in size.databases:
            yield from compare_clicks(kind, size.pressing, new)
            yield compare_rates(kind, size.sending, new)
        yield from compare_paces(size.databases[0], size.sending, new)
        yield compare_memory(size.databases[0], size.sending, new)
