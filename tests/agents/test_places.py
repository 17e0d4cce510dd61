"""Keys of places: the same for every order in which branches happen to run."""

import asyncio
from contextvars import copy_context

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.minds import places

Tree = list["Tree | int"]
"""A routine's shape: a number is a call after so many turns of the loop, a list a branch."""

TREES = st.recursive(st.integers(0, 3), lambda inner: st.lists(inner, max_size=4), max_leaves=20).filter(
    lambda tree: isinstance(tree, list)
)


async def walk(tree: Tree, path: str, delays: list[int], made: dict[str, str]) -> None:
    """Walks one line of execution; `made` maps the position in the tree to the key of the call made there."""
    branches = []
    for index, one in enumerate(tree):
        if isinstance(one, list):
            branches.append(asyncio.create_task(walk(one, f"{path}/{index}", delays, made)))
            continue
        made[f"{path}/{index}"] = places.next_key()
        for _ in range((one * (delays.pop() if delays else 1)) % 7):
            await asyncio.sleep(0)
    await asyncio.gather(*branches)


def keys_of(tree: Tree, delays: list[int]) -> dict[str, str]:
    made: dict[str, str] = {}

    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(places.task_factory)
        places.begin()
        await walk(tree, "", delays, made)

    asyncio.run(main())
    return made


@settings(max_examples=60, deadline=None)
@given(TREES, st.lists(st.integers(0, 6), max_size=20), st.lists(st.integers(0, 6), max_size=20))
def test_keys_follow_from_the_code_alone_and_never_repeat(tree: Tree, one: list[int], other: list[int]) -> None:
    keys = keys_of(tree, list(one))
    assert keys == keys_of(tree, list(other))
    assert len(set(keys.values())) == len(keys)


def test_a_task_made_in_a_given_context_has_a_place_too() -> None:
    async def key() -> str:
        return places.next_key()

    async def main() -> list[str]:
        asyncio.get_running_loop().set_task_factory(places.task_factory)
        places.begin()
        given = asyncio.create_task(key(), context=copy_context(), name="named")
        return [places.next_key(), await given, given.get_name()]

    assert asyncio.run(main()) == ["2", "1.1", "named"]
