"""How much of each document one answer may quote before it counts."""

from __future__ import annotations

from collections.abc import Hashable

__all__ = ["WHOLE", "Quotes"]

WHOLE = 0.95
"""The share of a document's words from which on it stands in an answer whole: no quotation."""


class Quotes:
    """The words of each document that one answer has given, counted from left to right.

    Up to `most` words of a document are a quotation, unless they are the whole of it. What goes
    beyond counts as a whole, and so does all that the answer gives of that document afterwards.
    """

    __slots__ = ("_given", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._given: dict[Hashable, tuple[int, int]] = {}

    def take(self, document: Hashable, start: int, end: int, words: int, *, size: int) -> bool:
        """Count words of a document at characters `[start, end)`; whether it is still a quotation.

        To be asked in the order of `start`. Where two passages overlap, words are counted once. The
        document has `size` words; 0 where that is not known.
        """
        given, reached = self._given.get(document, (0, 0))
        given += min(words, max(end - max(start, reached), 0))
        self._given[document] = given, max(end, reached)
        return given <= self._most and (not size or given < WHOLE * size)
