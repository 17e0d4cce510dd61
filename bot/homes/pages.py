"""What one account's home page says now: the fleet as this person may see and steer it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from agents.roster import Person, Team
from blocks.cards import Viewer, home_page, strangers_page
from blocks.home import Home
from bot.delivery.channels import channel_spec
from bot.delivery.present import Presenter
from store.handle import Store
from store.queries import approvals, cards, tasks
from store.records import Approval, Fleet, HomeTab, Vote
from store.rules.quorum import Standing, standing


@dataclass(frozen=True)
class Moment:
    """What all pages of one moment are drawn from, read once. `channels` is surface → agent id → channel id."""

    fleet: Fleet
    votes: Mapping[str, tuple[Vote, ...]]
    channels: Mapping[str, Mapping[str, str]]


class HomePages:
    """Draws home pages. Equal records give equal pages, their "as of" aside; nothing is cached."""

    def __init__(self, store: Store, team: Team, presenter: Presenter) -> None:
        self._store = store
        self._team = team
        self._presenter = presenter

    def read(self, surfaces: tuple[str, ...]) -> Moment:
        """What pages are drawn from, as it stands now. Blocks: call in a thread."""
        votes: dict[str, list[Vote]] = defaultdict(list)
        for vote in approvals.votes_on_open(self._store):
            votes[vote.approval_id].append(vote)
        channels = {surface: self._channels(surface) for surface in surfaces}
        return Moment(self._presenter.fleet(), {key: tuple(cast) for key, cast in votes.items()}, channels)

    def draw(self, home: HomeTab, moment: Moment, urls: Mapping[str, str], note: str | None = None) -> Home:
        """The page; whoever is no member of the team now sees the strangers' one. `urls`: agent id → its channel."""
        person = self._team.people.get(home.person_id) if home.person_id else None
        if person is None:
            return strangers_page(self._presenter.view)
        return home_page(moment.fleet, self._viewer(home, person, moment, urls, note), self._presenter.view)

    def _viewer(
        self, home: HomeTab, person: Person, moment: Moment, urls: Mapping[str, str], note: str | None
    ) -> Viewer:
        asked = moment.fleet.needs_me.approvals
        return Viewer(
            person_id=person.id,
            decides=frozenset(one.id for one in asked if self._may_decide(one, person, moment.votes)),
            votes=moment.votes,
            tasks=tuple(tasks.tasks(self._store, person_id=person.id)),
            may_switch_all=self._team.may_switch_all(person),
            channels=urls,
            show=home.show,
            note=note,
        )

    def _may_decide(self, approval: Approval, person: Person, votes: Mapping[str, tuple[Vote, ...]]) -> bool:
        eligible = {one.id for one in self._team.people_in(approval.requirement.role)}
        return standing(approval, votes.get(approval.id, ()), person.id, eligible) is Standing.MAY_VOTE

    def _channels(self, surface: str) -> dict[str, str]:
        known = cards.known_channels(self._store, surface)
        names = {agent_id: channel_spec(self._team, surface, agent_id).name for agent_id in self._team.agents}
        return {agent_id: known[name] for agent_id, name in names.items() if name in known}
