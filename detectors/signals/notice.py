"""Notices of copyright and licence, which come along with what was copied."""

from __future__ import annotations

import re

from detectors.signals.word import Span, Word

__all__ = ["Notice"]

_YEAR = b"#"
_IS_YEAR = re.compile(rb"(?:19|20)\d\d")
_PHRASES = frozenset(
    tuple(phrase.encode().split())
    for phrase in (
        "all rights reserved",
        "copyright #",
        "copyright c #",
        "permission is hereby granted",
        "redistribution and use",
        "redistributions of source",
        "without warranty of any",
        "without warranties or conditions",
    )
)
_FIRST = {
    first: tuple(phrase[1:] for phrase in _PHRASES if phrase[0] == first)
    for first in {phrase[0] for phrase in _PHRASES}
}


class Notice:
    """From the words of a notice to the end of its paragraph."""

    def __init__(self) -> None:
        self.open: int | None = None
        self._partial: list[tuple[int, tuple[bytes, ...]]] = []
        self._told = False
        self._words = self._end = 0

    def see(self, word: Word) -> Span | None:
        ended = None
        if word.breaks > 1:
            ended = self.close()
            self.open, self._partial, self._told, self._words = None, [], False, 0
        if not self._told:
            self._match(word)
        if self._told:
            self._words += 1
            self._end = word.end
        return ended

    def close(self) -> Span | None:
        if self.open is None or not self._told:
            return None
        return self.open, self._end, self._words

    def _match(self, word: Word) -> None:
        pieces = word.pieces
        if "©" in word.raw:
            pieces = (b"copyright", *pieces)
        for piece in pieces:
            if not self._partial and piece not in _FIRST:
                continue
            letters = _YEAR if _IS_YEAR.fullmatch(piece) else piece
            going = [(at, rest[1:]) for at, rest in self._partial if rest[0] == letters]
            self._partial = going + [(word.start, rest) for rest in _FIRST.get(piece, ())]
            done = [at for at, rest in going if not rest]
            if done:
                self.open, self._told = min(done), True
                return
        if pieces:
            self.open = min((at for at, _ in self._partial), default=None)
