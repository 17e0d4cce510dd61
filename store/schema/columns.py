"""What columns are made of. Every table carries our prefix: the engine keeps its own in the same database."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from store.kernel.storable import storable_text

PREFIX = "qd_"

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC moment, stored as whole microseconds since 1970 so that it compares and sorts alike everywhere."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Whole microseconds; a naive datetime is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment must carry a time zone")
        delta = value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return delta.days * 86_400_000_000 + delta.seconds * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """The aware UTC moment."""
        if value is None:
            return None
        seconds, micros = divmod(value, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


class Words(sa.types.TypeDecorator[str]):
    """Text that may come from anybody: what a database cannot hold is written out, never refused."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it is kept."""
        return None if value is None else storable_text(value)


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    """Any text, as it can be stored."""
    return sa.Column(name, Words, nullable=null)


def moment(name: str, *, null: bool = False) -> sa.Column[datetime]:
    """An aware UTC moment."""
    return sa.Column(name, Moment, nullable=null)


def count(name: str) -> sa.Column[int]:
    """A whole number that is always there."""
    return sa.Column(name, sa.BigInteger, nullable=False)


def json(name: str, *, null: bool = False) -> sa.Column[object]:
    """A JSON value."""
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=null)


def flag(name: str) -> sa.Column[bool]:
    """True or false, always said."""
    return sa.Column(name, sa.Boolean, nullable=False)


def key(name: str = "id") -> sa.Column[str]:
    """A text that is the whole key."""
    return sa.Column(name, sa.Text, primary_key=True)
