"""A Bloom filter that tells, in memory, most fingerprints that a segment does not hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import FINGERPRINT_BITS

__all__ = ["Sieve"]

_REM_BITS = 16
_MASK_BITS = 12
_MASK = (1 << _MASK_BITS) - 1
_LOWEST = np.array(_MASK)
# One bit in each quarter of the word, at places that a multiplication spreads.
_SPREAD = np.arange(1 << _MASK_BITS, dtype=np.uint64) * np.uint64(0x9E3779B1)
_QUARTERS = np.arange(4, dtype=np.uint64)[:, None]
_PLACES = _SPREAD >> np.uint64(14) + np.uint64(4) * _QUARTERS & np.uint64(15)
_NEEDED = np.bitwise_or.reduce(np.uint64(1) << np.uint64(16) * _QUARTERS + _PLACES)
_MASKS: list[int] = _NEEDED.tolist()
_PIECE = 1 << 13


class Sieve:
    """A blocked Bloom filter (Putze et al. 2007): four bits of one 64-bit word for each seed.

    A fingerprint's highest bits choose the word; the last twelve that a segment keeps in `table`
    and `rem` choose the bits. There is a word for one or two seeds, so that the filter stays
    near in a processor's caches; fewer only where `room`, in bytes, does not allow them.
    `table` and `rem` are those of a segment with `2**bits` buckets.
    """

    __slots__ = ("_rest", "_shift", "_to_rest", "_to_word", "_view", "_words")

    def __init__(
        self, table: NDArray[np.uint32], rem: NDArray[np.uint16], bits: int, room: int
    ) -> None:
        known = bits + _REM_BITS
        size = max(len(rem).bit_length() - 1, 0)
        size = min(size, room.bit_length() - 4, known - _MASK_BITS)
        self._shift, self._rest = FINGERPRINT_BITS - size, FINGERPRINT_BITS - known
        self._to_word, self._to_rest = np.array(self._shift), np.array(self._rest)
        self._words = np.zeros(1 << size, dtype=np.uint64)
        self._view = self._words.data
        for first in range(0, 1 << bits, _PIECE):
            bounds = table[first : first + _PIECE + 1]
            low, high = int(bounds[0]), int(bounds[-1])
            if low == high:
                continue
            buckets = np.arange(first, first + len(bounds) - 1) << _REM_BITS
            prints = np.repeat(buckets, np.diff(bounds))
            prints |= rem[low:high]
            # In order, so those of one word lie side by side.
            places = prints >> known - size
            begins = np.flatnonzero(np.append(True, places[1:] != places[:-1]))
            prints &= _LOWEST
            needed = np.bitwise_or.reduceat(_NEEDED.take(prints), begins)
            self._words[places.take(begins)] |= needed

    def rows(self, prints: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Which of the fingerprints may be held."""
        signed = prints.view(np.int64)
        places = signed >> self._to_rest
        places &= _LOWEST
        needed = _NEEDED.take(places)
        held = self._words.take(np.right_shift(signed, self._to_word, out=places))
        held &= needed
        rows: NDArray[np.intp] = (held == needed).nonzero()[0]
        return rows

    def holds(self, fingerprint: int) -> bool:
        """Whether one fingerprint may be held."""
        needed = _MASKS[fingerprint >> self._rest & _MASK]
        return self._view[fingerprint >> self._shift] & needed == needed
