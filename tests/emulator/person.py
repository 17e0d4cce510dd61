"""A person at Slack's other end: what they do arrives as Slack would send it, signed with Slack's own signer."""

import itertools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot.surfaces.slack.manifest import COMMAND, EVENTS_PATH
from tests.emulator.surfaces import SIGNING_SECRET

_moments = itertools.count(1)


@dataclass
class Person:
    """One account. Every method posts one signed request and returns its HTTP status."""

    account: str
    team: str
    port: int
    response_url: str | None = None
    statuses: list[int] = field(default_factory=list)

    async def press(self, message: Mapping[str, Any], channel: str, trigger_id: str = "1.1.t", number: int = 0) -> int:
        """Presses the message's `number`-th button."""
        return await self.interact(self.press_payload(message, channel, trigger_id, number))

    def press_payload(
        self, message: Mapping[str, Any], channel: str, trigger_id: str = "1.1.t", number: int = 0
    ) -> dict[str, Any]:
        [row] = [block for block in message["blocks"] if block["type"] == "actions"]
        action = {
            **row["elements"][number],
            "block_id": row["block_id"],
            "action_ts": f"{time.time():.6f}{next(_moments)}",
        }
        return {
            "type": "block_actions",
            "team": {"id": self.team},
            "user": {"id": self.account, "team_id": self.team},
            "channel": {"id": channel},
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
            "trigger_id": trigger_id,
            "response_url": self.response_url,
            "actions": [action],
        }

    async def submit(self, view: Mapping[str, Any], answers: Mapping[str, str]) -> int:
        """Sends a form that was opened, every field answered by name."""
        values = {
            block["block_id"]: self._answered(block, answers) for block in view["blocks"] if block["type"] == "input"
        }
        payload = {
            "type": "view_submission",
            "team": {"id": self.team},
            "user": {"id": self.account, "team_id": self.team},
            "view": {**view, "state": {"values": values}},
        }
        return await self.interact(payload)

    def _answered(self, block: Mapping[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
        element, answer = block["element"], answers[block["block_id"]]
        given = {"selected_option": {"value": answer}} if element["type"] == "static_select" else {"value": answer}
        return {element["action_id"]: {"type": element["type"], **given}}

    async def command(self, text: str, channel: str) -> int:
        form = {
            "command": COMMAND,
            "text": text,
            "team_id": self.team,
            "user_id": self.account,
            "channel_id": channel,
            "trigger_id": f"{next(_moments)}.1.t",
        }
        if self.response_url is not None:
            form["response_url"] = self.response_url
        return await self.send(urlencode(form), "application/x-www-form-urlencoded")

    async def shortcut(
        self, callback: str, message: Mapping[str, Any] | None = None, channel: str = "", trigger_id: str | None = None
    ) -> int:
        """Picks an entry of Slack's own menus: the global one, or that of a message."""
        payload: dict[str, Any] = {
            "type": "shortcut" if message is None else "message_action",
            "callback_id": callback,
            "team": {"id": self.team, "domain": "acme"},
            "user": {"id": self.account, "team_id": self.team},
            "trigger_id": trigger_id or f"{next(_moments)}.1.t",
            "action_ts": f"{time.time():.6f}{next(_moments)}",
        }
        about = {} if message is None else {"message": message, "channel": {"id": channel}}
        return await self.interact({**payload, **about})

    async def pick(self, message: Mapping[str, Any], channel: str, value: str, trigger_id: str = "1.1.t") -> int:
        """Picks the entry of a message's menu that carries `value`."""
        payload = self.press_payload({"ts": "0.0", **message}, channel, trigger_id)
        payload["actions"][0] |= {"action_id": "menu:0", "selected_option": {"value": value}}
        return await self.interact(payload)

    async def interact(self, payload: Mapping[str, Any]) -> int:
        return await self.send(urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded")

    async def event(
        self,
        inner: Mapping[str, Any],
        event_id: str = "Ev1",
        authorizations: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> int:
        body: dict[str, Any] = {"type": "event_callback", "team_id": self.team, "event_id": event_id, "event": inner}
        body["authorizations"] = [*authorizations]
        return await self.send(json.dumps(body), "application/json", headers)

    async def send(
        self,
        body: str,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        *,
        age_seconds: int = 0,
        secret: str = SIGNING_SECRET,
    ) -> int:
        """Signs as if `age_seconds` ago."""
        stamp = str(int(time.time()) - age_seconds)
        signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature), "Content-Type": content_type}
        return await self.send_raw(body, {**signed, **(headers or {})})

    async def send_raw(self, body: str, headers: Mapping[str, str]) -> int:
        url = f"http://127.0.0.1:{self.port}{EVENTS_PATH}"
        async with aiohttp.ClientSession() as session, session.post(url, data=body.encode(), headers=headers) as answer:
            await answer.read()
            self.statuses.append(answer.status)
            return answer.status
