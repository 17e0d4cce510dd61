"""Messages to a run as its mind reads them: each read is on record, so a mind that runs again hears the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agents.roster import Person
from agents.tools.builtin.shapes import closed, shown
from agents.tools.spec import ToolSpec
from store.kernel.canonical import Json, JsonObject
from store.records import Access, RunMessage
from store.rules.messages import LISTEN

AT_ONCE = 20
"""Messages given in one read; what is left is given in the next."""
RULE = "mind.messages"
"""Under this rule a run reads its own messages: no policy is asked whether people may speak to it."""

LISTENING = ToolSpec(
    name=LISTEN,
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


def read_result(messages: Sequence[RunMessage], people: Mapping[str, Person]) -> JsonObject:
    """The messages as a step keeps them."""
    told: list[Json] = [_told(message, people) for message in messages]
    return {"messages": told}


def spec_for(messages: Sequence[RunMessage]) -> ToolSpec:
    """The read as it is recorded: it taints the run when somebody who is not of the team has written."""
    return replace(LISTENING, taints=any(not message.author.trusted for message in messages))


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
