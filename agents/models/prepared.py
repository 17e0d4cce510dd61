"""What every implementation of the port does to a request before it answers it: find the model, price it, shape it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from agents.models.port import ModelRequest
from agents.models.pricing import PriceTable, require_price, worst_case_micros
from agents.models.structured import Rung, Shaped, shape
from agents.roster import ModelSpec
from store.kernel.errors import UserMistake


@dataclass(frozen=True)
class Prepared:
    """A request ready to send, and the most it can cost."""

    request: ModelRequest
    spec: ModelSpec
    shaped: Shaped
    price: PriceTable
    worst_micros: int

    @classmethod
    def of(cls, request: ModelRequest, spec: ModelSpec, price: PriceTable | None, rung: Rung) -> Self:
        """Raises Refused without a price, UserMistake for a schema that is none."""
        known = require_price(spec.name, price)
        shaped = shape(request, rung)
        worst = worst_case_micros(
            known,
            prompt_bytes=shaped.prompt_bytes,
            max_tokens=request.max_tokens,
            provider_adds=shaped.provider_adds,
        )
        return cls(request, spec, shaped, known, worst)


def find_model(models: Mapping[str, ModelSpec], name: str) -> ModelSpec:
    """The workspace's model of this name. Raises UserMistake."""
    spec = models.get(name)
    if spec is None:
        raise UserMistake(f"There is no model {name!r}.", f"The workspace has: {', '.join(sorted(models)) or 'none'}.")
    return spec
