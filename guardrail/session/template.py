"""Templates: prompts of one form in which rules find something, each from somebody else."""

from __future__ import annotations

import numpy as np

from guardrail.session.history import History
from guardrail.session.ring import Note, Seen
from guardrail.session.signs import ALIKE, Prompt

__all__ = ["Templates"]

_NAME = "probing template"
_WHO, _TEXT = slice(8), slice(8, 12)
_SHAPE = slice(12, None)
_PROMPTS = 128
_KEPT = 86_400_000_000


class Templates:
    """Sees that `accounts` have asked different prompts of one form.

    The last 128 prompts of all together are kept, until none came for a day.
    """

    def __init__(self, history: History, accounts: int) -> None:
        self._history, self._accounts = history, accounts

    def note(self, who: bytes, prompt: Prompt) -> Note:
        """What is to be noted of a prompt: who asks, in 8 bytes, and what it is known by."""
        key = self._history.names.key(_NAME)
        return Note(key, b"".join((who, prompt.text, prompt.shape)), _PROMPTS, _KEPT)

    def shared(self, note: Note, before: Seen) -> bool:
        """Whether a prompt is of a form that several use, by what was noted before."""
        rows = np.frombuffer(before.joined + note.entry, np.uint8).reshape(-1, len(note.entry))
        same = rows[:, _SHAPE] == rows[-1, _SHAPE]
        alike = rows[np.add.reduce(same, axis=1, dtype=np.uint8) >= ALIKE]
        # What many ask in the same words is what they want to know.
        return self._accounts <= min(len(np.unique(alike[:, of], axis=0)) for of in (_WHO, _TEXT))
