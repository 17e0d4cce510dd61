"""A role of the team that is bound to one of Discord's: held there at the click, and again before the call is made."""

from functools import partial
from pathlib import Path

import pytest

from store.queries import approvals, audit
from store.records import Approval, ApprovalState
from tests.fake_discord.faults import Fault
from tests.scenarios.three_surfaces import Everywhere, everywhere

AGENTS = ("first", "second", "third")
OUTAGE = [Fault.SERVER_ERROR] * 1000


@pytest.mark.timeout(180)
async def test_a_role_counts_only_while_it_is_held_there(tmp_path: Path) -> None:
    async with everywhere(tmp_path / "team", AGENTS) as floor:
        first, second, third = await floor.asked(AGENTS)
        await _is_turned_away_without_the_role(floor, first)
        await _is_put_off(floor, second)
        floor.discord.world.member_roles[floor.cem] = []
        await _ends(floor, second, ApprovalState.REFUSED)
        seen = await floor.seen(second)
        assert [where for where, words in seen.words.items() if "no longer hold the role" not in words] == []
        assert "approval.refused" in [event.kind for event in audit.events_for(floor.store, "approval", second.id)]
        floor.discord.world.member_roles[floor.cem] = [floor.role]
        await _is_put_off(floor, third)
        await _ends(floor, third, ApprovalState.EXECUTED)


async def _is_turned_away_without_the_role(floor: Everywhere, approval: Approval) -> None:
    floor.discord.world.member_roles[floor.cem] = []
    told = await floor.approve_on_discord(floor.on_discord(approval))
    assert "on Discord you do not hold the role it is bound to" in told
    assert (approvals.votes(floor.store, approval.id), floor.now(approval).state) == ([], ApprovalState.OPEN)
    floor.discord.world.member_roles[floor.cem] = [floor.role]


async def _is_put_off(floor: Everywhere, approval: Approval) -> None:
    """Approved while Discord cannot say who holds which role: it is not made, and every surface says why."""
    floor.discord.weather.plan("guild.member", *OUTAGE)
    assert await floor.approve_on_discord(floor.on_discord(approval)) == "Approved. Thank you."
    await floor.until("it waits", lambda: floor.now(approval).outcome is not None and floor.settled(approval))
    asked = len(floor.discord.rest.called("guild.member"))
    await floor.until("it is asked again", lambda: len(floor.discord.rest.called("guild.member")) > asked)
    assert floor.now(approval).state is ApprovalState.APPROVED
    seen = await floor.seen(approval)
    assert [where for where, words in seen.words.items() if "cannot say now who holds which role" not in words] == []


async def _ends(floor: Everywhere, approval: Approval, state: ApprovalState) -> None:
    """Discord answers again."""
    floor.discord.weather.planned["guild.member"].clear()
    await floor.until(f"it is {state}", partial(_has_ended, floor, approval, state))


def _has_ended(floor: Everywhere, approval: Approval, state: ApprovalState) -> bool:
    return floor.now(approval).state is state and floor.settled(approval)
