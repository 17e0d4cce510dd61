"""From what happened on the wire to a fault: pure, and the same for every provider."""

from http import HTTPStatus

from agents.models.faults import FaultKind, ModelFault, billable
from agents.models.wire import Attempt

_BY_STATUS: dict[int, FaultKind] = {
    HTTPStatus.UNAUTHORIZED: FaultKind.UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED: FaultKind.QUOTA_EXHAUSTED,
    HTTPStatus.FORBIDDEN: FaultKind.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND: FaultKind.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: FaultKind.TIMEOUT,
    HTTPStatus.CONFLICT: FaultKind.OVERLOADED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: FaultKind.PROMPT_TOO_LONG,
    HTTPStatus.TOO_EARLY: FaultKind.OVERLOADED,
    HTTPStatus.TOO_MANY_REQUESTS: FaultKind.RATE_LIMITED,
}
_BY_LIBRARY_ERROR: dict[str, FaultKind] = {
    "ContextWindowExceededError": FaultKind.PROMPT_TOO_LONG,
    "ContentPolicyViolationError": FaultKind.CONTENT_REFUSED,
}
"""Two meanings only the provider's wording tells; litellm knows the wordings."""

_BY_WORDS: dict[FaultKind, tuple[str, ...]] = {
    FaultKind.CONTENT_REFUSED: ("content_policy_violation", "content_filter"),
    FaultKind.QUOTA_EXHAUSTED: ("insufficient_quota", "credit balance is too low"),
    FaultKind.PROMPT_TOO_LONG: ("context_length_exceeded", "maximum context length", "prompt is too long"),
}
"""Words in the body of a 4xx that say more than its status (OpenAI's and Anthropic's errors, read 2026-11-21)."""


def diagnose(attempt: Attempt, error: BaseException) -> ModelFault:
    """What a failed attempt was. The wire is believed before the library, which names one failure in many ways."""
    kind = _kind(attempt, error)
    return ModelFault(
        kind=kind,
        status=attempt.status,
        retry_after_seconds=attempt.retry_after_seconds,
        may_be_billed=attempt.sent and billable(attempt.status),
        detail=attempt.error_body or str(error),
    )


def _kind(attempt: Attempt, error: BaseException) -> FaultKind:
    if attempt.status is None:
        return _kind_without_answer(attempt, error)
    if attempt.status < HTTPStatus.MULTIPLE_CHOICES:
        return FaultKind.MALFORMED_REPLY
    if attempt.status < HTTPStatus.BAD_REQUEST:
        return FaultKind.REDIRECTED
    return _kind_of_error_status(attempt.status, attempt.error_body, error)


def _kind_without_answer(attempt: Attempt, error: BaseException) -> FaultKind:
    if attempt.timed_out or isinstance(error, TimeoutError):
        return FaultKind.TIMEOUT
    if attempt.sent:
        return FaultKind.CONNECTION_LOST
    return FaultKind.UNREACHABLE if attempt.begun else FaultKind.BAD_REQUEST


def _kind_of_error_status(status: int, body: str, error: BaseException) -> FaultKind:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FaultKind.OVERLOADED
    by_library = _BY_LIBRARY_ERROR.get(type(error).__name__)
    by_words = (kind for kind, words in _BY_WORDS.items() if any(word in body for word in words))
    return by_library or next(by_words, None) or _BY_STATUS.get(status, FaultKind.BAD_REQUEST)
