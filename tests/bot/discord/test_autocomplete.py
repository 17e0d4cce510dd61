"""What may be typed next: read from the interaction, cut to what Discord takes, answered in time, kept nowhere."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.inbound.commands import OFFERED
from bot.surfaces.commands import Naming, Question, Suggestion, Usage, usage_of
from bot.surfaces.discord.autocomplete import MAX_CHOICES, Autocomplete, choices, read_question
from store.kernel.errors import Retryable
from tests.blocks.schemas import discord_schema
from tests.bot.discord.interactions import ANA, SERVER, slash
from tests.bot.discord.rest import Given, scripted_web

USAGES = {entry.name: usage_of(entry.usage) for entry in OFFERED}
BIDI, NUL = "\u202e", "\x00"


@dataclass
class Offering:
    """Suggests these, or fails, or never answers."""

    found: tuple[Suggestion, ...] = ()
    fails: Exception | None = None
    hangs: bool = False
    asked: list[Question] = field(default_factory=list)

    async def suggest(self, question: Question) -> tuple[Suggestion, ...]:
        self.asked.append(question)
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails
        return self.found


def typing(command: str = "run", option: str = "what", typed: str = "wa", **changes: Any) -> dict[str, Any]:
    return {**slash(command, kind=4, focused=option, **{option: typed}), **changes}


def read(body: dict[str, Any]) -> Question | None:
    return read_question(body, USAGES, SERVER)


def test_a_completion_says_who_types_what_of_which_command() -> None:
    question = read(typing(typed="wa"))
    assert question == Question(
        surface="discord",
        account=ANA,
        account_class="member",
        command="run",
        usage=Usage(names=(Naming.AGENT, Naming.SCHEDULE), required=True),
        typed="wa",
        at_most=MAX_CHOICES,
    )


def test_who_is_in_no_server_or_another_one_is_no_member() -> None:
    question = read(typing(guild_id="1"))
    assert question is not None
    assert question.account_class == "external"


@pytest.mark.parametrize(
    "body",
    [
        slash("run", what="wa"),
        slash("run", kind=4, what="wa"),
        typing("search", "words"),
        typing("nothing-of-ours"),
        typing(data=None),
        typing(data={"name": "ops", "type": 1, "options": []}),
    ],
)
def test_what_asks_for_no_list_is_no_question(body: dict[str, Any]) -> None:
    assert read(body) is None


def test_choices_are_cut_to_what_discord_takes() -> None:
    found = [Suggestion(label="x" * 300, value=f"agent-{number}") for number in range(40)]
    offered: Any = choices(found)
    assert len(offered) == MAX_CHOICES
    assert {len(one["name"]) for one in offered} == {100}


def test_a_value_that_could_not_be_given_back_whole_is_left_out() -> None:
    found = [Suggestion(label=label, value=value) for label, value in (("long", "x" * 101), ("none", ""), ("ok", "x"))]
    assert choices(found) == [{"name": "ok", "value": "x"}]


@pytest.mark.parametrize("label", ["", "  \n ", f"a\n{BIDI}b{NUL}", "<@&1> @everyone", "`x` **y** ||z||", "名" * 300])
def test_a_hostile_label_is_one_line_without_hidden_characters(label: str) -> None:
    [one] = choices([Suggestion(label=label, value="watch")])
    assert isinstance(one, dict)
    name = str(one["name"])
    assert 0 < len(name) <= 100
    assert not set(name) & {"\n", BIDI, NUL}


def test_discords_own_description_accepts_the_answer() -> None:
    hostile = ["", "x" * 300, f"{BIDI}", "名" * 200, "ok"]
    offered = choices([Suggestion(label=label, value=f"v{number}") for number, label in enumerate(hostile * 9)])
    schema = discord_schema("ApplicationCommandAutocompleteCallbackRequest")
    assert list(schema.iter_errors({"type": 8, "data": {"choices": offered}})) == []


async def test_the_answer_is_one_call_with_the_choices() -> None:
    offering = Offering((Suggestion(label="Watch", value="watch"),))
    asked = await answered(offering, typing())
    assert asked == [("POST", "/api/v10/interactions/500000000000000001/token-1/callback", [("Watch", "watch")])]
    assert [one.typed for one in offering.asked] == ["wa"]


async def test_of_ask_the_agents_may_be_chosen() -> None:
    offering = Offering()
    await answered(offering, typing("ask", "agent", ""))
    assert [one.usage.names for one in offering.asked] == [(Naming.AGENT,)]


@pytest.mark.parametrize("offering", [Offering(hangs=True), Offering(fails=Retryable("locked")), None])
async def test_what_cannot_be_looked_up_in_time_is_an_empty_list_in_time(offering: Offering | None) -> None:
    async with asyncio.timeout(1.0):
        [(_, _, offered)] = await answered(offering, typing(), look_seconds=0.05)
    assert offered == []


async def test_a_bug_in_looking_up_and_a_refused_answer_go_no_further() -> None:
    assert await answered(Offering(fails=RuntimeError("broken")), typing()) == []
    late = Given(status=404, body={"code": 10062, "message": "Unknown interaction"})
    assert len(await answered(Offering(), typing(), answer=late)) == 1


async def answered(
    offering: Offering | None, body: dict[str, Any], *, answer: Given | None = None, **timing: float
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What was sent to Discord for the completion."""
    async with scripted_web() as (web, script):
        script.answers = [answer or Given(status=204)]
        await Autocomplete(web, offering, OFFERED, SERVER, **timing).answer(body)
    return [(method, path, offered(sent)) for method, path, sent in script.asked]


def offered(sent: str) -> list[tuple[str, str]]:
    body = json.loads(sent)
    assert body["type"] == 8
    return [(one["name"], one["value"]) for one in body["data"]["choices"]]
