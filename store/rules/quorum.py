"""One decision per approval: whose vote counts, and when the votes decide."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum

from store.records.approval import Approval, ApprovalState, Vote


class Standing(StrEnum):
    """What a person's click amounts to, before it is counted."""

    MAY_VOTE = "may_vote"
    ALREADY_DECIDED = "already_decided"
    ALREADY_VOTED = "already_voted"
    NOT_IN_ROLE = "not_in_role"
    ASKED_FOR_IT = "asked_for_it"


def standing(approval: Approval, votes: Sequence[Vote], person_id: str, eligible: AbstractSet[str]) -> Standing:
    """Whether this person's vote counts now. `eligible` are the people in the required role at this moment."""
    if not approval.state.is_open:
        return Standing.ALREADY_DECIDED
    if approval.requested_by.is_person and approval.requested_by.id == person_id:
        return Standing.ASKED_FOR_IT
    if person_id not in eligible:
        return Standing.NOT_IN_ROLE
    voted = any(vote.person_id == person_id for vote in votes)
    return Standing.ALREADY_VOTED if voted else Standing.MAY_VOTE


def decided(approval: Approval, votes: Sequence[Vote]) -> ApprovalState:
    """OPEN while undecided; one rejection rejects, `quorum` different people approve."""
    if any(not vote.approve for vote in votes):
        return ApprovalState.REJECTED
    people = {vote.person_id for vote in votes}
    return ApprovalState.APPROVED if len(people) >= approval.requirement.quorum else ApprovalState.OPEN


def still_authorised(votes: Sequence[Vote], approval: Approval, eligible: AbstractSet[str]) -> bool:
    """True when those who approved are still, at execution, enough people in the role, the requester aside."""
    standing_people = {vote.person_id for vote in votes if vote.approve and vote.person_id in eligible}
    if approval.requested_by.is_person:
        standing_people.discard(approval.requested_by.id)
    return len(standing_people) >= approval.requirement.quorum
