"""What the drilled model says, and which gateway processes there are to ask it through."""

from dataclasses import dataclass, field
from pathlib import Path

import psutil
from aiohttp import web

from agents.models.gateway_client import GATEWAY_COMMAND
from tests.agents.models.provider import Provider, says

KEY_ENV = "DRILL_MODEL_KEY"
TURNS = 2
"""The model looks once, then reports."""

_LOOK = says(None, finish="tool_calls", calls=(("ledger_look", '{"n": 7}'),))
_REPORT = says('{"summary": "Looked.", "cannot_see": []}')


async def _answer(provider: Provider, request: web.Request) -> web.StreamResponse:
    """Whoever asks again gets the same answer: it depends on the conversation alone."""
    messages = (await request.json())["messages"]
    looked = any(message["role"] == "tool" for message in messages)
    return await (_REPORT if looked else _LOOK)(provider, request)


@dataclass
class Thinking:
    """The model's provider, and the key that tells this drill's gateways from everybody else's."""

    folder: Path
    provider: Provider = field(default_factory=lambda: Provider(otherwise=_answer))

    @property
    def key(self) -> str:
        return f"sk-drill-{self.folder}"

    def gateways(self) -> list[psutil.Process]:
        """The gateway processes that hold the key, whoever started them."""
        return [process for process in psutil.process_iter() if self._is_gateway(process)]

    def left_behind(self, within_seconds: float) -> list[psutil.Process]:
        """Those that have not ended within the time: one that was still loading ends a little later."""
        return psutil.wait_procs(self.gateways(), within_seconds)[1]

    def _is_gateway(self, process: psutil.Process) -> bool:
        try:
            return GATEWAY_COMMAND[-1] in process.cmdline() and process.environ().get(KEY_ENV) == self.key
        except psutil.Error:  # it has ended, or is somebody else's
            return False
