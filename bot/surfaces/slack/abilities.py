"""What the app was allowed beside what it must be: known from its scopes, and from what Slack has refused since."""

from collections.abc import Iterable

import structlog

from bot.surfaces.slack.manifest import OPTIONAL_SCOPES

log = structlog.get_logger(__name__)

CUSTOMIZE = "chat:write.customize"
PIN = "pins:write"


class Abilities:
    """Which optional scopes the app has. Until something says otherwise it has them all."""

    def __init__(self) -> None:
        self._lacking: frozenset[str] = frozenset()

    def has(self, scope: str) -> bool:
        """True while nothing says that the app lacks this scope."""
        return scope not in self._lacking

    def granted(self, scopes: Iterable[str]) -> None:
        """Notes the scopes that the token has."""
        self._lacking = frozenset(OPTIONAL_SCOPES) - frozenset(scopes)

    def refused(self, scope: str) -> None:
        """Notes that Slack refuses what this scope is for."""
        if self.has(scope):
            log.warning("slack.scope_lacking", scope=scope, needed_to=OPTIONAL_SCOPES[scope])
            self._lacking |= {scope}

    def said(self) -> str:
        """What does not happen for want of a scope, as the end of a sentence; empty when nothing is wanting."""
        lacking = [f"{OPTIONAL_SCOPES[scope]} ({scope})" for scope in sorted(self._lacking)]
        return f"; not allowed to {', nor to '.join(lacking)}" if lacking else ""
