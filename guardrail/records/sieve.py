"""A table of bits that tells, in memory, most hashes that an index does not hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bits"]

_LOAD = 4
_LEAST, _MOST = 10, 32
_SEVEN = np.uint64(7)
_THREE = np.uint64(3)
_BIT = (1 << np.arange(8)).astype(np.uint8)


class Bits:
    """A bit for each value of the highest bits of a hash, 16 to 32 bits for each hash held."""

    __slots__ = ("_bits", "_shift")

    def __init__(self, hashes: NDArray[np.uint64]) -> None:
        size = min(max(len(hashes).bit_length() + _LOAD, _LEAST), _MOST)
        self._shift = np.uint64(64 - size)
        self._bits = np.zeros(1 << (size - 3), dtype=np.uint8)
        # In order, so those of one byte lie side by side.
        places = hashes >> self._shift
        at = (places >> _THREE).astype(np.int64)
        begins = np.flatnonzero(np.diff(at, prepend=-1))
        held = np.bitwise_or.reduceat(_BIT.take((places & _SEVEN).astype(np.int64)), begins)
        self._bits[at[begins]] = held

    def rows(self, hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Which of the hashes may be held."""
        places = (hashes >> self._shift).astype(np.int64)
        return (self._bits.take(places >> 3) & _BIT.take(places & 7)).nonzero()[0]
