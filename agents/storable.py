"""Text from models and strangers in a form every database can hold: no half characters, no NUL. Pure."""

from store.kernel.canonical import Json


def storable_text(text: str) -> str:
    r"""The text with what cannot be stored written out, as `\ud800` or `\0`; other text is returned as it is."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def storable(value: Json) -> Json:
    """The value with every text in it storable, keys included."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, list):
        return [storable(one) for one in value]
    if isinstance(value, dict):
        return {storable_text(key): storable(one) for key, one in value.items()}
    return value
