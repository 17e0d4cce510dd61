"""What Discord says when it will not.

https://docs.discord.com/developers/topics/opcodes-and-status-codes, 2026-11-21.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass
class DiscordError(Exception):
    """One refusal: the HTTP status and Discord's own code and words."""

    status: int
    code: int
    message: str
    details: Sequence[str] = ()

    @property
    def body(self) -> dict[str, Any]:
        said: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.details:
            errors = [{"code": "INVALID", "message": detail} for detail in self.details]
            said["errors"] = {"_errors": errors}
        return said


def invalid(*details: str) -> DiscordError:
    return DiscordError(400, 50035, "Invalid Form Body", details)


def unknown_channel() -> DiscordError:
    return DiscordError(404, 10003, "Unknown Channel")


def unknown_message() -> DiscordError:
    return DiscordError(404, 10008, "Unknown Message")


def unknown_interaction() -> DiscordError:
    return DiscordError(404, 10062, "Unknown interaction")


def unknown_webhook() -> DiscordError:
    return DiscordError(404, 10015, "Unknown Webhook")


def missing_access() -> DiscordError:
    return DiscordError(403, 50001, "Missing Access")


def missing_permissions() -> DiscordError:
    return DiscordError(403, 50013, "Missing Permissions")
