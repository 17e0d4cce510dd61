"""Adding one rule to the policy of team.yaml by its text, whichever of its forms the policy is written in."""

from textwrap import indent

from bot.workspace.drafts import DEFAULT_STARTER
from bot.workspace.editing import STEP, Edited, end_of, inserted, plain_of, top_of
from bot.workspace.nodes import Entry, ListNode, MapNode, ScalarNode
from store.kernel.errors import UserMistake

SECTION = "policy"
BY_HAND = "Add the rule by hand."


def with_rule(text: str, rule: str) -> Edited:
    """The file with one more rule; `rule` is its mapping, as lines without margin. Comments and all else stay.

    Raises UserMistake where the policy is written so that nothing can be added to it safely.
    """
    top = top_of(text)
    after = _added(text, top, top.entry(SECTION), rule)
    _require_only(top, top_of(after))
    return Edited(text, after)


def _added(text: str, top: MapNode, entry: Entry | None, rule: str) -> str:
    if entry is None:
        whole = f"policy:\n  starter: {DEFAULT_STARTER}\n  rules:\n{_item(rule, ' ' * 2 * STEP)}"
        return inserted(text, len(text.splitlines()), whole)
    if isinstance(entry.value, ScalarNode):
        return _unfolded(text, entry, entry.value, rule)
    if isinstance(entry.value, ListNode):
        return _appended(text, top, entry, entry.value, rule)
    rules = entry.value.get("rules")
    if isinstance(rules, ListNode):
        return _appended(text, top, entry, rules, rule)
    if rules is not None or entry.value.place.line == entry.place.line:
        raise UserMistake("The policy stands in one line, so nothing can be added to it safely.", BY_HAND)
    margin = " " * (entry.value.entries[0].place.column - 1)
    return inserted(text, end_of(text, top, entry), f"{margin}rules:\n{_item(rule, margin + ' ' * STEP)}")


def _unfolded(text: str, entry: Entry, word: ScalarNode, rule: str) -> str:
    """`policy: word` becomes a mapping of that starter and one rule; a comment behind the word stays behind it."""
    lines = text.splitlines(keepends=True)
    line = lines[word.place.line - 1]
    behind = line[word.place.column - 1 :]
    if word.place.line != entry.place.line or not behind.startswith(word.text):
        raise UserMistake("The policy is not written as one word, so nothing can be added to it safely.", BY_HAND)
    lines[word.place.line - 1] = f"policy:\n{' ' * STEP}starter: {behind.rstrip()}\n"
    lines.insert(word.place.line, f"{' ' * STEP}rules:\n{_item(rule, ' ' * 2 * STEP)}")
    return "".join(lines)


def _appended(text: str, top: MapNode, entry: Entry, rules: ListNode, rule: str) -> str:
    if not rules.items:
        raise UserMistake("The policy has an empty list of rules, to which nothing can be added safely.", BY_HAND)
    first = text.splitlines()[rules.items[0].place.line - 1]
    margin = first[: len(first) - len(first.lstrip())]
    if not first.lstrip().startswith("- "):
        raise UserMistake("The rules stand in one line, so nothing can be added to them safely.", BY_HAND)
    return inserted(text, _end_of_rules(text, top, entry, rules), _item(rule, margin))


def _end_of_rules(text: str, top: MapNode, entry: Entry, rules: ListNode) -> int:
    """Rules may be followed by another key of the policy."""
    later: list[int] = []
    if isinstance(entry.value, MapNode):
        later = [one.place.line for one in entry.value.entries if one.place.line > rules.items[0].place.line]
    return min([end_of(text, top, entry), *(line - 1 for line in later)])


def _item(rule: str, margin: str) -> str:
    lines = indent(rule.strip("\n"), margin + " " * STEP)
    return f"{margin}- {lines.removeprefix(margin + ' ' * STEP)}\n"


def _require_only(before: MapNode, after: MapNode) -> None:
    """Everything but the policy reads as before, and the policy has what it had and one rule more."""
    old, new = _rules(before), _rules(after)
    if _outside(before) != _outside(after) or new[: len(old)] != old or len(new) != len(old) + 1:
        raise UserMistake("The rule cannot be added safely.", BY_HAND)


def _outside(top: MapNode) -> list[tuple[str, object]]:
    return [(one.key, plain_of(one.value)) for one in top.entries if one.key != SECTION]


def _rules(top: MapNode) -> list[object]:
    policy = top.get(SECTION)
    rules = policy.get("rules") if isinstance(policy, MapNode) else policy
    return [plain_of(item) for item in rules.items] if isinstance(rules, ListNode) else []
