"""Reads prices out of litellm's bundled map (dollars per token, as floats) without importing litellm."""

import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal

from agents.models.pricing import TOKENS_PER_PRICE, PriceTable, PriceTier
from store.kernel.money import MICROS_PER_USD

_CHAT_MODES = frozenset({"chat", "responses"})
_LONGER_PROMPTS = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
_UNBOUNDED_UNITS = ("tiered_pricing", "_per_request", "_per_second", "_per_character", "_dbu_cost_")
"""What no token count bounds, or what this reader does not understand: such a model has no known price."""


def table_from_map(entry: Mapping[str, object]) -> PriceTable | None:
    """The prices of a chat model, tiers included; None when the map does not settle them.

    A price of zero counts as unknown: the map uses it for placeholders as well as for free models. Batch, flex and
    priority prices are left out, because those services are never asked for.
    """
    if entry.get("mode") not in _CHAT_MODES:
        return None
    if any(unit in key for key in entry for unit in _UNBOUNDED_UNITS):
        return None
    longer = sorted(int(match[1]) for key in entry if (match := _LONGER_PROMPTS.fullmatch(key)))
    tiers = [_tier(entry, thousands) for thousands in (0, *longer)]
    known = tuple(tier for tier in tiers if tier is not None)
    return PriceTable(tiers=known) if len(known) == len(tiers) else None


def _tier(entry: Mapping[str, object], above_thousands: int) -> PriceTier | None:
    suffix = f"_above_{above_thousands}k_tokens" if above_thousands else ""
    per_input = _per_million(entry.get(f"input_cost_per_token{suffix}"))
    per_output = _per_million(entry.get(f"output_cost_per_token{suffix}"))
    if not per_input or not per_output:
        return None
    per_reasoning = _per_million(entry.get("output_cost_per_reasoning_token")) or 0
    return PriceTier(
        above_prompt_tokens=above_thousands * 1_000,
        input_micros_per_million=per_input,
        output_micros_per_million=max(per_output, per_reasoning),
        cached_input_micros_per_million=_per_million(entry.get(f"cache_read_input_token_cost{suffix}")),
        cache_write_micros_per_million=_per_million(entry.get(f"cache_creation_input_token_cost{suffix}")),
    )


def _per_million(usd_per_token: object) -> int | None:
    if isinstance(usd_per_token, bool) or not isinstance(usd_per_token, int | float) or usd_per_token < 0:
        return None
    exact = Decimal(str(usd_per_token)) * MICROS_PER_USD * TOKENS_PER_PRICE
    return int(exact.to_integral_value(rounding=ROUND_CEILING))
