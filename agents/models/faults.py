"""Every way a call can fail, as data. Provider libraries' exceptions never leave the gateway: they cannot be stored."""

from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus
from typing import Literal, NamedTuple, TypeAlias

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


Verdict: TypeAlias = Literal["retryable", "mistake", "refused"]


class Meaning(NamedTuple):
    """What a kind of fault means: whether it may pass, what to tell a person ({model} is filled in), what to do."""

    verdict: Verdict
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


class ModelError(QuarterdeckError):
    """A call of `model` failed: `fault` says how, the subclass what that means.

    The message is this program's own words, so it may be shown and logged. Can be pickled, as engines do with errors.
    """

    model: str
    fault: ModelFault

    def __reduce__(self) -> tuple[Callable[[str, ModelFault], "ModelError"], tuple[str, ModelFault]]:
        return error_for, (self.model, self.fault)


class ModelUnavailable(ModelError, Retryable):
    """The call failed in a way that may pass. Repeating it is safe, and may be billed a second time."""

    def __init__(self, model: str, fault: ModelFault) -> None:
        Retryable.__init__(self, _message(model, fault), delay_seconds=fault.retry_after_seconds or 0.0)
        self.model, self.fault = model, fault


class ModelRejected(ModelError, UserMistake):
    """The call fails every time until a person changes something."""

    def __init__(self, model: str, fault: ModelFault) -> None:
        UserMistake.__init__(self, _message(model, fault), MEANINGS[fault.kind].hint)
        self.model, self.fault = model, fault


class ModelDeclined(ModelError, Refused):
    """The provider will not answer this content; the same request is declined again."""

    def __init__(self, model: str, fault: ModelFault) -> None:
        Refused.__init__(self, _message(model, fault), rule=f"model.{fault.kind}")
        self.model, self.fault = model, fault


_ERRORS: dict[Verdict, Callable[[str, ModelFault], ModelError]] = {
    "retryable": ModelUnavailable,
    "mistake": ModelRejected,
    "refused": ModelDeclined,
}


def error_for(model: str, fault: ModelFault) -> ModelError:
    """The exception that carries `fault`."""
    return _ERRORS[MEANINGS[fault.kind].verdict](model, fault)


def _message(model: str, fault: ModelFault) -> str:
    status = f" (HTTP {fault.status})" if fault.status is not None else ""
    return f"{MEANINGS[fault.kind].sentence.format(model=repr(model))}{status}."


def billable(status: int | None) -> bool:
    """Whether a failed call that reached the provider may be on the bill: not when the provider refused it outright."""
    if status is None or status == HTTPStatus.REQUEST_TIMEOUT:
        return True
    return not HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def redacted(text: str, secrets: frozenset[str]) -> str:
    """`text` without any of the secrets, shortened to MAX_DETAIL_CHARACTERS."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***") if secret else text
    return text if len(text) <= MAX_DETAIL_CHARACTERS else text[: MAX_DETAIL_CHARACTERS - 1] + "…"
