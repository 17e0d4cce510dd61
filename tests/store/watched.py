"""Watched channels for tests: a channel, its readers, and messages with only what a test cares about spelled out."""

from datetime import UTC, datetime, timedelta

from store.actions import Store
from store.actions.offers import Claim, claim_messages
from store.actions.runs import finish_run
from store.actions.steps import record_read
from store.actions.watching import History, install_watches, keep_messages
from store.queries.watching import offers
from store.records import (
    AuthorKind,
    Claimed,
    Offer,
    Reader,
    Run,
    RunState,
    SeenMessage,
)
from tests.store.samples import intent

CHANNEL = "C0ALERTS1"
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def a_reader(agent_id: str = "watch", channel_id: str = CHANNEL, **more: object) -> Reader:
    facts = {"agent_id": agent_id, "surface": "slack", "channel_id": channel_id, "watch": "alerts", "began_at": START}
    return Reader.model_validate({**facts, **more})


def a_message(number: int, text: str | None = None, **more: object) -> SeenMessage:
    """The `number`-th message, written so many seconds after the start."""
    facts = {
        "message_id": f"1700000000.{number:06d}",
        "author": "Grafana",
        "author_kind": AuthorKind.APP,
        "text": f"message {number}" if text is None else text,
        "written_at": START + timedelta(seconds=number),
    }
    return SeenMessage.model_validate({**facts, **more})


def edited(number: int, text: str, at: int, **more: object) -> SeenMessage:
    return a_message(number, text, as_of=START + timedelta(seconds=at), **more)


def deleted(number: int, at: int) -> SeenMessage:
    return a_message(number, "", as_of=START + timedelta(seconds=at), deleted=True)


def watched(store: Store, *numbers: int) -> None:
    """One agent watches one channel in which these messages were written."""
    install_watches(store, [a_reader()])
    heard(store, *(a_message(number) for number in numbers))


def heard(store: Store, *seen: SeenMessage, history: History | None = None) -> int:
    return keep_messages(store, "slack", CHANNEL, seen, history)


def read(store: Store, run: Run, place: int = 0, limit: int = 50) -> Claimed:
    """A reading step as the gate makes one: the claim, then the step that records it."""
    claimed = claim(store, run, place, limit)
    record_read(store, intent(run, place), result={"read": len(claimed.messages)}, taint=True)
    return claimed


def claim(store: Store, run: Run, place: int = 0, limit: int = 50) -> Claimed:
    """Only the claim: the process dies before the step is recorded."""
    key = intent(run, place).idempotency_key
    place_ = {"agent_id": run.agent_id, "surface": "slack", "channel_id": CHANNEL}
    return claim_messages(store, Claim(key=key, run_id=run.id, limit=limit, **place_))


def done(store: Store, run: Run) -> None:
    finish_run(store, run.id, state=RunState.DONE)


def failed(store: Store, run: Run) -> None:
    finish_run(store, run.id, state=RunState.FAILED, reason="it broke")


def texts(claimed: Claimed) -> list[str]:
    return [one.message.text for one in claimed.messages]


def offer_of(store: Store, number: int, agent_id: str = "watch") -> Offer | None:
    return next((one for one in offers(store, agent_id) if one.message_id == a_message(number).message_id), None)
