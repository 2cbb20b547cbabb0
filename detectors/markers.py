"""Markers by keyed hashes of their letters, and where they stand in a text."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import PolicyError
from guardrail.text import SINGLE, fold
from guardrail.views import leet

__all__ = ["Begun", "Letters", "Markers"]

_Table = tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]
"""Of each marker: hash of its first eight letters, number of letters, digest, number."""

Begun = tuple[int, int, int]
"""A letter at which eight begin a marker, and the rows with the sizes of such markers."""

LEAST, MOST = 8, 256
_SPARE_BITS = 3


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters and digits of a text, folded, and the place of each; nothing between them."""

    codes: NDArray[np.uint32] = field(repr=False)
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, raw: str) -> Letters:
        folded = fold(raw)
        codes = np.frombuffer(folded.codes, dtype=np.uint8)
        kept = codes.nonzero()[0]
        letters = codes.take(kept).astype(np.uint32)
        if folded.points is not None:
            letters = np.where(letters == SINGLE, folded.points.take(kept), letters)
        return cls(letters, kept if folded.offsets is None else folded.offsets.take(kept))


class Markers:
    """Many markers of 8 to 256 letters each, as they are, backwards, in leetspeak and in codes.

    Each comes with a number to tell it by. Only hashes under a key of the object's own are kept.
    A text's letters are looked up eight at a time; where eight begin a marker, those of as many
    letters as it has are hashed.
    """

    def __init__(self, markers: Sequence[tuple[int, str]]) -> None:
        self._key = secrets.token_bytes(16)
        factors = np.frombuffer(secrets.token_bytes(8 * LEAST), dtype="<u8")
        self._factors = (factors | np.uint64(1)).tolist()
        lines = "\n".join(" ".join(marker.split("\n")) for _, marker in markers)
        numbers = np.array([number for number, _ in markers], dtype=np.int64)
        _refuse(np.diff(_bounds(Letters.of(lines), lines)), numbers)
        tables = [
            self._table(told, order)
            for text in {lines, *leet(lines)}
            for told, order in ((text, numbers), (text[::-1], numbers[::-1]))
        ]
        if coded := list(_coded(markers)):
            codes = "\n".join(code for _, code in coded)
            tables.append(self._table(codes, np.array([number for number, _ in coded])))
        head, size, digest, number = (
            np.concatenate(column) for column in zip(*tables, strict=True)
        )
        order = np.argsort(digest)
        self._digests, self._numbers = digest[order], number[order]
        order = np.lexsort((size, head))
        head, size = head[order], size[order]
        new = (np.diff(head, prepend=~head[:1]) != 0) | (np.diff(size, prepend=0) != 0)
        self._heads, self._sizes = head[new], size[new]
        bits = len(self._heads).bit_length() + _SPARE_BITS
        self._shift = np.uint64(64 - bits)
        self._sieve = np.zeros(1 << bits, dtype=bool)
        self._sieve[self._heads >> self._shift] = True

    def begun(self, letters: Letters) -> Sequence[Begun]:
        """The letters at which eight begin a marker."""
        heads = self._hashed(letters.codes)
        likely = self._sieve.take((heads >> self._shift).astype(np.int64)).nonzero()[0]
        if not len(likely):
            return ()
        lows = np.searchsorted(self._heads, heads[likely], "left").tolist()
        highs = np.searchsorted(self._heads, heads[likely], "right").tolist()
        found = zip(likely.tolist(), lows, highs, strict=True)
        return [(first, low, high) for first, low, high in found if low < high]

    def find(self, letters: Letters, begun: Sequence[Begun]) -> Iterator[tuple[int, int, int]]:
        """First letter, letters and number of the longest marker that begins at each letter."""
        data = letters.codes.tobytes() if begun else b""
        for first, low, high in begun:
            for size in self._sizes[low:high][::-1].tolist():
                if first + size > len(letters):
                    continue
                digest = np.uint64(self._digest(data[4 * first : 4 * (first + size)]))
                row = int(np.searchsorted(self._digests, digest))
                if row < len(self._digests) and self._digests[row] == digest:
                    yield first, size, int(self._numbers[row])
                    break

    def open(self, count: int, begun: Sequence[Begun]) -> int:
        """The first of so many letters at which a marker may begin that more letters complete."""
        for first, _, high in begun:
            if first + int(self._sizes[high - 1]) > count:
                return first
        return max(count - LEAST + 1, 0)

    def _hashed(self, codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """A hash of each eight letters in a row."""
        count = max(len(codes) - LEAST + 1, 0)
        wide = codes.astype(np.uint64)
        total = np.zeros(count, dtype=np.uint64)
        for step, factor in enumerate(self._factors):
            total += wide[step : step + count] * np.uint64(factor)
        return (total ^ (total >> np.uint64(29))) * np.uint64(self._factors[0])

    def _digest(self, letters: bytes) -> int:
        return int.from_bytes(blake2b(letters, digest_size=8, key=self._key).digest(), "little")

    def _table(self, lines: str, numbers: NDArray[np.int64]) -> _Table:
        letters = Letters.of(lines)
        bounds = _bounds(letters, lines)
        data = letters.codes.tobytes()
        pieces = (data[4 * first : 4 * last] for first, last in pairwise(bounds.tolist()))
        digests = np.array([self._digest(piece) for piece in pieces], dtype=np.uint64)
        heads = letters.codes.take(bounds[:-1, None] + np.arange(LEAST))
        return self._hashed(heads.ravel())[::LEAST], np.diff(bounds), digests, numbers


def _coded(markers: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """What markers make in codes that may be too short to be told from words."""
    for number, marker in markers:
        for code in _codes(marker.encode("utf-8", "surrogatepass")):
            if LEAST <= len(code) - code.count("+") - code.count("/") <= MOST:
                yield number, code


def _codes(data: bytes) -> Iterator[str]:
    for shift in range(3):
        # Of three bytes that other text begins or ends, those letters which are the marker's own.
        code = base64.b64encode(bytes(shift) + data).decode()
        yield code[-(-8 * shift // 6) : 8 * (shift + len(data)) // 6]
    yield base64.b32encode(data).decode().rstrip("=")
    yield data.hex()
    yield f"{int.from_bytes(data):0{8 * len(data)}b}"
    yield "".join(map(str, data))


def _refuse(sizes: NDArray[np.int64], numbers: NDArray[np.int64]) -> None:
    """Raise `PolicyError` unless each marker has letters enough, and not too many."""
    if not len(numbers):
        raise PolicyError("there is no marker")
    wrong = np.flatnonzero((sizes < LEAST) | (sizes > MOST))
    if len(wrong):
        number, size = numbers[wrong[0]], sizes[wrong[0]]
        raise PolicyError(f"marker {number} has {size} letters and digits; take {LEAST} to {MOST}")


def _bounds(letters: Letters, lines: str) -> NDArray[np.int64]:
    """Where the letters of each line begin, and where those of the last end."""
    points = np.frombuffer(lines.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    breaks = np.flatnonzero(points == ord("\n"))
    return np.concatenate(([0], np.searchsorted(letters.places, breaks), [len(letters)]))
