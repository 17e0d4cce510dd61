"""Text from strangers in a form that every database can hold. Pure."""


def storable_text(text: str) -> str:
    r"""The text with what no database can hold written out: half characters as `\ud800`, NUL as `\0`."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
