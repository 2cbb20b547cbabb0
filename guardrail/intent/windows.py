"""Stretches of a message that are judged one by one, so that a long one drowns no question."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

__all__ = ["SIZE", "STEP", "Cut", "count", "tail"]

SIZE, STEP = 48, 16

# Signs of scripts that do not part words count two a word; a word without end is cut.
_SIGNS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_LONGEST = 32
_WORD = re.compile(rf"[{_SIGNS}]{{1,2}}|[^\s{_SIGNS}]{{1,{_LONGEST}}}")
_STOPS = frozenset(".!?…。！？")
_BEHIND = "\"'”’»)]*_"
_LEAST = 3

Span = tuple[int, int]


class Cut:
    """The words of a text, and spans of it that are judged by themselves."""

    def __init__(self, raw: str) -> None:
        self.words = [match.span() for match in _WORD.finditer(raw)]
        self._raw = raw

    def whole(self) -> list[Span]:
        """From the first word to the last, if there is one."""
        return _spans([self.words])

    def windows(self) -> list[Span]:
        """Spans of some 48 words, each some 16 words behind the one before; of fewer words, all.

        Where a sentence begins in the 16 words before its beginning, or ends in the last 16, a
        window is moved there: it has between 32 and 64 words, and any 16 in a row stand whole in
        one.
        """
        last = len(self.words) - SIZE
        if last <= 0:
            return self.whole()
        firsts = (*range(0, last, STEP), last)
        places = dict.fromkeys(_aligned(first, self._breaks) for first in firsts)
        return _spans(self.words[first:end] for first, end in places)

    def sentences(self) -> list[Span]:
        """The sentences and lines of three to 48 words."""
        parts = pairwise(self._breaks)
        return _spans(
            self.words[first:end] for first, end in parts if _LEAST <= end - first <= SIZE
        )

    def ends(self) -> list[Span]:
        """Where a question about the rest stands: the first line and the last, if they are short.

        Of a line of more than 48 words, its first sentence, or its last; none of less than three
        words.
        """
        if not self.words:
            return []
        first = self._raw.find("\n", self.words[0][0])
        last = self._raw.rfind("\n", 0, self.words[-1][1])
        head = self.words if first < 0 else self.words[: bisect_left(self.words, (first,))]
        foot = self.words[bisect_left(self.words, (last,)) :]
        if len(head) > SIZE:
            head = self.words[: self._breaks[1]]
        if len(foot) > SIZE:
            foot = self.words[self._breaks[-2] :]
        return _spans(words for words in (head, foot) if _LEAST <= len(words) <= SIZE)

    @cached_property
    def _breaks(self) -> list[int]:
        """The words that begin a sentence or a line, and the place behind the last word."""
        raw, words = self._raw, self.words
        broken = (
            number
            for number, ((start, end), (then, _)) in enumerate(pairwise(words), 1)
            if "\n" in raw[end:then] or raw[start:end].rstrip(_BEHIND)[-1:] in _STOPS
        )
        return [0, *broken, len(words)]


def count(raw: str) -> int:
    """How many words a text has."""
    return sum(1 for _ in _WORD.finditer(raw))


def tail(raw: str, size: int) -> str:
    """The last so many words of a text, one at least; all of a shorter one."""
    near = raw[-size * (_LONGEST + 1) :]
    words = Cut(near).words
    return near[words[-size][0] :] if len(words) > size else near


def _spans(each: Iterable[list[Span]]) -> list[Span]:
    return [(words[0][0], words[-1][1]) for words in each if words]


def _aligned(first: int, breaks: list[int]) -> Span:
    before = breaks[bisect_right(breaks, first) - 1]
    end = first + SIZE
    behind = breaks[bisect_right(breaks, end) - 1]
    return (
        before if first - before < STEP else first,
        behind if end - behind < STEP else end,
    )
