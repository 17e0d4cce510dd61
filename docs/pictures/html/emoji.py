"""Emoji by the names Slack knows them by: those we send, and a few that people type."""

import re
from collections.abc import Mapping
from types import MappingProxyType

EMOJI: Mapping[str, str] = MappingProxyType(
    {
        "+1": "👍",
        "-1": "👎",
        "bell": "🔔",
        "calendar": "📆",
        "chart_with_upwards_trend": "📈",
        "double_vertical_bar": "⏸️",
        "hourglass_flowing_sand": "⏳",
        "large_green_circle": "🟢",
        "large_yellow_circle": "🟡",
        "raised_hand": "✋",
        "red_circle": "🔴",
        "robot_face": "🤖",
        "rotating_light": "🚨",
        "smile": "😄",
        "tada": "🎉",
        "warning": "⚠️",
        "white_check_mark": "✅",
        "white_circle": "⚪",
        "x": "❌",
    }
)

_SHORTCODE = re.compile(r":([a-z0-9_+-]+):")


def with_emoji(text: str) -> str:
    """The text with the shortcodes that we know made emoji; others stay letters, as they do in Slack."""
    return _SHORTCODE.sub(lambda found: EMOJI.get(found[1], found[0]), text)


def emoji_of(name: str, code_points: str | None) -> str:
    """The emoji of this name. ValueError for a name we do not know and that came without code points."""
    if code_points is not None:
        return "".join(chr(int(code, 16)) for code in code_points.split("-"))
    if name not in EMOJI:
        raise ValueError(f"no emoji is known by the name {name}")
    return EMOJI[name]
