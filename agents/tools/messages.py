"""Messages to a run as its mind reads them: each read is on record, so a mind that runs again hears the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agents.memo import Memo
from agents.roster import Person
from agents.tools.builtin.shapes import closed, shown
from agents.tools.spec import ToolSpec
from store.kernel.canonical import Json, JsonObject
from store.records import Access, RunMessage, Step

AT_ONCE = 20
"""Messages given in one read; what is left is given in the next."""
RULE = "mind.messages"
"""Under this rule a run reads its own messages: no policy is asked whether people may speak to it."""

LISTEN = ToolSpec(
    name="run.messages",
    description="Reads what was written to the run since it last looked.",
    arguments=closed({}),
    result={"type": "object"},
    access=Access.READ,
    idempotent=True,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as a mind gets it. `trusted` is False for whoever is not of the team: to be quoted, not obeyed."""

    by: str
    text: str
    trusted: bool
    at: datetime


def heard_up_to(memo: Memo) -> int:
    """The position of the last message the run has read; 0 when it has read none."""
    return max((_last(step) for step in memo.steps if step.name == LISTEN.name), default=0)


def read_result(messages: Sequence[RunMessage], people: Mapping[str, Person]) -> JsonObject:
    """The messages as a step keeps them."""
    told: list[Json] = [_told(message, people) for message in messages]
    return {"messages": told}


def spec_for(messages: Sequence[RunMessage]) -> ToolSpec:
    """The read as it is recorded: it taints the run when somebody who is not of the team has written."""
    return replace(LISTEN, taints=any(not message.author.trusted for message in messages))


def heard(result: Mapping[str, Json]) -> tuple[Heard, ...]:
    """The messages that a recorded read gave."""
    listed = result.get("messages")
    return tuple(_heard(one) for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()


def _told(message: RunMessage, people: Mapping[str, Person]) -> JsonObject:
    author = message.author
    person = people.get(author.person_id) if author.person_id else None
    return {
        "position": message.position,
        "by": person.name if person else author.account,
        "trusted": author.trusted,
        "text": message.text,
        "at": shown(message.at),
    }


def _heard(told: Mapping[str, Json]) -> Heard:
    at = datetime.fromisoformat(str(told["at"]))
    return Heard(by=str(told["by"]), text=str(told["text"]), trusted=told.get("trusted") is True, at=at)


def _last(step: Step) -> int:
    listed = step.result.get("messages") if isinstance(step.result, dict) else None
    positions = [one.get("position") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return max((position for position in positions if isinstance(position, int)), default=0)
