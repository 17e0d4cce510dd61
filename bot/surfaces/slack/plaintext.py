"""What others wrote in Slack's own text forms, as plain text: mrkdwn and rich_text. Pure.

https://docs.slack.dev/messaging/formatting-message-text and …/reference/block-kit/blocks/rich-text-block, checked
2026-11-21.
"""

import re
from collections.abc import Mapping, Sequence

_SPECIAL = re.compile(r"<([^<>\n]{1,3000})>")
_URL = re.compile(r"https?://[^\s<>|]+")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def from_mrkdwn(text: str) -> str:
    """The text with links, mentions and dates written out. Bold, lists and emoji names stay as they were typed."""
    return unescaped(_SPECIAL.sub(lambda found: _written_out(found[1]), text)).strip()


def unescaped(text: str) -> str:
    """The text with the three characters that Slack escapes."""
    for escape, character in _ESCAPES:
        text = text.replace(escape, character)
    return text


def first_url(text: str) -> str | None:
    """The first address in a mrkdwn text."""
    found = _URL.search(unescaped(text))
    return found[0].rstrip(".,;)") if found else None


def from_rich_text(element: Mapping[str, object]) -> str:
    """A rich_text block, or any element inside one."""
    inner = [from_rich_text(one) for one in parts(element, "elements")]
    match element.get("type"):
        case "rich_text":
            return "\n".join(part for part in inner if part)
        case "rich_text_list":
            return "\n".join(f"- {part}" for part in inner)
        case "rich_text_section" | "rich_text_preformatted" | "rich_text_quote":
            return "".join(inner).strip("\n")
        case _:
            return _leaf(element)


def parts(value: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """The mappings in a list under a key; what is none is left out."""
    listed = value.get(key)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, Sequence) else []


def word(value: Mapping[str, object], *keys: str) -> str:
    """The first text that is not empty under one of the keys; "" when there is none."""
    return next((found for key in keys if isinstance(found := value.get(key), str) and found.strip()), "")


def _written_out(inside: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("!"):
        return _special(target[1:], label)
    if target[:1] in ("@", "#"):
        return target[:1] + label.lstrip("@#") if label else target
    address = target.removeprefix("mailto:")
    return address if not label or label in (target, address) else f"{label} ({address})"


def _special(target: str, label: str) -> str:
    if target.startswith("date^"):
        return label
    name = target.partition("^")[0]
    return label if label.startswith("@") else f"@{label or name}"


def _leaf(element: Mapping[str, object]) -> str:
    match element.get("type"):
        case "link":
            text, url = word(element, "text"), word(element, "url")
            return f"{text} ({url})" if text and text != url else url
        case "user":
            return f"@{word(element, 'user_id')}"
        case "channel":
            return f"#{word(element, 'channel_id')}"
        case "usergroup":
            return f"@{word(element, 'usergroup_id')}"
        case "broadcast":
            return f"@{word(element, 'range')}"
        case "emoji":
            return f":{word(element, 'name')}:"
        case "date":
            return word(element, "fallback")
    said = element.get("text")
    return said if isinstance(said, str) else ""
