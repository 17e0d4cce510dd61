"""What the card of the fleet says, and in which order."""

import pytest

from blocks.cards import CardView, fleet_card
from blocks.elements import Menu, Table
from store.records import NeedsMe, RunState
from tests.blocks.reading import in_words
from tests.blocks.samples import VIEW, fleet, run


def test_the_fleet_puts_what_needs_me_first_with_age_and_expiry() -> None:
    card = fleet_card(fleet(), VIEW, revision=9)
    said = in_words(card)
    assert card.state == "4 things need you"
    assert said.index("Needs you") < said.index("Agents") < said.index("Finished today")
    assert "waiting 12 min · expires in 4 h" in said
    assert "$0.00 of $2.00" in said
    assert "$0.31, no day cap" in said


def test_the_fleet_offers_what_can_be_done_with_each_agent() -> None:
    menu = fleet_card(fleet(), VIEW).actions[0]
    assert isinstance(menu, Menu)
    labels = [option.label for option in menu.options]
    assert labels == ["Run Machine Watch now", "Pause Machine Watch", "Resume Note Taker"]


@pytest.mark.parametrize(
    ("state", "doing", "said"),
    [
        (RunState.WAITING, "a decision: Moves 3 files.", "Waiting for a decision"),
        (RunState.RUNNING, "files.move", "Running: files.move"),
        (RunState.QUEUED, "queued", "Queued"),
        (RunState.RUNNING, None, "Running"),
    ],
)
def test_the_fleet_says_what_an_agent_does_in_a_few_words(state: RunState, doing: str | None, said: str) -> None:
    agent = fleet().agents[0].model_copy(update={"current": run(state), "doing": doing})
    table = next(part for part in fleet_card(fleet(agents=(agent,)), VIEW).elements if isinstance(part, Table))
    assert table.rows[0][1] == said


def test_an_empty_fleet_says_what_to_do() -> None:
    card = fleet_card(fleet(needs_me=NeedsMe(), agents=(), finished_today=()), VIEW)
    assert card.state == "Nothing needs you"
    assert "Describe one in the workspace" in in_words(card)


def test_every_link_of_the_fleet_leads_into_the_console() -> None:
    said = in_words(fleet_card(fleet(), VIEW))
    assert f"{VIEW.console_url}/cards/incident:incident_eeeeeeeeeeeeeeee" in said
    assert "http" not in in_words(fleet_card(fleet(), CardView()))
