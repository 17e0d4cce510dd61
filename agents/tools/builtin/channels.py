"""channel.read: what others wrote in a channel the agent watches, each message once for every run that is done."""

import asyncio

from agents.roster import WatchSpec
from agents.tools.builtin.shapes import MOMENT, closed, list_of, shown, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.actions.offers import Claim, claim_messages
from store.handle import Store
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Refused, UserMistake
from store.queries.watching import cursor
from store.records import Access, AuthorKind, OfferedMessage
from store.records.watch import FIELD_NAME_CHARACTERS, FIELD_VALUE_CHARACTERS, FIELDS, FILES, TEXT_CHARACTERS

DEFAULT_LIMIT = 50
MOST = 100

_MESSAGE = closed(
    {
        "id": text(64),
        "author": {"type": "string"},
        "author_kind": {"enum": [kind.value for kind in AuthorKind]},
        "written_at": MOMENT,
        "text": {"type": "string", "maxLength": TEXT_CHARACTERS},
        "fields": list_of(
            closed(
                {
                    "name": {"type": "string", "maxLength": FIELD_NAME_CHARACTERS},
                    "value": {"type": "string", "maxLength": FIELD_VALUE_CHARACTERS},
                }
            ),
            at_most=FIELDS,
        ),
        "link": {"type": ["string", "null"]},
        "files": list_of({"type": "string"}, at_most=FILES),
        "thread": {"type": ["string", "null"]},
        "edited": {"type": "boolean"},
        "deleted": {"type": "boolean"},
    }
)


async def _read(call: ToolCall, means: Means) -> JsonObject:
    watch, limit = _watch(call), call.arguments.get("limit", DEFAULT_LIMIT)
    claim = Claim(
        key=call.idempotency_key,
        run_id=call.run_id,
        agent_id=call.agent.id,
        surface=watch.surface,
        channel_id=watch.channel,
        limit=limit if isinstance(limit, int) else DEFAULT_LIMIT,
    )
    claimed = await asyncio.to_thread(claim_messages, means.store, claim)
    return {
        "watch": watch.name,
        "messages": [_told(one) for one in claimed.messages],
        "more": claimed.more,
        "cannot_see": await asyncio.to_thread(_blind_spots, means.store, watch),
    }


def _watch(call: ToolCall) -> WatchSpec:
    """The watch that is meant. Raises Refused for an agent without one, UserMistake when it is not clear which."""
    watches, named = call.agent.watches, call.arguments.get("watch")
    if not watches:
        raise Refused(f"{call.agent.name} watches no channel.", "lane.watches")
    if named is None and len(watches) > 1:
        raise UserMistake("This agent watches several channels.", f"Say which: {', '.join(watches)}.")
    if named is None:
        return next(iter(watches.values()))
    if named not in watches:
        raise Refused(f"{call.agent.name} has no watch {named!r}, only {', '.join(watches)}.", "lane.watches")
    return watches[str(named)]


def _require_watch(call: ToolCall) -> None:
    _watch(call)


def _blind_spots(store: Store, watch: WatchSpec) -> list[Json]:
    known = cursor(store, watch.surface, watch.channel)
    if known is None or (known.checked_at is None and known.problem is None):
        return ["The channel's history has not been read yet."]
    last = "never" if known.checked_at is None else shown(known.checked_at)
    return [f"{known.problem} Its history was last read: {last}."] if known.problem else []


def _told(offered: OfferedMessage) -> JsonObject:
    message = offered.message
    return {
        "id": message.message_id,
        "author": message.author,
        "author_kind": message.author_kind.value,
        "written_at": shown(message.written_at),
        "text": message.text,
        "fields": [{"name": one.name, "value": one.value} for one in message.fields],
        "link": message.link,
        "files": list(message.files),
        "thread": message.thread_id,
        "edited": offered.again and not message.deleted,
        "deleted": message.deleted,
    }


READ_CHANNEL = Tool(
    spec=ToolSpec(
        name="channel.read",
        description=(
            "Reads what people and other apps wrote in a channel this agent watches: the oldest messages that no run "
            "which is done has read, up to a limit. A message that is `edited` or `deleted` was read before and has "
            "changed since. Call it again while `more` is true."
        ),
        arguments=closed(
            {"watch": text(40), "limit": {"type": "integer", "minimum": 1, "maximum": MOST}},
            optional=("watch", "limit"),
        ),
        result=closed(
            {
                "watch": text(40),
                "messages": list_of(_MESSAGE, at_most=MOST),
                "more": {"type": "boolean"},
                "cannot_see": list_of({"type": "string"}, at_most=5),
            }
        ),
        access=Access.READ,
        taints=True,
    ),
    run=_read,
    summarise=lambda arguments: f"Reads the watched channel {arguments.get('watch', '')}".rstrip() + ".",
    check=_require_watch,
)
