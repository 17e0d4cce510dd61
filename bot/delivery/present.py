"""Records to cards: looks a card row's record up and has it drawn. Everything a reader sees starts here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from agents.roster import Team, TopicSpec
from blocks.cards import BUILDERS, CardView, alert_questions, with_marks
from blocks.elements import MAX_ACTIONS, Card
from blocks.fit import fit
from blocks.limits import DIGEST
from bot.delivery.roles import role_of
from bot.delivery.sought import sought_in
from store.actions.outbox import save_snapshot
from store.handle import Store
from store.queries import approvals, decisions, findings, incidents, runs, schedules, tasks, topics
from store.queries import messages as written
from store.queries.fleet import fleet
from store.queries.marks import marks_on
from store.queries.undos import undo
from store.queries.watching import held_until
from store.records import AgentFacts, AgentState, CardKind, CardRow, Fleet, OutputKind, Role, TeamFacts, TopicFacts
from store.rules.messages import read_up_to
from store.rules.tasks import still_open

Drawing = Callable[[Store, str, CardView, int], Card]


class Presenter:
    """Draws the team's cards. Equal records give equal cards, and nothing is cached."""

    def __init__(self, store: Store, team: Team, console_url: str | None) -> None:
        self._store = store
        self._team = team
        self._made_up = {"made_up": team.simulated}
        self.facts = team_facts(team)
        self.view = CardView(
            timezone=team.timezone,
            agent_names={agent.id: agent.name for agent in team.agents.values()},
            person_names={person.id: person.name for person in team.people.values()},
            console_url=console_url,
            simulated=store.clock.simulated,
            templates=team.templates,
            broken_templates=team.broken_templates,
        )

    def draw(self, row: CardRow) -> Card:
        """The card of this row at the row's revision. Raises NotFound when its record is gone."""
        card = self._questioned(row, self._drawn(row))
        return card.model_copy(update={"key": row.key, **self._made_up})

    def draw_and_keep(self, row: CardRow) -> Card:
        """Draws the card and keeps it as the row's snapshot. Blocks: call in a thread."""
        card = self.draw(row)
        kept, sought = card.model_dump(mode="json"), sought_in(row, card)
        save_snapshot(self._store, row.key, revision=row.revision, snapshot=kept, sought=sought)
        return card

    def fleet_card(self, revision: int = 0) -> Card:
        """The fleet at this moment, for an answer that is not on record."""
        card = BUILDERS[CardKind.FLEET](self.fleet(), self.view, revision=revision)
        return card.model_copy(update=self._made_up)

    def agent_id(self, name: str) -> str | None:
        """The id of the agent of this id or name; None when there is none."""
        wanted = name.strip().lower()
        return next((one.agent_id for one in self.facts.agents if wanted in (one.agent_id, one.name.lower())), None)

    @property
    def topics(self) -> Mapping[str, TopicSpec]:
        """The workspace's topics by name."""
        return self._team.topics

    @property
    def first_person(self) -> str | None:
        """Whoever the workspace names first; None when it names nobody."""
        return next(iter(self.view.person_names), None)

    @property
    def roles(self) -> Mapping[str, frozenset[str]]:
        """Everybody's roles, by person id."""
        return {person.id: person.roles for person in self._team.people.values()}

    def fleet(self) -> Fleet:
        """The fleet at this moment."""
        return fleet(self._store, self.facts)

    def role(self, agent_id: str) -> Role:
        """The role of an agent, or what there is to say of one the team no longer has."""
        paused = schedules.agent_paused(self._store, agent_id)
        return role_of(self._team, agent_id, AgentState.PAUSED if paused else AgentState.ACTIVE)

    def _drawn(self, row: CardRow) -> Card:
        if row.kind is CardKind.FLEET:
            return self.fleet_card(row.revision)
        if row.kind is CardKind.ROLE:
            return BUILDERS[CardKind.ROLE](self.role(row.record_id), self.view, revision=row.revision)
        if row.kind is CardKind.TASK:
            return self._task(row)
        return _DRAWINGS[row.kind](self._store, row.record_id, self.view, row.revision)

    def _questioned(self, row: CardRow, card: Card) -> Card:
        """The card with what people dispute of it, and with the questions its figures answer where there is room."""
        kind = _OUTPUTS.get(row.kind)
        if kind is None:
            return card
        if kind is OutputKind.ALERT and len(card.actions) < MAX_ACTIONS:
            card = card.model_copy(
                update={"actions": (*card.actions[:-1], alert_questions(row.record_id), *card.actions[-1:])}
            )
        disputed = with_marks(card, marks_on(self._store, kind, row.record_id), (kind, row.record_id), self.view)
        return disputed if disputed is card or kind is not OutputKind.DIGEST else fit(disputed, DIGEST)

    def _task(self, row: CardRow) -> Card:
        """A task's card, as its owner has it, or as a former owner keeps it."""
        task = tasks.task(self._store, row.record_id)
        handed_over = task.agent_id != row.channel
        waits_for = still_open(tasks.tasks_by_id(self._store, task.blocked_by).values())
        return BUILDERS[CardKind.TASK](
            task, self.view, revision=row.revision, handed_over=handed_over, waits_for=waits_for
        )


def team_facts(team: Team) -> TeamFacts:
    """What the fleet view needs to know of the workspace."""
    return TeamFacts(
        name=team.name,
        timezone=team.timezone,
        made_up=team.simulated,
        topics=tuple(TopicFacts(name=one.name, writer=one.writer, about=one.about) for one in team.topics.values()),
        agents=tuple(
            AgentFacts(
                agent_id=agent.id,
                name=agent.name,
                purpose=agent.purpose,
                day_cap_micros=agent.limits.max_day_cost_micros,
                owns=agent.lane.owns,
                never=agent.lane.never,
            )
            for agent in team.agents.values()
        ),
    )


def _run(store: Store, record_id: str, view: CardView, revision: int) -> Card:
    run, steps = runs.run(store, record_id), runs.steps(store, record_id)
    until = None if run.trigger.watch_id is None else held_until(store, run.trigger.watch_id)
    unread = written.messages(store, run.id, after=read_up_to(steps)) if run.state.is_final else []
    return BUILDERS[CardKind.RUN](run, steps, view, revision=revision, held_until=until, unread=len(unread))


def _log(store: Store, record_id: str, view: CardView, revision: int) -> Card:
    run, asked = runs.run(store, record_id), approvals.approvals_of_run(store, record_id)
    steps, messages = runs.steps(store, record_id), written.messages(store, record_id)
    return BUILDERS[CardKind.LOG](run, steps, asked, messages, view, revision=revision)


def _approval(store: Store, record_id: str, view: CardView, revision: int) -> Card:
    approval = approvals.approval(store, record_id)
    votes, taken_back = approvals.votes(store, record_id), undo(store, approval)
    return BUILDERS[CardKind.APPROVAL](approval, votes, view, revision=revision, undo=taken_back)


def _digest(store: Store, record_id: str, view: CardView, revision: int) -> Card:
    return BUILDERS[CardKind.DIGEST](findings.digest(store, record_id), view, revision=revision)


def _alert(store: Store, record_id: str, view: CardView, revision: int) -> Card:
    return BUILDERS[CardKind.ALERT](findings.alert(store, record_id), view, revision=revision)


def _incident(store: Store, record_id: str, view: CardView, revision: int) -> Card:
    return BUILDERS[CardKind.INCIDENT](incidents.incident(store, record_id), view, revision=revision)


_OUTPUTS: Mapping[CardKind, OutputKind] = MappingProxyType(
    {
        CardKind.DIGEST: OutputKind.DIGEST,
        CardKind.ALERT: OutputKind.ALERT,
        CardKind.TASK: OutputKind.TASK,
        CardKind.APPROVAL: OutputKind.APPROVAL,
    }
)
"""Kinds of card that use figures, and as what."""


def _decision(store: Store, record_id: str, view: CardView, revision: int) -> Card:
    taken = decisions.acknowledged_by(store, (record_id,))[record_id]
    return BUILDERS[CardKind.DECISION](decisions.decision(store, record_id), view, revision=revision, taken=taken)


def _proposal(store: Store, record_id: str, view: CardView, revision: int) -> Card:
    return BUILDERS[CardKind.PROPOSAL](topics.proposal(store, record_id), view, revision=revision)


_DRAWINGS: Mapping[CardKind, Drawing] = MappingProxyType(
    {
        CardKind.RUN: _run,
        CardKind.LOG: _log,
        CardKind.APPROVAL: _approval,
        CardKind.DIGEST: _digest,
        CardKind.ALERT: _alert,
        CardKind.INCIDENT: _incident,
        CardKind.DECISION: _decision,
        CardKind.PROPOSAL: _proposal,
    }
)
