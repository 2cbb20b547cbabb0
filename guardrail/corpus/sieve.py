"""A Bloom filter that tells, in memory, most fingerprints that a segment does not hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import FINGERPRINT_BITS

__all__ = ["Sieve"]

_REM_BITS = 16
_PAIR_BITS = 10
_PAIR = (1 << _PAIR_BITS) - 1
_PAIRS = [1 << low | 1 << high for high in range(32, 64) for low in range(32)]
_NEEDED = np.array(_PAIRS, dtype=np.uint64)
_PIECE = 1 << 15


class Sieve:
    """A blocked Bloom filter (Putze et al. 2007): two bits of one 64-bit word for each seed.

    A fingerprint's highest bits choose the word; the last ten that a segment keeps in `table`
    and `rem` choose the bits. There is about a word for each seed, fewer only where `room`, in
    bytes, does not allow it. `table` and `rem` are those of a segment with `2**bits` buckets.
    """

    __slots__ = ("_rest", "_shift", "_view", "_words")

    def __init__(
        self, table: NDArray[np.uint32], rem: NDArray[np.uint16], bits: int, room: int
    ) -> None:
        known = bits + _REM_BITS
        size = min(len(rem).bit_length(), room.bit_length() - 4, known - _PAIR_BITS)
        self._shift, self._rest = FINGERPRINT_BITS - size, FINGERPRINT_BITS - known
        self._words = np.zeros(1 << size, dtype=np.uint64)
        self._view = self._words.data
        for first in range(0, 1 << bits, _PIECE):
            bounds = table[first : first + _PIECE + 1]
            low, high = int(bounds[0]), int(bounds[-1])
            if low == high:
                continue
            buckets = np.arange(first, first + len(bounds) - 1) << _REM_BITS
            prints = np.repeat(buckets, np.diff(bounds)) | rem[low:high]
            # In order, so those of one word lie side by side.
            places = prints >> known - size
            begins = np.flatnonzero(np.diff(places, prepend=-1))
            needed = _NEEDED.take(prints & _PAIR)
            self._words[places[begins]] |= np.bitwise_or.reduceat(needed, begins)

    def rows(self, prints: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Which of the fingerprints may be held."""
        signed = prints.view(np.int64)
        needed = _NEEDED.take(signed >> self._rest & _PAIR)
        held = self._words.take(signed >> self._shift)
        held &= needed
        rows: NDArray[np.intp] = (held == needed).nonzero()[0]
        return rows

    def holds(self, fingerprint: int) -> bool:
        """Whether one fingerprint may be held."""
        needed = _PAIRS[fingerprint >> self._rest & _PAIR]
        return self._view[fingerprint >> self._shift] & needed == needed
