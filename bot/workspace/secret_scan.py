"""Finds what looks like a secret, so that it is refused without ever being printed."""

import re

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("a Slack token", r"xox[a-z]-[A-Za-z0-9-]{6,}"),
    ("a Slack app token", r"xapp-[A-Za-z0-9-]{6,}"),
    ("a Slack webhook address", r"hooks\.slack\.com/(services|workflows|triggers)/\S+"),
    ("a provider key", r"\b[sr]k-[A-Za-z0-9_-]{8,}"),
    ("a payment key", r"\b[sr]k_(live|test)_[A-Za-z0-9]{8,}"),
    ("a webhook secret", r"\bwhsec_[A-Za-z0-9+/=]{8,}"),
    ("a GitHub token", r"\b(gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,})"),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{10,}"),
    ("an AWS key", r"\b(AKIA|ASIA)[A-Z0-9]{12,}"),
    ("a Google key", r"\bAIza[A-Za-z0-9_-]{20,}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{16,}"),
    ("a Discord token", r"\b[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    ("a signed token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}"),
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    ("a password in an address", r"[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@"),
)
_COMPILED = tuple((what, re.compile(pattern)) for what, pattern in _PATTERNS)


def secret_kind(text: str) -> str | None:
    """What the text looks like ("a Slack token"); None when it does not look like a secret."""
    return next((what for what, pattern in _COMPILED if pattern.search(text)), None)
