"""A model that repeats itself until it loses the thread (Nasr et al. 2023, arXiv 2311.17035)."""

from __future__ import annotations

from collections import deque

from detectors.signals.word import Span, Word

__all__ = ["Divergence"]

_LONGEST = 8
_TIMES = 16
_AFTER = 10
_DISTINCT = 8


class Divergence:
    """All that follows after up to 8 words were repeated 16 times or more.

    It counts if its first 10 words have 8 different ones.
    """

    def __init__(self) -> None:
        self.open: int | None = None
        self._last: deque[bytes] = deque(maxlen=_LONGEST)
        self._same = [0] * _LONGEST
        self._counting = self._repeated = False
        self._after: list[bytes] = []
        self._words = self._end = 0

    def see(self, word: Word) -> Span | None:
        told = b"".join(word.pieces)
        if not told:
            return None
        if self.open is not None:
            self._follow(told, word)
        elif self._breaks(told):
            self.open, self._after = word.start, []
            self._follow(told, word)
        self._last.appendleft(told)
        return None

    def close(self) -> Span | None:
        if self.open is None or len(self._after) < _AFTER:
            return None
        return self.open, self._end, self._words

    def _breaks(self, told: bytes) -> bool:
        """Whether a word is new after what was repeated often enough; counts what it repeats."""
        new = told not in self._last
        if new and not self._counting:
            return self._repeated
        for back, before in enumerate(self._last):
            if told == before:
                self._same[back] += 1
                continue
            if self._same[back] >= (back + 1) * (_TIMES - 1):
                self._repeated |= any(map(bytes.isalpha, self._last))
            self._same[back] = 0
        self._counting = any(self._same)
        return self._repeated and new

    def _follow(self, told: bytes, word: Word) -> None:
        self._words = 1 if self.open == word.start else self._words + 1
        self._end = word.end
        if len(self._after) < _AFTER:
            self._after.append(told)
            if len(self._after) == _AFTER and len(set(self._after)) < _DISTINCT:
                self.open, self._repeated = None, False
