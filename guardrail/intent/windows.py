"""Stretches of a message that are judged one by one, so that a long one drowns no question."""

from __future__ import annotations

import re

__all__ = ["SIZE", "count", "ends", "tail", "windows"]

SIZE, STEP = 48, 16

# Signs of scripts that do not part words count two a word; a word without end is cut.
_SIGNS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_LONGEST = 32
_WORD = re.compile(rf"[{_SIGNS}]{{1,2}}|[^\s{_SIGNS}]{{1,{_LONGEST}}}")
_FIRST, _LAST = re.compile(r"\s*(\S[^\n]*)\n"), re.compile(r"\n[^\S\n]*(\S[^\n]*)\s*\Z")
_LEAST = 3

Span = tuple[int, int]


def windows(raw: str) -> list[Span]:
    """Spans of 48 words, each 16 words behind the one before; of a shorter text, the whole."""
    words = _words(raw)
    if not words:
        return []
    last = max(len(words) - SIZE, 0)
    firsts = [*range(0, last, STEP), last]
    return [(words[first][0], words[min(first + SIZE, len(words)) - 1][1]) for first in firsts]


def ends(raw: str) -> list[Span]:
    """The first line and the last, where a question about the others stands, if they are short."""
    body = raw.strip()
    base = len(raw) - len(raw.lstrip())
    lines = (body.partition("\n")[0], body.rpartition("\n")[2]) if "\n" in body else ()
    begins = (0, len(body) - len(lines[1])) if lines else ()
    return [
        (base + begin, base + begin + len(line))
        for begin, line in zip(begins, lines, strict=True)
        if _LEAST <= count(line) <= SIZE
    ]


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
