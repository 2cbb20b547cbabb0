"""A bitmap that tells, in memory, most fingerprints that a segment does not hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import FINGERPRINT_BITS

__all__ = ["Sieve"]

_SPARSE = 6
_PIECE = 20


class Sieve:
    """One bit for each value of a fingerprint's highest bits, set where a seed has it.

    About one bit in 64 is set, more only where `room`, in bytes, does not allow it. `table` and
    `rem` are those of a segment with `2**bits` buckets.
    """

    __slots__ = ("_bits", "_shift", "_view")

    def __init__(
        self, table: NDArray[np.uint32], rem: NDArray[np.uint16], bits: int, room: int
    ) -> None:
        size = min(len(rem).bit_length() + _SPARSE, (8 * room).bit_length() - 1, bits + 16)
        size = max(size, bits)
        self._shift = FINGERPRINT_BITS - size
        self._bits = np.empty(1 << size - 3, dtype=np.uint8)
        self._view = self._bits.data
        # Buckets are in order, so the bitmap is made in pieces that lie side by side.
        step = 1 << min(bits, max(0, _PIECE - (size - bits)))
        wide = step << size - bits
        down = np.uint32(bits + 16 - size)
        for first in range(0, 1 << bits, step):
            counts = np.diff(table[first : first + step + 1])
            prints = np.repeat(np.arange(step, dtype=np.uint64) << np.uint64(16), counts)
            prints |= rem[int(table[first]) : int(table[first + step])]
            marked = np.zeros(wide, dtype=bool)
            marked[prints >> down] = True
            begin = first << size - bits >> 3
            self._bits[begin : begin + wide // 8] = np.packbits(marked, bitorder="little")

    def rows(self, prints: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Which of the fingerprints may be held."""
        places = (prints >> np.uint64(self._shift)).astype(np.int64)
        marked = self._bits.take(places >> 3) >> (places & 7).astype(np.uint8)
        return np.flatnonzero(marked & 1)

    def holds(self, fingerprint: int) -> bool:
        """Whether one fingerprint may be held."""
        place = fingerprint >> self._shift
        return bool(self._view[place >> 3] >> (place & 7) & 1)
