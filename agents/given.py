"""The port to files that people gave with their requests."""

from typing import Protocol


class GivenContents(Protocol):
    """The contents of files that people gave."""

    def read(self, digest: str) -> bytes:
        """The content with this SHA-256. Raises UserMistake when it is not there any more. Blocks."""
        ...
