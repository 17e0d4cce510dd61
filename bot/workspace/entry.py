"""What every mapping of a workspace file has in common, and lists of names."""

from pydantic import BaseModel, ConfigDict

from bot.workspace.values import wrong


class Entry(BaseModel):
    """One mapping of the file: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Lets a list through that names nothing twice."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise wrong(f'"{twice}" is listed twice', "each name once")
    return names


def some(names: tuple[str, ...]) -> tuple[str, ...]:
    """Lets a list through that names something, and nothing twice."""
    if not names:
        raise wrong("found an empty list", "at least one name")
    return once(names)
