"""Adding a rule to the policy, whichever of its forms it has; everything else stays as it is."""

import pytest

from bot.workspace.rule_editing import with_rule
from store.kernel.errors import UserMistake

RULE = "id: like-this\neffect: allow\nagents: [tidy]\ntools: [files.move_old]"
ITEM = "- id: like-this\n  effect: allow\n  agents: [tidy]\n  tools: [files.move_old]\n"


def indented(text: str, spaces: int) -> str:
    return "".join(f"{' ' * spaces}{line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "name: x\n",
            f"name: x\npolicy:\n  starter: watch-only\n  rules:\n{indented(ITEM, 4)}",
        ),
        (
            "policy: trusted   # for now\n\n# who\npeople: {}\n",
            f"policy:\n  starter: trusted   # for now\n  rules:\n{indented(ITEM, 4)}\n# who\npeople: {{}}\n",
        ),
        (
            "policy:\n  - id: a\n    effect: deny   # never\n\n# who\npeople: {}\n",
            f"policy:\n  - id: a\n    effect: deny   # never\n{indented(ITEM, 2)}\n# who\npeople: {{}}\n",
        ),
        (
            "policy:\n- id: a\n  effect: deny\n",
            f"policy:\n- id: a\n  effect: deny\n{ITEM}",
        ),
        (
            "policy:\n    starter: trusted\nname: x\n",
            f"policy:\n    starter: trusted\n    rules:\n{indented(ITEM, 6)}name: x\n",
        ),
        (
            "policy:\n  rules:\n    - id: a\n      effect: deny\n  starter: trusted\n",
            f"policy:\n  rules:\n    - id: a\n      effect: deny\n{indented(ITEM, 4)}  starter: trusted\n",
        ),
    ],
)
def test_the_rule_comes_last_and_nothing_else_moves(before: str, after: str) -> None:
    assert with_rule(before, RULE).after == after


@pytest.mark.parametrize(
    "before",
    [
        "policy: {starter: trusted}\n",
        "policy: [{id: a, effect: deny}]\n",
        "policy: []\n",
        'policy: "trusted"\n',
        "policy:\n  trusted\n",
        "policy: [\n",
    ],
)
def test_where_nothing_can_be_added_safely_nothing_is(before: str) -> None:
    with pytest.raises(UserMistake):
        with_rule(before, RULE)


def test_a_rule_that_is_more_than_one_is_not_added() -> None:
    with pytest.raises(UserMistake):
        with_rule("policy: trusted\nname: x\n", "id: a\neffect: allow\n- id: b")
