"""Every way a call can fail, as data. Provider libraries' exceptions never leave the gateway: they cannot be stored."""

from enum import StrEnum
from typing import Literal, NamedTuple

from store.kernel.errors import QuarterdeckError, Refused, Retryable, UserMistake
from store.records import Record

MAX_DETAIL_CHARACTERS = 300


class FaultKind(StrEnum):
    """What went wrong, whichever provider it was."""

    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    CONNECTION_LOST = "connection_lost"
    MALFORMED_REPLY = "malformed_reply"
    GATEWAY_LOST = "gateway_lost"
    GATEWAY_BROKEN = "gateway_broken"
    QUOTA_EXHAUSTED = "quota_exhausted"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    REDIRECTED = "redirected"
    PROMPT_TOO_LONG = "prompt_too_long"
    BAD_REQUEST = "bad_request"
    CONTENT_REFUSED = "content_refused"


class Meaning(NamedTuple):
    """What a kind of fault means: whether it may pass, what to tell a person ({model} is filled in), what to do."""

    verdict: Literal["retryable", "mistake", "refused"]
    sentence: str
    hint: str | None = None


_KEY_HINT = "Check the key in the variable the model's `key` names."

MEANINGS: dict[FaultKind, Meaning] = {
    FaultKind.RATE_LIMITED: Meaning("retryable", "The provider of {model} limits how often it may be called"),
    FaultKind.OVERLOADED: Meaning("retryable", "The provider of {model} is failing or overloaded"),
    FaultKind.TIMEOUT: Meaning("retryable", "The model {model} did not answer in time"),
    FaultKind.UNREACHABLE: Meaning("retryable", "The provider of {model} cannot be reached"),
    FaultKind.CONNECTION_LOST: Meaning("retryable", "The connection to the provider of {model} was lost"),
    FaultKind.MALFORMED_REPLY: Meaning("retryable", "The provider of {model} sent something that is not an answer"),
    FaultKind.GATEWAY_LOST: Meaning("retryable", "The model gateway ended during a call to {model}"),
    FaultKind.GATEWAY_BROKEN: Meaning(
        "mistake", "The model gateway cannot start", "Install the packages again; litellm is missing or broken."
    ),
    FaultKind.QUOTA_EXHAUSTED: Meaning(
        "mistake", "The account at the provider of {model} has no credit left", "Add credit, or use another model."
    ),
    FaultKind.UNAUTHORIZED: Meaning("mistake", "The provider of {model} does not accept the key", _KEY_HINT),
    FaultKind.NOT_FOUND: Meaning(
        "mistake", "The provider does not know the model behind {model}", "Check its model id and address."
    ),
    FaultKind.REDIRECTED: Meaning(
        "mistake", "The address of {model} redirects elsewhere, which is not followed", "Write the final address."
    ),
    FaultKind.PROMPT_TOO_LONG: Meaning(
        "mistake", "The prompt is longer than {model} can read", "Shorten what the agent is given."
    ),
    FaultKind.BAD_REQUEST: Meaning("mistake", "The provider of {model} does not accept the request"),
    FaultKind.CONTENT_REFUSED: Meaning("refused", "The provider of {model} refused the content"),
}
"""The one table of fault kinds."""


class ModelFault(Record):
    """One failed call, storable.

    `status` is the HTTP status on the wire, None when no answer came. `retry_after_seconds` is what the provider asked
    for, None when it asked for nothing. `may_be_billed` is false only when the request certainly did not reach the
    provider, or was refused by it. `detail` is the provider's own words: untrusted, may quote the prompt, never log it.
    """

    kind: FaultKind
    status: int | None = None
    retry_after_seconds: float | None = None
    may_be_billed: bool
    detail: str = ""

    @property
    def retryable(self) -> bool:
        """True when the same request may succeed later."""
        return MEANINGS[self.kind].verdict == "retryable"


class ModelUnavailable(Retryable):
    """The call failed in a way that may pass. Repeating it is safe, and may be billed a second time."""

    def __init__(self, message: str, fault: ModelFault) -> None:
        super().__init__(message, delay_seconds=fault.retry_after_seconds or 0.0)
        self.fault = fault


class ModelRejected(UserMistake):
    """The call fails every time until a person changes something."""

    def __init__(self, message: str, hint: str | None, fault: ModelFault) -> None:
        super().__init__(message, hint)
        self.fault = fault


class ModelDeclined(Refused):
    """The provider will not answer this content; the same request is declined again."""

    def __init__(self, message: str, fault: ModelFault) -> None:
        super().__init__(message, rule=f"model.{fault.kind}")
        self.fault = fault


def error_for(model: str, fault: ModelFault) -> QuarterdeckError:
    """The exception that carries `fault`. Its message is this program's own words, so it may be shown and logged."""
    meaning = MEANINGS[fault.kind]
    status = f" (HTTP {fault.status})" if fault.status is not None else ""
    message = f"{meaning.sentence.format(model=repr(model))}{status}."
    if meaning.verdict == "retryable":
        return ModelUnavailable(message, fault)
    if meaning.verdict == "refused":
        return ModelDeclined(message, fault)
    return ModelRejected(message, meaning.hint, fault)


def redacted(text: str, secrets: frozenset[str]) -> str:
    """`text` without any of the secrets, shortened to MAX_DETAIL_CHARACTERS."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***") if secret else text
    return text if len(text) <= MAX_DETAIL_CHARACTERS else text[: MAX_DETAIL_CHARACTERS - 1] + "…"
