"""Money before and after a call: nothing is rounded down, and no call within its bounds exceeds its worst case."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.port import Usage
from agents.models.price_map import table_from_map
from agents.models.pricing import (
    PROVIDER_PROMPT_TOKENS,
    PriceTable,
    PriceTier,
    cost_micros,
    declared_price,
    require_price,
    worst_case_micros,
)
from store.kernel.errors import Refused
from tests.agents.models.asking import model

prices = st.integers(0, 200_000_000)
tokens = st.integers(0, 2_000_000)


@st.composite
def tables(draw: st.DrawFn) -> PriceTable:
    starts = [0, *sorted(draw(st.sets(st.integers(1, 1_000_000), max_size=2)))]
    return PriceTable(
        tiers=tuple(
            PriceTier(
                above_prompt_tokens=start,
                input_micros_per_million=draw(prices),
                output_micros_per_million=draw(prices),
                cached_input_micros_per_million=draw(st.none() | prices),
                cache_write_micros_per_million=draw(st.none() | prices),
            )
            for start in starts
        )
    )


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Counts as providers report them, nonsense such as more cached tokens than prompt included."""
    return Usage(
        prompt_tokens=draw(tokens),
        completion_tokens=draw(tokens),
        cached_tokens=draw(tokens),
        cache_write_tokens=draw(tokens),
    )


@given(tables(), usages(), st.booleans())
def test_no_call_within_its_bounds_costs_more_than_its_worst_case(
    price: PriceTable, usage: Usage, provider_adds: bool
) -> None:
    worst = worst_case_micros(
        price, prompt_bytes=usage.prompt_tokens, max_tokens=usage.completion_tokens, provider_adds=provider_adds
    )
    assert cost_micros(price, usage) <= worst


@given(tables(), usages())
def test_a_cost_is_rounded_up_and_by_less_than_one_micro(price: PriceTable, usage: Usage) -> None:
    tier = price.tier_for(usage.prompt_tokens)
    cached = min(usage.cached_tokens, usage.prompt_tokens)
    written = min(usage.cache_write_tokens, usage.prompt_tokens - cached)
    exact = Fraction(
        (usage.prompt_tokens - cached - written) * tier.input_micros_per_million
        + cached * tier.cached_input
        + written * tier.cache_write
        + usage.completion_tokens * tier.output_micros_per_million,
        1_000_000,
    )
    assert 0 <= cost_micros(price, usage) - exact < 1


@given(tables(), st.integers(0, 10**6), st.integers(1, 10**6))
def test_what_a_provider_adds_is_held_too(price: PriceTable, prompt_bytes: int, max_tokens: int) -> None:
    def worst(size: int, *, adds: bool) -> int:
        return worst_case_micros(price, prompt_bytes=size, max_tokens=max_tokens, provider_adds=adds)

    assert worst(prompt_bytes, adds=True) == worst(prompt_bytes + PROVIDER_PROMPT_TOKENS, adds=False)


def test_a_single_token_costs_at_least_one_micro() -> None:
    price = declared_price(model(input_micros_per_million=1, output_micros_per_million=0))
    assert price is not None
    assert cost_micros(price, Usage(prompt_tokens=1, completion_tokens=0)) == 1


@pytest.mark.parametrize(
    ("per_input", "per_output", "known"), [(0, 0, True), (1, 2, True), (None, 2, False), (1, None, False)]
)
def test_half_a_price_is_no_price(per_input: int | None, per_output: int | None, known: bool) -> None:
    spec = model(input_micros_per_million=per_input, output_micros_per_million=per_output)
    assert (declared_price(spec) is not None) == known


def test_an_unknown_price_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refused, match=r"'main' has no known price.*state it in the workspace") as caught:
        require_price("main", None)
    assert caught.value.rule == "model.price"


@pytest.mark.parametrize("starts", [(), (5,), (0, 5, 5), (0, 9, 5)])
def test_tiers_start_at_zero_and_ascend(starts: tuple[int, ...]) -> None:
    tiers = [
        {"above_prompt_tokens": start, "input_micros_per_million": 1, "output_micros_per_million": 1}
        for start in starts
    ]
    with pytest.raises(ValueError, match="tiers"):
        PriceTable.model_validate({"tiers": tiers})


SONNET = {
    "mode": "chat",
    "input_cost_per_token": 3e-06,
    "output_cost_per_token": 1.5e-05,
    "cache_read_input_token_cost": 3e-07,
    "cache_creation_input_token_cost": 3.75e-06,
    "input_cost_per_token_batches": 1.5e-06,
}


def test_a_map_entry_becomes_whole_micro_dollars() -> None:
    assert table_from_map(SONNET) == PriceTable(
        tiers=(
            PriceTier(
                input_micros_per_million=3_000_000,
                output_micros_per_million=15_000_000,
                cached_input_micros_per_million=300_000,
                cache_write_micros_per_million=3_750_000,
            ),
        )
    )


def test_longer_prompts_have_their_own_tier() -> None:
    table = table_from_map(
        SONNET | {"input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05}
    )
    assert table is not None
    assert table.tier_for(200_000).input_micros_per_million == 3_000_000
    assert table.tier_for(200_001).output_micros_per_million == 22_500_000


def test_reasoning_at_a_price_of_its_own_counts_at_the_dearer() -> None:
    table = table_from_map(SONNET | {"output_cost_per_reasoning_token": 4e-05})
    assert table is not None
    assert table.tier_for(1).output_micros_per_million == 40_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "embedding"},
        {"input_cost_per_token": 0.0},
        {"output_cost_per_token": None},
        {"input_cost_per_token": "3e-06"},
        {"input_cost_per_request": 0.005},
        {"input_cost_per_second": 0.0001},
        {"tiered_pricing": [{"input_cost_per_token": 5e-08, "range": [0, 256000.0]}]},
        {"input_cost_per_token_above_200k_tokens": 6e-06},
    ],
    ids=str,
)
def test_an_entry_that_does_not_bound_a_call_is_no_price(change: dict[str, object]) -> None:
    assert table_from_map(SONNET | change) is None


def test_no_entry_is_no_price() -> None:
    assert table_from_map({}) is None
