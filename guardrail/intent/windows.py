"""Stretches of a message that are judged one by one, so that a long one drowns no question."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

__all__ = ["SIZE", "STEP", "count", "ends", "tail", "windows"]

SIZE, STEP = 48, 16

# Signs of scripts that do not part words count two a word; a word without end is cut.
_SIGNS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_LONGEST = 32
_WORD = re.compile(rf"[{_SIGNS}]{{1,2}}|[^\s{_SIGNS}]{{1,{_LONGEST}}}")
_STOPS = frozenset(".!?…。！？")
_BEHIND = "\"'”’»)]*_"
_LEAST = 3

Span = tuple[int, int]


def windows(raw: str) -> list[Span]:
    """Spans of some 48 words, each some 16 words behind the one before; of a shorter text, all.

    Where a sentence begins in the 16 words before its beginning, or ends in the last 16, a window
    is moved there: it has between 32 and 64 words, and any 16 in a row stand whole in one.
    """
    words = _words(raw)
    if len(words) <= SIZE:
        return [(words[0][0], words[-1][1])] if words else []
    breaks = _breaks(raw, words)
    last = len(words) - SIZE
    spans = (_aligned(first, breaks) for first in (*range(0, last, STEP), last))
    return [(words[first][0], words[end - 1][1]) for first, end in dict.fromkeys(spans)]


def ends(raw: str) -> list[Span]:
    """Where a question about all the rest stands: the first line and the last, if they are short.

    Of a line of more than 48 words, its first sentence, or its last; none of less than three words.
    """
    words = _words(raw)
    if not words:
        return []
    first, last = raw.find("\n", words[0][0]), raw.rfind("\n", 0, words[-1][1])
    head = words if first < 0 else words[: bisect_left(words, (first,))]
    foot = words[bisect_left(words, (last,)) :]
    if len(head) > SIZE:
        head = head[: _breaks(raw, head)[1]]
    if len(foot) > SIZE:
        foot = foot[_breaks(raw, foot)[-2] :]
    return [(one[0][0], one[-1][1]) for one in (head, foot) if _LEAST <= len(one) <= SIZE]


def count(raw: str) -> int:
    """How many words a text has."""
    return sum(1 for _ in _WORD.finditer(raw))


def tail(raw: str, size: int) -> str:
    """The last so many words of a text, one at least; all of a shorter one."""
    near = raw[-size * (_LONGEST + 1) :]
    words = _words(near)
    return near[words[-size][0] :] if len(words) > size else near


def _words(raw: str) -> list[Span]:
    return [match.span() for match in _WORD.finditer(raw)]


def _breaks(raw: str, words: list[Span]) -> list[int]:
    """The words that begin a sentence or a line, and the place behind the last word."""
    broken = (
        number
        for number in range(1, len(words))
        if "\n" in raw[words[number - 1][1] : words[number][0]]
        or raw[words[number - 1][0] : words[number - 1][1]].rstrip(_BEHIND)[-1:] in _STOPS
    )
    return [0, *broken, len(words)]


def _aligned(first: int, breaks: list[int]) -> Span:
    before = breaks[bisect_right(breaks, first) - 1]
    end = first + SIZE
    behind = breaks[bisect_right(breaks, end) - 1]
    return (
        before if first - before < STEP else first,
        behind if end - behind < STEP else end,
    )
