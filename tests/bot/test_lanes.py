"""Lanes: one thing at a time in each, all of them side by side."""

import asyncio

import pytest

from bot.delivery.lanes import Lanes


class Works:
    """Work that goes on until it is let go; `order` is what was begun, lane by lane."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}

    async def do(self, some: list[str]) -> None:
        for item in some:
            self.order.append(item)
            await self.gates.setdefault(item, asyncio.Event()).wait()

    def let_go(self, *items: str) -> None:
        for item in items:
            self.gates.setdefault(item, asyncio.Event()).set()


def lane(item: str) -> str:
    return item[0]


async def test_lanes_work_side_by_side_and_each_in_order() -> None:
    works, lanes = Works(), Lanes()
    assert lanes.start(["a1", "b1", "a2"], lane, works.do) == 2
    await lanes.wait(0)
    assert works.order == ["a1", "b1"]
    works.let_go("b1")
    await lanes.wait(5)
    assert lanes.busy == {"a"}
    works.let_go("a1", "a2")
    await lanes.wait(5)
    assert (works.order, lanes.busy) == (["a1", "b1", "a2"], frozenset())


async def test_a_busy_lane_is_given_nothing_more() -> None:
    works, lanes = Works(), Lanes()
    lanes.start(["a1"], lane, works.do)
    assert lanes.start(["a2", "b1"], lane, works.do) == 1
    await lanes.wait(0)
    assert works.order == ["a1", "b1"]
    await lanes.stop()


async def test_no_more_lanes_than_there_may_be() -> None:
    works, lanes = Works(), Lanes(most=2, reserved=0)
    assert lanes.start(["a1", "b1", "c1"], lane, works.do) == 2
    assert lanes.start(["c1"], lane, works.do) == 0
    await lanes.stop()
    assert lanes.busy == frozenset()


async def test_a_failure_is_told_once_and_frees_its_lane() -> None:
    async def fail(_: list[str]) -> None:
        raise ValueError("broken")

    lanes = Lanes()
    lanes.start(["a1"], lane, fail)
    with pytest.raises(ValueError, match="broken"):
        await lanes.wait(5)
    assert lanes.busy == frozenset()
    await lanes.wait(0)


async def test_the_last_lanes_are_for_what_is_urgent() -> None:
    works, lanes = Works(), Lanes(most=4, reserved=2)

    def urgent(item: str) -> bool:
        return item.endswith("!")

    assert lanes.start(["a1", "b1", "c1", "d1!", "e1!", "f1!"], lane, works.do, urgent) == 4
    assert lanes.busy == {"a", "b", "d", "e"}
    works.let_go("d1!")
    await lanes.wait(5)
    assert lanes.start(["c1"], lane, works.do, urgent) == 0
    await lanes.stop()
