"""Whatever a card says, it fits; fitting twice is fitting once; and nothing that can be pressed is lost."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from blocks.elements import Card, Form, FormButton, Items, Payload, Steps, Table, pressables
from blocks.fit import fit, fit_form
from blocks.limits import DIGEST, DISCORD, DISCORD_MESSAGE_CHARS, READABLE, SLACK, SLACK_MESSAGE_CHARS, Limits
from blocks.render import discord, html, slack, text
from blocks.render.discord_check import text_chars as discord_chars
from blocks.render.slack_check import text_chars as slack_chars
from blocks.text import utf16_length
from blocks.weight import weigh, weigh_head
from tests.blocks.strategies import Drawn, drawn_cards

_LIMITS = [pytest.param(limits, id=limits.surface) for limits in (SLACK, DISCORD, READABLE, DIGEST)]
_MANY = settings(
    max_examples=25,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking cards of a megabyte takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.mark.parametrize("limits", _LIMITS)
@_MANY
@given(drawn=drawn_cards())
def test_any_card_fits_and_loses_nothing_silently(drawn: Drawn, limits: Limits) -> None:
    fitted = fit(drawn.card, limits)
    _is_within(fitted, limits)
    assert fit(fitted, limits) == fitted
    _keeps_every_action(drawn.card, fitted)
    _counts_what_is_left_out(drawn.card, fitted)
    _keeps_payloads_honest(drawn.card, fitted)
    for form in (action.form for action in drawn.card.actions if isinstance(action, FormButton)):
        _never_halves_a_value(form, limits)


@_MANY
@given(drawn=drawn_cards())
def test_every_surface_draws_any_card(drawn: Drawn) -> None:
    # The renderers check their own output and raise when a limit is broken.
    assert slack_chars(slack.render(drawn.card)["blocks"]) <= SLACK_MESSAGE_CHARS
    assert slack.render(drawn.card, agent_features=False)
    assert slack.render(drawn.card, files={"chart.png": "F0CHART5501"})
    assert discord_chars(discord.render(drawn.card)) <= DISCORD_MESSAGE_CHARS
    assert discord.render(drawn.card, files=[file.name for file in discord.files_of(drawn.card)], roles=["1"] * 5)
    for form in (action.form for action in drawn.card.actions if isinstance(action, FormButton)):
        assert discord.render_form(form)
    assert html.render(drawn.card)
    assert text.render(drawn.card, width=72)


@_MANY
@given(drawn=drawn_cards())
def test_a_renderer_stays_under_the_weight_that_fit_reckons_with(drawn: Drawn) -> None:
    card = fit(drawn.card, DISCORD).model_copy(update={"actions": ()})
    reckoned = sum(weigh(element, DISCORD).chars for element in card.elements) + weigh_head(card, DISCORD).chars
    assert discord_chars(discord.render(card)) <= reckoned + 20  # the line that says a card is simulated


def _is_within(fitted: Card, limits: Limits) -> None:
    weights = [weigh(element, limits) for element in fitted.elements]
    assert sum(weight.chars for weight in weights) + weigh_head(fitted, limits).chars <= limits.total_chars
    assert sum(weight.pieces for weight in weights) <= limits.total_pieces
    assert limits.length(fitted.title) <= limits.title_chars
    assert all(limits.length(action.label) <= limits.button_chars for action in fitted.actions)


def _keeps_every_action(card: Card, fitted: Card) -> None:
    assert [action.type for action in fitted.actions] == [action.type for action in card.actions]
    assert [pressable.token for pressable in pressables(fitted)] == [pressable.token for pressable in pressables(card)]


def _counts_what_is_left_out(card: Card, fitted: Card) -> None:
    for before, after in zip(card.elements, fitted.elements, strict=False):
        if before.type != after.type:
            assert "left out here" in str(fitted.elements[-1])
            return
        if isinstance(before, Items | Steps) and isinstance(after, Items | Steps):
            assert len(after.rows) + after.hidden == max(before.total, len(before.rows))
        if isinstance(before, Table) and isinstance(after, Table):
            assert len(after.rows) + after.hidden == max(before.total_rows, len(before.rows))
            assert len(after.columns) + after.hidden_columns == len(before.columns)


def _keeps_payloads_honest(card: Card, fitted: Card) -> None:
    whole = [element for element in card.elements if isinstance(element, Payload)]
    for shown in (element for element in fitted.elements if isinstance(element, Payload)):
        same = [one for one in whole if one.text.startswith(shown.text) and len(one.text) == shown.total_chars]
        assert any((one.note is None) == (shown.note is None) for one in same)


def _never_halves_a_value(form: Form, limits: Limits) -> None:
    fitted = fit_form(form, limits)
    assert fit_form(fitted, limits) == fitted
    for before, after in zip(form.fields, fitted.fields, strict=True):
        assert after.initial in (before.initial, None)
        assert utf16_length(after.initial or "") <= limits.field_initial_chars
