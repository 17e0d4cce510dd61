"""Where an output's values came from: found in the results of the session's own tools, never taken on trust. Pure.

A session cannot name its sources wrongly, because it is not asked: each figure is looked for in what its tools
returned, and one that stands nowhere is said to be its author's own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from store.kernel.canonical import Json, JsonObject
from store.kernel.numerals import is_figure, numbers_in, one_form
from store.records import Made, Origin, OutputKind, Step, StepKind, StepState

HANDOFF_LIST = "handoff.list"
_HANDED = ("handoffs", "payload")


class Leaf(NamedTuple):
    """One value inside a JSON document: its pointer, the value, and what stands beside it under the same parent."""

    pointer: str
    value: str
    beside: Mapping[str, str]

    @property
    def name(self) -> str:
        """The last part of the pointer."""
        return self.pointer.rpartition("/")[2]


def origins_of(output: Json, steps: Iterable[Step], stated: Mapping[str, str] | None = None) -> tuple[Origin, ...]:
    """The origin of each figure of the output, in its order; `stated` is what the author says, by JSON pointer.

    A telling number inside a text (three digits, or a point) counts too where a tool returned it: its place is the
    text's own with the number's place in it.
    """
    by_value: dict[str, list[tuple[Step, Leaf]]] = {}
    for step in steps:
        for leaf in leaves(step.result) if _counts(step) else ():
            if is_figure(leaf.value):
                by_value.setdefault(one_form(leaf.value), []).append((step, leaf))
    return tuple(_traced(output, by_value, stated or {}))


def _traced(
    output: Json, by_value: Mapping[str, Sequence[tuple[Step, Leaf]]], stated: Mapping[str, str]
) -> Iterator[Origin]:
    for leaf in leaves(output):
        if is_figure(leaf.value):
            yield _origin(leaf, by_value.get(one_form(leaf.value), ()), stated)
            continue
        for index, number in enumerate(numbers_in(leaf.value)):
            if len(number) >= _TELLING and number in by_value:
                yield _origin(Leaf(f"{leaf.pointer}/{index}", number, {}), by_value[number], {})


_TELLING = 3
"""Characters of a number that is hardly equal to another by chance."""


MAKES = {
    "alert.raise": (OutputKind.ALERT, "alert"),
    "task.create": (OutputKind.TASK, "task"),
    "decision.record": (OutputKind.DECISION, "decision"),
}
"""Tools that make what people see, and where the result says its id; digests and handoffs keep their own origins."""


def made_by(tool: str, arguments: JsonObject, result: Json, steps: Iterable[Step]) -> Made | None:
    """What a call made, with the origins of the figures it was given; None when it made nothing of this kind."""
    kind, name = MAKES.get(tool, (None, ""))
    made = result.get(name) if isinstance(result, dict) else None
    if kind is None or not isinstance(made, str):
        return None
    return Made(kind=kind, id=made, origins=origins_of(arguments, steps))


def leaves(value: Json, at: str = "", beside: Mapping[str, str] | None = None) -> Iterator[Leaf]:
    """Every number and text of a document, in its order; true, false and null are no values of this kind."""
    if isinstance(value, dict):
        here = {name: str(one) for name, one in value.items() if _is_plain(one)}
        for name, one in value.items():
            yield from leaves(one, f"{at}/{name.replace('~', '~0').replace('/', '~1')}", here)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from leaves(one, f"{at}/{index}", {})
    elif _is_plain(value):
        yield Leaf(at, str(value), beside or {})


def _is_plain(value: Json) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _counts(step: Step) -> bool:
    return step.kind is StepKind.TOOL and step.state is StepState.DONE


def _origin(leaf: Leaf, found: Sequence[tuple[Step, Leaf]], stated: Mapping[str, str]) -> Origin:
    said = stated.get(leaf.pointer) or stated.get("")
    if not found:
        return Origin(place=leaf.pointer, stated=said)
    step, best = max(found, key=lambda pair: (_likeness(leaf, pair[1]), -pair[0].position))
    handed = _handed_over(step, best.pointer)
    known = Origin(
        place=leaf.pointer, run_id=step.run_id, step=step.key, tool=step.name, path=best.pointer, stated=said
    )
    return known.model_copy(update=handed) if handed else known


def _likeness(leaf: Leaf, other: Leaf) -> int:
    """How much two equal values look like the same one: the same neighbours, then the same name."""
    shared = sum(other.beside.get(name) == value for name, value in leaf.beside.items())
    crossed = sum(value in other.beside.values() for value in leaf.beside.values())
    return 4 * shared + 2 * crossed + int(leaf.name == other.name)


def _handed_over(step: Step, pointer: str) -> dict[str, str]:
    """The handoff and the place in its payload, for a value that was read from the list of what was handed over."""
    parts = pointer.split("/")[1:]
    if step.name != HANDOFF_LIST or len(parts) < len(_HANDED) + 1 or (parts[0], parts[2]) != _HANDED:
        return {}
    listed = step.result["handoffs"] if isinstance(step.result, dict) else None
    one = listed[int(parts[1])] if isinstance(listed, list) else None
    handoff = one.get("handoff") if isinstance(one, dict) else None
    return {"handoff": handoff, "path": "/" + "/".join(parts[3:])} if isinstance(handoff, str) else {}
