"""Long quotations, in quotation marks or as a block."""

from __future__ import annotations

from detectors.signals.word import Span, Word

__all__ = ["Quotation"]

_CLOSES = {"“": "”", "«": "»", '"': '"'}
_BEFORE, _BEHIND = "([*_", ".,;:!?)]*_"
_BLOCK = ">"


class Quotation:
    """What a quotation has beyond its first `most` words.

    In marks it ends with the closing one, and is none if its line ends before that; a block is
    lines that begin with `>`.
    """

    def __init__(self, most: int) -> None:
        self.open: int | None = None
        self._most = most
        self._kind = ""
        self._words = self._end = 0

    def see(self, word: Word) -> Span | None:
        told = None
        if word.breaks:
            if self._kind == _BLOCK and not word.raw.startswith(_BLOCK):
                told = self._done()
            elif self._kind != _BLOCK:
                self._forget()
        if not self._kind:
            self._begin(word)
        if self._kind:
            self._count(word)
            if self._closed(word):
                told = self._done()
        return told

    def close(self) -> Span | None:
        return self._done() if self._kind == _BLOCK else None

    def _begin(self, word: Word) -> None:
        mark = word.raw.lstrip(_BEFORE)[:1]
        self._kind = (
            _BLOCK if (word.breaks or not word.start) and mark == _BLOCK else _CLOSES.get(mark, "")
        )

    def _count(self, word: Word) -> None:
        self._words += 1
        self._end = word.end
        if self._words == self._most + 1:
            self.open = word.start

    def _closed(self, word: Word) -> bool:
        if self._kind == _BLOCK:
            return False
        raw = word.raw.lstrip(_BEFORE)[1:] if self._words == 1 else word.raw
        return raw.rstrip(_BEHIND).endswith(self._kind)

    def _done(self) -> Span | None:
        told = None if self.open is None else (self.open, self._end, self._words - self._most)
        self._forget()
        return told

    def _forget(self) -> None:
        self.open, self._kind, self._words = None, "", 0
