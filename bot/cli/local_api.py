"""Speaking to the running team on this machine, with the token that only this account can read."""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple

from bot.address import read_address
from bot.foundation import load_team, state_folder
from bot.settings import read_settings
from store.kernel.canonical import JsonObject
from store.kernel.errors import OutcomeUnknown, UserMistake

TIMEOUT_SECONDS = 15


class NotRunning(UserMistake):
    """The order needs a running team, and none answers: it was given to nobody."""


class Said(NamedTuple):
    """What the team answered."""

    ok: bool
    words: str


def answers(folder: Path) -> bool:
    """True when a team that keeps its state in this folder answers."""
    address = read_address(folder)
    if address is None:
        return False
    try:
        with _open(urllib.request.Request(f"{address}/healthz")) as response:  # noqa: S310 - the team wrote the address
            return bool(json.loads(response.read())["ok"])
    except (OSError, ValueError, KeyError):
        return False


def health(folder: Path) -> JsonObject | None:
    """What the team that keeps its state here says of its surfaces and its inbox; None when none answers."""
    from bot.surfaces.console import local_token

    address = read_address(folder)
    if address is None:
        return None
    headers = {"Authorization": f"Bearer {local_token(folder)}"}
    try:
        with _open(urllib.request.Request(f"{address}/api/health", headers=headers)) as response:  # noqa: S310 - as above
            told: JsonObject = json.loads(response.read())
            return told
    except (OSError, ValueError):
        return None


class LocalApi:
    """The running team of a workspace. Each order carries a fresh key, so a repeated request is carried out once."""

    def __init__(self, workspace: Path, person: str | None) -> None:
        self._workspace = workspace
        self._folder = state_folder(workspace, read_settings(workspace), simulated=False)
        # A person who says who they are can give orders also while the workspace is being edited and has mistakes.
        self._person = person or next(iter(load_team(workspace).people), "")

    def command(self, text: str) -> Said:
        """Gives one command line. Raises NotRunning, or OutcomeUnknown when no answer came in time."""
        return self._post("/api/command", {"text": text, "key": _fresh_key(), "person": self._person})

    def press(self, token: str, fields: dict[str, str]) -> Said:
        """Presses one button. Raises as `command` does."""
        body = {"token": token, "key": _fresh_key(), "person": self._person, "fields": fields}
        return self._post("/api/press", body)

    def _post(self, path: str, body: Mapping[str, object]) -> Said:
        request = urllib.request.Request(  # noqa: S310 - the address was written by the team itself, into a private file
            self._address() + path,
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"},
        )
        try:
            with _open(request) as response:
                answer = json.loads(response.read())
        except urllib.error.HTTPError as error:
            return Said(ok=False, words=_refusal(error))
        except TimeoutError:
            raise OutcomeUnknown(
                f"The team did not answer within {TIMEOUT_SECONDS} seconds. Your order may still be carried out: "
                "look with `quarterdeck runs` before you give it again."
            ) from None
        except OSError:
            raise self._nobody_answers() from None
        words = answer.get("text") or (answer.get("card") or {}).get("summary") or "Done."
        return Said(bool(answer.get("ok", True)), words)

    def _address(self) -> str:
        address = read_address(self._folder)
        if address is None:
            raise self._nobody_answers()
        return address

    def _nobody_answers(self) -> NotRunning:
        return NotRunning("No running team answers.", f"Start it first: quarterdeck up {self._workspace}")

    def _token(self) -> str:
        from bot.surfaces.console import local_token

        return local_token(self._folder)


def _refusal(error: urllib.error.HTTPError) -> str:
    try:
        said = json.loads(error.read())
    except ValueError:
        return str(error.reason)
    return " ".join(str(said[part]) for part in ("text", "hint") if said.get(part)) or str(error.reason)


def _fresh_key() -> str:
    return secrets.token_hex(16)


def _open(request: urllib.request.Request) -> HTTPResponse:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy: it is this machine
    response: HTTPResponse = opener.open(request, timeout=TIMEOUT_SECONDS)
    return response
