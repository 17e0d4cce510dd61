"""Parts that the open and the decided approval share: what was asked, the exact call and the votes."""

from collections.abc import Sequence

from blocks.cards.view import CardView
from blocks.elements import Item, Items, Payload, Text
from blocks.limits import TITLED_ON
from blocks.text import clip, one_line
from blocks.words import place
from store.records import ActorKind, Approval, Vote

_TITLE_CHARS = 90
"""Of a summary that is too long for a title, and said whole below it."""


def asked_title(approval: Approval) -> str:
    """What the call does, without a full stop, or how that begins."""
    summary = one_line(approval.summary)
    return summary.removesuffix(".") if _is_title(summary) else _beginning(summary)


def whole_summary(approval: Approval) -> tuple[Text, ...]:
    """What the call does, where the title could only begin to say it."""
    return () if _is_title(one_line(approval.summary)) else (Text(text=approval.summary),)


def asked_by(approval: Approval, view: CardView) -> str:
    """The agent, and on whose behalf it asked if that was a person or another agent."""
    agent, asker = view.agent(approval.agent_id), view.actor(approval.requested_by)
    return agent if asker == agent or approval.requested_by.kind is ActorKind.SYSTEM else f"{agent}, for {asker}"


def _beginning(summary: str) -> str:
    """The first words, whole ones where that leaves at least half a title."""
    cut = clip(summary, _TITLE_CHARS)
    words = cut.rpartition(" ")[0].rstrip(",;:")
    return f"{words}…" if len(words) >= _TITLE_CHARS // 2 else cut


def _is_title(summary: str) -> bool:
    return all(limits.fits_title(summary) for limits in TITLED_ON)


def exact_call(approval: Approval, *, folded: bool = False) -> Payload:
    """The stored bytes, character for character, with the hash that binds the decision to them."""
    return Payload(
        label=f"Exact call of {approval.tool}",
        text=approval.payload,
        total_chars=len(approval.payload),
        note=f"SHA-256 {approval.call_hash}",
        folded=folded,
    )


def vote_list(votes: Sequence[Vote], view: CardView) -> Items:
    """Who voted, how, where and when, with the reason given."""
    rows = tuple(Item(text=_vote(vote, view), detail=vote.reason) for vote in votes)
    return Items(heading="Votes", rows=rows, total=len(rows))


def _vote(vote: Vote, view: CardView) -> str:
    word = "approved" if vote.approve else "rejected"
    return f"{view.person(vote.person_id)} {word} {place(vote.surface)}, {view.when(vote.at)}"
