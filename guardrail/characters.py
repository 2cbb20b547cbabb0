"""A number for every character, worked out when a character like it is met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Characters"]

_BLOCK = 256


class Characters:
    """Numbers of all code points, 256 of which, from `first` on, `worked_out(first)` tells.

    None of them is `unknown`. Safe to share between threads: what two work out is the same.
    """

    def __init__(
        self, kind: DTypeLike, unknown: int, worked_out: Callable[[int], Sequence[int]]
    ) -> None:
        self._kind, self._unknown, self._worked_out = kind, unknown, worked_out
        self._table: NDArray[Any] | None = None

    def of(self, points: NDArray[np.uint32]) -> NDArray[Any]:
        """The numbers of several characters."""
        # Of two threads that begin at once each goes on with its own table.
        table = self._table
        if table is None:
            table = self._table = np.full(0x110000, self._unknown, dtype=self._kind)
        told = table.take(points)
        unknown = told == self._unknown
        if not unknown.any():
            return told
        for block in np.unique(points[unknown] // _BLOCK).tolist():
            first = block * _BLOCK
            table[first : first + _BLOCK] = self._worked_out(first)
        return table.take(points)

    def one(self, point: int) -> int:
        """The number of one character."""
        table = self._table
        told = self._unknown if table is None else int(table[point])
        if told != self._unknown:
            return told
        return int(self.of(np.array([point], dtype=np.uint32))[0])
