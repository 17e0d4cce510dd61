"""Parts that the open and the decided approval share: the exact call and the votes."""

from collections.abc import Sequence

from blocks.cards.view import CardView
from blocks.elements import Item, Items, Payload
from blocks.words import place
from store.records import Approval, Vote


def exact_call(approval: Approval) -> Payload:
    """The stored bytes, character for character, with the hash that binds the decision to them."""
    return Payload(
        label=f"Exact call of {approval.tool}",
        text=approval.payload,
        total_chars=len(approval.payload),
        note=f"SHA-256 {approval.call_hash}",
    )


def vote_list(votes: Sequence[Vote], view: CardView) -> Items:
    """Who voted, how, where and when, with the reason given."""
    rows = tuple(Item(text=_vote(vote, view), detail=vote.reason) for vote in votes)
    return Items(heading="Votes", rows=rows, total=len(rows))


def _vote(vote: Vote, view: CardView) -> str:
    word = "approved" if vote.approve else "rejected"
    return f"{view.person(vote.person_id)} {word} {place(vote.surface)}, {view.when(vote.at)}"
