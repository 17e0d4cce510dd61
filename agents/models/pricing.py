"""What a call can cost before it is sent, and what it did cost after: integer micro-dollars, rounded up.

The worst case counts every byte of the prompt as a token: a byte-level tokeniser cannot make more tokens than bytes.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from agents.models.port import Count, Usage
from agents.roster import ModelSpec
from store.kernel.errors import Refused
from store.records import Record

TOKENS_PER_PRICE = 1_000_000
"""Prices are quoted per million tokens."""

PROVIDER_PROMPT_TOKENS = 1_024
"""Tokens a provider may add of its own when tools or a schema are sent, billed as input.

About twice the most any publishes: Anthropic, up to 530
(https://docs.anthropic.com/en/docs/tool-use-pricing-and-tokens, read 2026-11-21).
"""


class PriceTier(Record):
    """Prices in micro-dollars per million tokens, for prompts of more than `above_prompt_tokens` tokens.

    A cache price of None means that part of the input costs as much as any other.
    """

    above_prompt_tokens: Count = 0
    input_micros_per_million: Count
    output_micros_per_million: Count
    cached_input_micros_per_million: Count | None = None
    cache_write_micros_per_million: Count | None = None

    @property
    def cached_input(self) -> int:
        """Price of prompt tokens read from the provider's cache."""
        cached = self.cached_input_micros_per_million
        return self.input_micros_per_million if cached is None else cached

    @property
    def cache_write(self) -> int:
        """Price of prompt tokens written to the provider's cache."""
        write = self.cache_write_micros_per_million
        return self.input_micros_per_million if write is None else write

    @property
    def dearest_input(self) -> int:
        """The most prompt tokens can cost."""
        return max(self.input_micros_per_million, self.cached_input, self.cache_write)


class PriceTable(Record):
    """The prices of one model: tiers by prompt length, the first from zero, each for longer prompts than the last."""

    tiers: Annotated[tuple[PriceTier, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _tiers_ascend(self) -> Self:
        starts = [tier.above_prompt_tokens for tier in self.tiers]
        if starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError("price tiers start at 0 prompt tokens and ascend")
        return self

    def tier_for(self, prompt_tokens: int) -> PriceTier:
        """The tier a prompt of this length is billed by, whole."""
        first, *longer = self.tiers
        reached = [tier for tier in longer if prompt_tokens > tier.above_prompt_tokens]
        return reached[-1] if reached else first


def declared_price(spec: ModelSpec) -> PriceTable | None:
    """The price the workspace states; zero is free, None when it states none or only half of one."""
    if spec.input_micros_per_million is None or spec.output_micros_per_million is None:
        return None
    tier = PriceTier(
        input_micros_per_million=spec.input_micros_per_million,
        output_micros_per_million=spec.output_micros_per_million,
    )
    return PriceTable(tiers=(tier,))


def require_price(model: str, price: PriceTable | None) -> PriceTable:
    """The price, or Refused: a call whose worst case is unknown cannot be held against a budget."""
    if price is not None:
        return price
    raise Refused(
        f"The model {model!r} has no known price, so no budget can hold it: state it in the workspace (0 if free).",
        rule="model.price",
    )


def worst_case_micros(price: PriceTable, *, prompt_bytes: int, max_tokens: int, provider_adds: bool) -> int:
    """The most one call can cost: every byte a token at the dearest input price, the answer as long as allowed.

    `provider_adds` counts PROVIDER_PROMPT_TOKENS too: true when tools or a schema are sent. Output includes reasoning.
    """
    prompt_tokens = prompt_bytes + (PROVIDER_PROMPT_TOKENS if provider_adds else 0)
    dearest_input = max(tier.dearest_input for tier in price.tiers)
    dearest_output = max(tier.output_micros_per_million for tier in price.tiers)
    return _micros(prompt_tokens * dearest_input + max_tokens * dearest_output)


def cost_micros(price: PriceTable, usage: Usage) -> int:
    """What a call cost by the provider's own count. Cached tokens beyond the prompt are never a further discount."""
    tier = price.tier_for(usage.prompt_tokens)
    cached = min(usage.cached_tokens, usage.prompt_tokens)
    written = min(usage.cache_write_tokens, usage.prompt_tokens - cached)
    plain = usage.prompt_tokens - cached - written
    return _micros(
        plain * tier.input_micros_per_million
        + cached * tier.cached_input
        + written * tier.cache_write
        + usage.completion_tokens * tier.output_micros_per_million
    )


def _micros(micros_times_million: int) -> int:
    return -(-micros_times_million // TOKENS_PER_PRICE)
