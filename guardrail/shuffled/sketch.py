"""MinHash of windows of words (Broder 1997), and the keyed values of its bands.

A window of 50 words is its set of pairs of neighbouring words. Under each of 128 permutations the
smallest pair is kept; two windows agree in a permutation as often as their sets overlap (Jaccard).
Two permutations make a band, and of a band only a keyed 16-bit value is ever stored.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key, Prf

__all__ = ["BANDS", "BAND_BITS", "WINDOW", "Sketch"]

WINDOW, BANDS, BAND_BITS = 50, 64, 16

_PAIR, _ROWS = 2, 2
_PERMUTATIONS = BANDS * _ROWS
_PAIRS = WINDOW - _PAIR + 1
_NONE = np.uint32(2**32 - 1)
_TOGETHER = 256


class Sketch:
    """The permutations of one key; shared by all threads."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._numbered = Prf(key.derive("pairs", 16))
        self._valued = Prf(key.derive("bands", 16))

    def pairs(self, hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
        """A keyed 32-bit number for each two neighbouring words."""
        numbers = self._numbered(self._key.grams(hashes, _PAIR))
        return (numbers >> np.uint64(32)).astype(np.uint32)

    def minima(self, pairs: NDArray[np.uint32], stride: int = WINDOW) -> NDArray[np.uint32]:
        """The least number of each permutation in each whole window, `[windows, 128]`.

        Windows begin at every `stride`-th pair; `stride` divides 50. Fewer pairs than a window has,
        but one at least, are one window all the same; a repeated pair counts once.
        """
        factor, summand = self._permutations
        windows = max(len(pairs) - _PAIRS, 0) // stride + 1
        if windows == 1:
            permuted = pairs[:_PAIRS, None] * factor + summand
            return np.minimum.reduce(permuted, axis=0, keepdims=True)
        # Neighbouring windows share blocks of `stride` pairs; the last block lacks its last pair.
        blocks, whole = windows + _PAIRS // stride, _PAIRS // stride
        padded = np.resize(pairs, (blocks, stride))
        total = np.full((blocks, _PERMUTATIONS), _NONE)
        heads = total
        for step, numbers in enumerate(padded.T):
            if step == stride - 1:
                heads = total.copy()
            permuted = numbers[:, None] * factor
            permuted += summand
            np.minimum(total, permuted, out=total)
        least = heads[whole:]
        for step in range(whole):
            np.minimum(least, total[step : step + windows], out=least)
        return least

    def bands(self, pairs: NDArray[np.uint32], stride: int = WINDOW) -> NDArray[np.uint16]:
        """The keyed values of each whole window, `[windows, 64]`, as in `minima`; none of none."""
        if not len(pairs):
            return np.empty((0, BANDS), dtype=np.uint16)
        step = _TOGETHER * stride
        last = max(len(pairs) - _PAIRS, 0) + 1
        parts = (pairs[at : at + step - stride + _PAIRS] for at in range(0, last, step))
        return np.concatenate([self._values(self.minima(part, stride)) for part in parts])

    def _values(self, minima: NDArray[np.uint32]) -> NDArray[np.uint16]:
        rows = minima.astype("<u4", copy=False).view("<u8").ravel()
        numbers = np.tile(np.arange(BANDS, dtype=np.uint64), len(minima))
        values = self._valued(rows, numbers) >> np.uint64(64 - BAND_BITS)
        return values.astype(np.uint16).reshape(-1, BANDS)

    @cached_property
    def _permutations(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Multiplier and summand of each: an odd multiplier permutes the 32-bit numbers."""
        counts = np.arange(_PERMUTATIONS, dtype=np.uint64)
        drawn = Prf(self._key.derive("permute", 16))(counts).copy().view("<u4").reshape(-1, 2)
        return drawn[:, 0] | np.uint32(1), drawn[:, 1].copy()
