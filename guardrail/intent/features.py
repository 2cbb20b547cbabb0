"""What a prompt is made of, as places in a table: runs of words, and runs of letters.

Words are those of `guardrail.text.fold`, a sign of a script that does not part words being one;
every number is one. Linear in the length of the text, and the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from guardrail.text import SINGLE, fold

__all__ = ["BITS", "features", "pieces", "words"]

BITS = 18
"""A table has `2 ** BITS` places."""

_WORDS, _LETTERS = (1, 2, 3), (3, 4, 5)
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 2**64)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_FOLD, _KEEP = np.uint64(31), np.uint64(64 - BITS)
_BYTES = 256
_MANY = 2**BITS // 8
_DIGIT = ord("0")
_DIGITS = bytes.maketrans(b"123456789", b"000000000")

Codes = NDArray[np.uint64]
Runs = tuple[NDArray[np.intp], NDArray[np.intp]]


def features(text: str) -> tuple[NDArray[np.uint32], ...]:
    """Distinct places of the runs of one to three words, and of three to five letters, sorted."""
    runs = _Runs(_read(text))
    return tuple(
        _distinct(_places(np.concatenate(hashes)))
        for hashes in (
            [runs.hashes(*runs.words(size)) for size in _WORDS],
            [runs.letters(size) for size in _LETTERS],
        )
    )


def words(text: str) -> list[str]:
    """The words of a text."""
    codes = _read(text)
    return [_spelled(codes[begin:end]) for begin, end in zip(*_Runs(codes).words(1), strict=True)]


def pieces(text: str) -> Iterator[tuple[str, int]]:
    """Every run of words as it was read, with its place."""
    codes = _read(text)
    runs = _Runs(codes)
    for size in _WORDS:
        begin, end = runs.words(size)
        for first, last, place in zip(
            begin, end, _places(runs.hashes(begin, end)).tolist(), strict=True
        ):
            yield _spelled(codes[first:last]), place


class _Runs:
    """Sums over the codes of a text, by which any run of them is hashed."""

    def __init__(self, codes: Codes) -> None:
        size = len(codes)
        powers = np.full(size, _BASE, np.uint64)
        powers[0] = 1
        self._codes = codes
        self._sums = np.zeros(size + 1, np.uint64)
        np.cumsum((codes + np.uint64(1)) * np.cumprod(powers), out=self._sums[1:])
        powers[1:] = _INVERSE
        self._back = np.cumprod(powers)

    def words(self, size: int) -> Runs:
        """Begin and end of runs, from the space before to the one behind."""
        spaces = np.flatnonzero(self._codes == 0)
        return spaces[:-size], spaces[size:] + 1

    def letters(self, size: int) -> Codes:
        """Hashes of all runs of so many letters."""
        sums = self._sums[size:] - self._sums[:-size]
        return sums * self._back[: len(sums)]

    def hashes(self, begin: NDArray[np.intp], end: NDArray[np.intp]) -> Codes:
        hashes: Codes = (self._sums[end] - self._sums[begin]) * self._back[begin]
        return hashes


def _read(text: str) -> Codes:
    """Codes of the letters, with a 0 before, between and behind the words."""
    folded = fold(text)
    letters = np.frombuffer(folded.codes.translate(_DIGITS), np.uint8).astype(np.uint64)
    signs = letters == SINGLE
    if folded.points is not None:
        letters[signs] = folded.points[signs] + np.uint64(_BYTES)
    # Three places a letter: those beside it are for the spaces around a sign of its own.
    spread = np.zeros(3 * len(letters) + 2, np.uint64)
    spread[2:-1:3] = letters
    keep = np.zeros(len(spread), bool)
    keep[0] = keep[-1] = True
    keep[2:-1:3] = True
    keep[1:-1:3] = keep[3::3] = signs
    joined = spread[keep]
    again = (joined == 0) | (joined == _DIGIT)
    again[1:] &= joined[1:] == joined[:-1]
    again[0] = False
    codes: Codes = joined[~again]
    return codes


def _places(hashes: Codes) -> NDArray[np.uint32]:
    mixed: Codes = (hashes ^ (hashes >> _FOLD)) * _MIX
    return (mixed >> _KEEP).astype(np.uint32)


def _distinct(places: NDArray[np.uint32]) -> NDArray[np.uint32]:
    if len(places) > _MANY:
        marks = np.zeros(2**BITS, bool)
        marks[places] = True
        return np.flatnonzero(marks).astype(np.uint32)
    # For few, several times as fast as `np.unique`.
    ranked = np.sort(places)
    first = np.ones(len(ranked), bool)
    first[1:] = ranked[1:] != ranked[:-1]
    return ranked[first]


def _spelled(codes: Codes) -> str:
    points = [int(code) for code in codes]
    parts = (chr(code - _BYTES) if code > _BYTES else chr(code or ord(" ")) for code in points)
    return "".join(parts).strip()
