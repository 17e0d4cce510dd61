"""A message as Discord keeps it: components numbered, files on their own addresses, what an edit drops gone."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from mimetypes import guess_type
from typing import Any

from tests.fake_discord import shapes
from tests.fake_discord.calls import Upload
from tests.fake_discord.refusals import invalid
from tests.fake_discord.world import World


def drafted(
    world: World, channel_id: str, author_id: str, body: Mapping[str, Any], uploads: Sequence[Upload]
) -> dict[str, Any]:
    """A new message, not yet in any channel."""
    message_id = world.ids.next()
    message = shapes.message(message_id, channel_id, world.users[author_id], body, world.now())
    message["attachments"] = _attached(world, channel_id, body, uploads)
    return {**message, "components": _kept_components(message["components"], message["attachments"])}


def redraft(world: World, message: dict[str, Any], body: Mapping[str, Any], uploads: Sequence[Upload]) -> None:
    """Changes the message as an edit does: what is named is replaced, files that are not listed are dropped."""
    if uploads or "attachments" in body:
        message["attachments"] = [
            *_listed(message["attachments"], body),
            *_attached(world, message["channel_id"], body, uploads),
        ]
    for name in ("content", "embeds"):
        if name in body:
            message[name] = body[name] or ("" if name == "content" else [])
    if "components" in body:
        message["components"] = _kept_components(body["components"] or [], message["attachments"])
    message["flags"] |= body.get("flags") or 0
    message["edited_timestamp"] = shapes.at(world.now())


def _listed(attachments: list[dict[str, Any]], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "attachments" not in body:
        return attachments
    kept = {str(each["id"]) for each in body["attachments"] or []}
    return [each for each in attachments if each["id"] in kept]


def _attached(
    world: World, channel_id: str, body: Mapping[str, Any], uploads: Sequence[Upload]
) -> list[dict[str, Any]]:
    described = {f"files[{each['id']}]": each for each in body.get("attachments") or []}
    return [attachment(world, channel_id, each, described.get(each.field, {})) for each in uploads]


def attachment(world: World, channel_id: str, upload: Upload, described: Mapping[str, Any]) -> dict[str, Any]:
    """One file on its own address, with whatever its giver says about it."""
    attachment_id = world.ids.next()
    path = f"{channel_id}/{attachment_id}/{upload.name}"
    world.files[path] = upload.content
    url = f"{world.url}/attachments/{path}"
    about = {"id": attachment_id, "filename": upload.name, "size": len(upload.content), "url": url, "proxy_url": url}
    kind = guess_type(upload.name)[0] or "application/octet-stream"
    words = {"description": described["description"]} if described.get("description") else {}
    return {**about, **words, "content_type": kind, "ephemeral": False}


def _kept_components(components: Any, attachments: Sequence[Mapping[str, Any]]) -> Any:
    """Each component has a number of its own: the one it was given, or the next that is free."""
    urls = {f"attachment://{each['filename']}": each["url"] for each in attachments}
    taken = list(given_numbers(components))
    if len(set(taken)) != len(taken):
        raise invalid("components: Component id cannot be duplicated")
    return _numbered(components, urls, (number for number in itertools.count(1) if number not in taken))


def given_numbers(part: Any) -> Iterator[int]:
    """The numbers that the sender gave; 0 counts as none."""
    if isinstance(part, list):
        for each in part:
            yield from given_numbers(each)
    if isinstance(part, dict):
        if isinstance(part.get("type"), int) and part.get("id"):
            yield part["id"]
        for name in ("components", "component", "accessory"):
            yield from given_numbers(part.get(name))


def _numbered(part: Any, urls: Mapping[str, str], numbers: Iterator[int]) -> Any:
    if isinstance(part, list):
        return [_numbered(each, urls, numbers) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("url") in urls:
        return {**part, "url": urls[part["url"]], "proxy_url": urls[part["url"]]}
    known = {"id": part.get("id") or next(numbers)} if isinstance(part.get("type"), int) else {}
    return {name: _numbered(value, urls, numbers) for name, value in part.items()} | known
