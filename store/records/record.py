"""The one base of all records."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Immutable, strict about unknown keys; two records with equal fields are equal."""

    model_config = ConfigDict(frozen=True, extra="forbid")
