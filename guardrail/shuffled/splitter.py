"""A text that comes in pieces, cut between words: each piece once its words are whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.words import WORD_LIMIT
from guardrail.text import SINGLE, Folded, fold

__all__ = ["Splitter"]

_TAIL = 256


class Splitter:
    """Folds one text as it comes, up to where nothing behind can change a word.

    It looks at what has come whenever that has grown by `step` characters, and by a quarter of
    what is held, so that time is linear.
    """

    def __init__(self, step: int = 1) -> None:
        self.begin = 0
        self._step = step
        self._held = ""
        self._fresh: list[str] = []
        self._grown, self._wait = 0, step

    def feed(self, chunk: str) -> tuple[int, Folded]:
        """Where the next whole words begin, and these; `begin` is where others will."""
        self._fresh.append(chunk)
        self._grown += len(chunk)
        if self._grown < self._wait:
            return self.begin, _NOTHING
        folded, begin = self._folded(), self.begin
        cut = _whole(folded)
        done = cut if folded.offsets is None else int(folded.offsets[cut])
        self._held = self._held[done:]
        self.begin += done
        self._wait = max(self._step, len(self._held) // 4)
        return begin, _clipped(folded, cut)

    def close(self) -> tuple[int, Folded]:
        """The rest: the text has ended."""
        return self.begin, self._folded()

    def _folded(self) -> Folded:
        self._held += "".join(self._fresh)
        self._fresh, self._grown = [], 0
        return fold(self._held)


_NOTHING = Folded(b"")


def _whole(folded: Folded) -> int:
    """The last code that ends all words before it and is its character's first; 0 if none is."""
    size = len(folded.codes)
    codes = np.frombuffer(folded.codes, dtype=np.uint8)
    for first in (max(size - _TAIL, 0), 0):
        breaks = np.flatnonzero(codes[first + 1 :] <= SINGLE) + (first + 1)
        begun = _begun(folded, breaks)
        if len(begun):
            return int(begun[-1])
    if len(breaks) or not size:
        return 0
    # One word without an end, which is cut every 32 letters.
    begun = _begun(folded, np.arange(int(codes[0] <= SINGLE) + WORD_LIMIT, size, WORD_LIMIT))
    return int(begun[-1]) if len(begun) else 0


def _begun(folded: Folded, places: NDArray[np.int64]) -> NDArray[np.int64]:
    if folded.offsets is None:
        return places
    before, after = folded.offsets.take(places - 1), folded.offsets.take(places)
    return places[np.flatnonzero(before != after)]


def _clipped(folded: Folded, cut: int) -> Folded:
    offsets, points = folded.offsets, folded.points
    return Folded(
        folded.codes[:cut],
        None if offsets is None else offsets[: cut + 1],
        None if points is None else points[:cut],
    )
