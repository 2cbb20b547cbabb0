"""Stretches of a text that are compared by meaning: a sentence or a few, cut from left to right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Cutter", "Window", "windows"]

_WORD = re.compile(r"\S{1,64}")
_ENDS = tuple(".!?。！？")
_BEHIND = "\"'”’)]*_"
_LEAST, _ENOUGH, _MOST = 6, 16, 48


@dataclass(frozen=True, slots=True)
class Window:
    """Characters `[start, end)` of a text, and what stands there."""

    start: int
    end: int
    raw: str = field(repr=False)


class Cutter:
    """Cuts one text as it comes.

    A window ends with a sentence once it has 16 words, with its paragraph, or at 48 words; one
    of fewer than 6 words is left out.
    """

    def __init__(self) -> None:
        # The text from `base` on; within it the next place to look at, and the open window.
        self._raw = ""
        self._base = self._place = self._breaks = 0
        self._start = self._end = self._words = 0

    @property
    def begin(self) -> int:
        """Where what is not yet cut begins."""
        return self._base + (self._start if self._words else self._place)

    def feed(self, chunk: str) -> list[Window]:
        self._raw += chunk
        cut = list(self._read(len(self._raw) - 1))
        done = self.begin - self._base
        self._raw = self._raw[done:]
        self._base += done
        self._place, self._start, self._end = (
            max(one - done, 0) for one in (self._place, self._start, self._end)
        )
        return cut

    def close(self) -> list[Window]:
        return [*self._read(len(self._raw)), *self._cut()]

    def _read(self, until: int) -> Iterator[Window]:
        """The windows that end with a word, the word itself ending at `until` or before."""
        for match in _WORD.finditer(self._raw, self._place):
            start, end = match.span()
            self._breaks += self._raw.count("\n", self._place, start)
            self._place = start
            if end > until:
                return
            if self._breaks > 1:
                yield from self._cut()
            self._breaks = 0
            self._start = self._start if self._words else start
            self._words, self._end, self._place = self._words + 1, end, end
            ended = match[0].rstrip(_BEHIND).endswith(_ENDS)
            if self._words == _MOST or (ended and self._words >= _ENOUGH):
                yield from self._cut()
        self._breaks += self._raw.count("\n", self._place)
        self._place = len(self._raw)

    def _cut(self) -> Iterator[Window]:
        if self._words >= _LEAST:
            start, end = self._base + self._start, self._base + self._end
            yield Window(start, end, self._raw[self._start : self._end])
        self._words = 0


def windows(raw: str) -> list[Window]:
    """All windows of a text."""
    cutter = Cutter()
    return [*cutter.feed(raw), *cutter.close()]
