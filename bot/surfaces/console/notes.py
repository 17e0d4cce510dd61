"""What a person is told after a redirect: kept for one showing, in this process only. The record has the effect."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

MAX_NOTES = 200


@dataclass(frozen=True)
class Note:
    """One answer in words; `ok` False when the request was refused or mistaken."""

    person: str
    text: str
    ok: bool


class Notes:
    """The latest notes by an id that cannot be guessed; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._notes: OrderedDict[str, Note] = OrderedDict()

    def keep(self, note: Note) -> str:
        """Keeps the note and returns the id under which its person may read it once."""
        note_id = secrets.token_urlsafe(9)
        self._notes[note_id] = note
        while len(self._notes) > MAX_NOTES:
            self._notes.popitem(last=False)
        return note_id

    def take(self, note_id: str | None, person: str) -> Note | None:
        """The note, once, for the person it was written for."""
        note = self._notes.get(note_id or "")
        if note is None or note.person != person:
            return None
        return self._notes.pop(note_id or "")
