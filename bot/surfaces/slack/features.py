"""What this workspace turned out not to have: noticed when Slack refuses it, then left out, and said in health."""

from enum import StrEnum

import structlog

log = structlog.get_logger(__name__)


class Feature(StrEnum):
    """What a workspace may lack without anything being lost; the words are what health says."""

    PLAN = "plan blocks"
    NATIVE_CHART = "native charts"
    SESSION = "agent sessions"


class Features:
    """What may be used, for as long as this process lives: a restart tries everything again."""

    def __init__(self) -> None:
        self._missing: dict[Feature, str] = {}

    def has(self, feature: Feature) -> bool:
        """True until Slack has refused it."""
        return feature not in self._missing

    def miss(self, feature: Feature, why: str) -> None:
        """Leaves the feature out from now on. `why` is Slack's word for it."""
        if self.has(feature):
            log.warning("slack.feature_missing", feature=feature.value, reason=why)
        self._missing[feature] = why

    def said(self) -> str:
        """What is left out and why, as the end of a sentence; empty when nothing is."""
        named = [f"{feature} ({why})" for feature, why in self._missing.items()]
        return f"; without {', '.join(named)}" if named else ""
