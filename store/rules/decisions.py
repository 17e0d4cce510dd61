"""Which decisions contradict each other. Pure."""

from collections.abc import Iterable

from store.records.decision import Decision, DecisionStanding


def subject_key(subject: str) -> str:
    """The form in which two subjects are the same: case, spaces and a closing full stop make no difference."""
    return " ".join(subject.casefold().split()).rstrip(".")


def contradict(one: Decision, other: Decision) -> bool:
    """True when both hold, speak of one subject, and do not say the same."""
    holds = DecisionStanding.SUPERSEDED not in (one.standing, other.standing)
    return holds and one.subject_key == other.subject_key and subject_key(one.choice) != subject_key(other.choice)


def standings(decisions: Iterable[Decision]) -> dict[str, DecisionStanding]:
    """Where each decision of one subject stands, by id, given which of them are superseded."""
    found = tuple(decisions)
    return {one.id: _standing(one, found) for one in found}


def _standing(one: Decision, all_of_subject: tuple[Decision, ...]) -> DecisionStanding:
    if one.standing is DecisionStanding.SUPERSEDED:
        return DecisionStanding.SUPERSEDED
    contested = any(contradict(one, other) for other in all_of_subject if other.id != one.id)
    return DecisionStanding.CONTESTED if contested else DecisionStanding.STANDS
