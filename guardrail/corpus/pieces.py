"""A text in pieces that are cut where no word is, so that arrays stay small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.corpus.words import WORD_LIMIT, Words, split
from guardrail.text import SINGLE, Folded, fold

__all__ = ["PIECE", "chunked", "clipped", "joined", "whole"]

PIECE = 1 << 16
"""Arrays of so many characters stay in a processor's cache."""

_TAIL = 256


def chunked(text: str, key: Key) -> Iterator[tuple[int, Words]]:
    """The words of one text, piece by piece, each with the place where it begins."""
    start, size = 0, PIECE
    while start < len(text):
        folded = fold(text[start : start + size])
        if start + size >= len(text):
            yield start, split(folded, key)
            return
        cut = whole(folded)
        if not cut:
            size *= 8
            continue
        yield start, split(clipped(folded, cut), key)
        start += cut if folded.offsets is None else int(folded.offsets[cut])
        size = PIECE


def joined(pieces: Iterable[Words]) -> Words:
    """The words of all pieces, one behind the other."""
    several = [(words.hashes, words.starts, words.ends) for words in pieces]
    if len(several) == 1:
        return Words(*several[0])
    none = (np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    return Words(*(np.concatenate(column) for column in zip(none, *several, strict=True)))


def whole(folded: Folded) -> int:
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


def clipped(folded: Folded, cut: int) -> Folded:
    """The codes before `cut`."""
    offsets, points = folded.offsets, folded.points
    return Folded(
        folded.codes[:cut],
        None if offsets is None else offsets[: cut + 1],
        None if points is None else points[:cut],
    )


def _begun(folded: Folded, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those places where a character's first code stands."""
    if folded.offsets is None:
        return places
    before, after = folded.offsets.take(places - 1), folded.offsets.take(places)
    return places[np.flatnonzero(before != after)]
