"""Hiring from chat: an audition, the difference to the file, and the word of an owner on exactly that difference."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.roster import Person
from blocks.elements import Button, Menu, Payload
from bot.delivery.present import Presenter
from bot.foundation import Foundation, lay_foundation, load_team
from bot.hiring.verdict import rehearse
from bot.inbound.commands import command
from bot.inbound.desk import Desk
from bot.inbound.presses import press
from bot.reload.bench import Bench
from bot.reload.changes import Change
from bot.settings import Settings
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.handle import Store
from store.kernel.clock import WallClock
from store.kernel.errors import Refused, UserMistake
from tests.bot.hiring.test_audition import shop


class Office:
    """A desk over a real workspace; what would be taken up is kept in `offered`."""

    def __init__(self, foundation: Foundation, store: Store) -> None:
        self.folder = foundation.workspace
        self.offered: list[Change] = []
        bench = Bench(store, foundation, self.offered.append, rehearse)
        team = foundation.team
        self.desk = Desk(store, team, foundation.tools, Presenter(store, team, None), bench)

    def says(self, text: str, person: str = "ann") -> Answer:
        return command(self.desk, self._event(InboundKind.COMMAND, text=text), self._person(person))

    def presses(self, token: str, person: str = "ann") -> Answer:
        return press(self.desk, self._event(InboundKind.PRESS, token=token), self._person(person))

    def offer(self, name: str) -> tuple[str, str]:
        """What is shown after the audition: the difference, and the token of the button."""
        card = self.says(f"hire {name}").card
        assert card is not None
        (payload,) = (element for element in card.elements if isinstance(element, Payload))
        (button,) = (action for action in card.actions if isinstance(action, Button))
        return payload.text, button.token

    def _person(self, name: str) -> Person:
        return self.desk.team.people[name]

    def _event(self, kind: InboundKind, **given: object) -> InboundEvent:
        known = {"surface": "console", "key": "k", "kind": kind, "account": "ann", **given}
        return InboundEvent.model_validate(known)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    folder = shop(tmp_path / "shop")
    foundation = lay_foundation(folder, Settings())
    database = foundation.open_database()
    yield Office(foundation, Store(database, WallClock(), lambda tx, segment: None))
    database.close()


def test_who_could_be_hired_is_listed_with_what_each_is_for(office: Office) -> None:
    card = office.says("hire").card
    assert card is not None
    (menu,) = (action for action in card.actions if isinstance(action, Menu))
    assert [option.label for option in menu.options] == ["tidy", "watch-machine"]
    shown = office.presses(menu.options[0].token).card
    assert shown is not None
    assert shown.title == "Audition of tidy"


def test_an_owner_hires_exactly_what_was_shown(office: Office) -> None:
    before = (office.folder / "team.yaml").read_text()
    difference, token = office.offer("tidy")
    assert "+  tidy:" in difference
    assert (office.folder / "team.yaml").read_text() == before
    with pytest.raises(Refused, match="owner"):
        office.presses(token, "ben")
    said = office.presses(token).text
    assert "agent tidy is new" in (said or "")
    assert list(load_team(office.folder).agents) == ["watch", "idle", "tidy"]
    assert [change.actor.id for change in office.offered] == ["ann"]


def test_a_file_that_was_edited_meanwhile_is_left_alone(office: Office) -> None:
    _, token = office.offer("tidy")
    file = office.folder / "team.yaml"
    file.write_text(file.read_text().replace("# Who we are.", "# Who we all are."))
    edited = file.read_text()
    with pytest.raises(UserMistake, match="not what it was"):
        office.presses(token)
    assert file.read_text() == edited
    assert office.offered == []


def test_a_candidate_that_is_not_in_order_is_not_hired(office: Office) -> None:
    (office.folder / "candidates" / "broken.yaml").write_text("purpose: Breaks.\nroutine: nowhere.py\ntools: []\n")
    with pytest.raises(UserMistake, match=r"nowhere\.py"):
        office.says("hire broken")
    assert "broken" not in (office.folder / "team.yaml").read_text()
