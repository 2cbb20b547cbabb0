"""What a search gives back."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Match"]


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """A maximal run of words shared with one document.

    `[start, end)` counts code points of the text searched; `word` and `words` its words. The run
    stands at word `place` of the document, which has `size` words, `anchor` being the code point of
    a word at most 63 words before it. A presence-only index gives an empty `document`, 0 for
    `size` and -1 for the others.
    """

    start: int
    end: int
    word: int
    words: int
    document: str
    place: int
    size: int
    anchor: int
    sensitivity: str
    grants: tuple[str, ...]
