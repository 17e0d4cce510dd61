"""The four kinds of failure. Three are named here; anything else is a bug and propagates."""


class QuarterdeckError(Exception):
    """Root of every failure this program names itself.

    `message` is one plain sentence that may be shown to a person verbatim: it never holds a secret.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UserMistake(QuarterdeckError):
    """Something a person can put right. Nothing was changed; a retry without a correction fails again.

    `hint` says what to do, in one sentence; None when the message already does.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message} {self.hint}"


class Refused(QuarterdeckError):
    """Policy, scope, budget or a limit said no. The refusal is audited by whoever raises it; a retry is refused too.

    `rule` names what refused (a policy rule id, a limit's name), so that a card can answer "why?".
    """

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class Retryable(QuarterdeckError):
    """The outside world failed in a way that may pass. Nothing happened; a retry after the delay is safe.

    `delay_seconds` is the least time to wait; 0 means the owner of the retry chooses.
    """

    def __init__(self, message: str, delay_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.delay_seconds = delay_seconds


class DatabaseUnavailable(Retryable):
    """The database is locked, full, read-only or gone. The transaction was rolled back whole: nothing is lost."""


class OutcomeUnknown(QuarterdeckError):
    """An outside call may or may not have taken effect. Look before repeating; never repeat what is irreversible."""


class IllegalTransition(QuarterdeckError):
    """A record was asked to make a move its lifecycle does not have. Nothing was changed."""


class NotFound(UserMistake):
    """No such record, or none this person may see: both read the same."""
