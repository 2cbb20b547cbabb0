"""Stretches of few words repeated, whose grams need not be looked up: they say nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["PERIOD", "dull", "repeats"]

PERIOD = 6
"""A stretch is passed over, where asked for, that repeats 1, 2, 3 or 6 words."""

_BLOCK = 8192


def repeats(hashes: NDArray[np.uint64], gram: int) -> bool:
    """Whether any gram can be dull: so many words in turn stand `PERIOD` words before as well."""
    needed = 2 * gram - PERIOD
    same = np.flatnonzero(hashes[PERIOD:] == hashes[:-PERIOD])
    if needed < 1 or len(same) < needed:
        return needed < 1
    return bool((same[needed - 1 :] - same[: len(same) - needed + 1] == needed - 1).any())


def dull(hashes: NDArray[np.uint64], gram: int) -> NDArray[np.bool_] | None:
    """Grams that lie, with as many words before and after, in one stretch of repeated words.

    None where there are none. What is beyond the ends of the text is taken to go on likewise, so
    that a text has the same ones whole and in pieces.
    """
    count = len(hashes)
    if count < 3 * gram:
        return None
    found = np.zeros(count - gram + 1, dtype=bool)
    for begin in range(0, len(found), _BLOCK):
        low = max(begin - gram, 0)
        part = hashes[low : begin + _BLOCK + 2 * gram]
        if not repeats(part, gram):
            continue
        others = np.concatenate(([0], np.cumsum(part[PERIOD:] != part[:-PERIOD])))
        grams = np.arange(begin, min(begin + _BLOCK, len(found))) - low
        last = np.maximum(np.minimum(grams + 2 * gram, len(part)) - PERIOD, 0)
        first = np.minimum(np.maximum(grams - gram, 0), last)
        found[begin : begin + _BLOCK] = others[last] == others[first]
    return found if found.any() else None
