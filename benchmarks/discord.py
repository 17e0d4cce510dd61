"""Discord: from press to answer at fifty a second, and cards a second."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.databases import BOTH, SQLITE, databases
from benchmarks.discord_cards import compare_rates
from benchmarks.discord_clicks import compare_clicks
from benchmarks.measure import Comparison, Report
from benchmarks.pressing import Pressing


@dataclass(frozen=True)
class Size:
    """How much is pressed and how many cards are sent; the first round of each warms up and is not counted."""

    pressing: Pressing
    cards: int
    databases: Sequence[str]

    @property
    def rounds(self) -> int:
        """Rounds of each."""
        return self.pressing.rounds


FULL = Size(pressing=Pressing(presses=100, per_second=50, rounds=3), cards=100, databases=BOTH)
TINY = Size(pressing=Pressing(presses=1, per_second=50, rounds=1), cards=2, databases=(SQLITE,))

NOTES = """\
- Discord is the fake of the tests in a process of its own, on loopback: no network, and no Discord that thinks. Times
  are taken there, from the moment a press is sent over the gateway. Presses come on time whether or not the one before
  has been answered.
- A whole team is pressed: engine, outbox, console, Discord, ten people, eight agents with a channel each. A press is
  stored, its decision committed, and then comes the first answer; the decision sets free a run that executes its call:
  fifty runs a second, and three or more edits for each. What takes longer than 1.8 s is put off, which is an answer
  too: Discord forgets an interaction after three seconds without one. The bare client answers and edits the same kind
  of card; with one UPDATE it first commits that, on our engine. It would not survive a crash.
- A live card is edited every two seconds at most: of a run's edits the first may come at once, and the one that is
  timed is any edit of the pressed card.
- The fake tells of limits that nobody reaches. Discord's own are five messages in five seconds for a channel, about
  fifty calls a second for a bot: there, eight channels take eight posts a second.
- A card delivered is its drawing, its snapshot, the intent to post (not for edits) and the message's id on record:
  two or three transactions, on SQLite each with its flush. discord.py is handed one finished message of the same card
  and keeps nothing. One channel is one lane: its cards follow one another.
"""


def run(size: Size) -> Report:
    """Everything on every database."""
    return Report("discord", "How fast, from a press to its answer and from a change to its card?", _all(size), NOTES)


def _all(size: Size) -> tuple[Comparison, ...]:
    return tuple(_compared(size))


def _compared(size: Size) -> Iterator[Comparison]:
    with databases(size.databases) as new:
        for kind in size.databases:
            yield from compare_clicks(kind, size.pressing, new)
            yield compare_rates(kind, size.cards, size.rounds, new)
